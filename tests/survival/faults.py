"""What happens to a database and a disk: somebody else holds it, it is slow, nothing can be written any more."""

import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from tests.survival.places import Place

# Long enough for a waiter of SQLite, which looks every 100 ms, to be let in.
OPENING = 0.25
# One of the tables of each kind of writer, in the order in which they take them.
WRITTEN = "staff_session, api_token, panel_recovery, incident, site"


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """While this lasts nobody else may write; whoever reads may go on."""
    if place.is_sqlite:
        with closing(sqlite3.connect(place.database, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with _postgresql(place) as connection:
        connection.execute(text("BEGIN"))
        connection.execute(text(f"LOCK TABLE {WRITTEN} IN EXCLUSIVE MODE"))
        yield
        connection.execute(text("ROLLBACK"))


@contextmanager
def slow(place: Place, seconds: float = 2.0) -> Iterator[None]:
    """Whoever writes waits up to `seconds` for each transaction."""
    stop = threading.Event()

    def hold() -> None:
        while not stop.wait(OPENING):
            with locked(place):
                stop.wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        stop.set()
        holder.join()


@contextmanager
def read_only(place: Place) -> Iterator[None]:
    """Nothing can be written into the database any more, by those who have it open neither."""
    if place.is_sqlite:
        # A file system cannot be made read-only under open files; these two can.
        files = [str(place.database), f"{place.database}-wal"]
        _or_skip("chattr", "+i", *files)
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *files], check=True)
        return
    name = make_url(place.url).database
    with _postgresql(place) as connection:
        _alter(connection, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        try:
            yield
        finally:
            connection.execute(text("SET default_transaction_read_only = off"))
            _alter(connection, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def _alter(connection: Connection, words: str) -> None:
    """A setting counts for new connections alone: those there are end, as at a fail-over."""
    connection.execute(text(words))
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {}"
    connection.execute(text(others.format("pg_backend_pid()")))


@contextmanager
def _postgresql(place: Place) -> Iterator[Connection]:
    engine = create_engine(make_url(place.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of this size at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _or_skip("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """Fill a disk up to the last byte; returns the file that does."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def _or_skip(*command: str) -> None:
    """Run what only root may, and only where the system has it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"there is no {command[0]} here")
    if done.returncode:
        pytest.skip(f"{command[0]} is impossible here: {done.stderr.strip()}")
