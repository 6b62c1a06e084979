"""`statuspage backup` and `restore`: one file that holds the whole SQLite database, and the way back."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

import click
from sqlalchemy import make_url

from statuspage import clock, serving
from statuspage.commands.context import fail, settings
from statuspage.publishing.store import Store
from statuspage.serving import Refused
from statuspage.settings import Settings

# SQLite finds a database's log by its name: what is set aside takes its own along.
PARTS = ("", "-wal", "-shm")
file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@file_argument
def backup(file: Path) -> None:
    """Copy the running database into FILE, which must not exist yet."""
    path = _database(settings(), "pg_dump --format=custom --file=FILE")
    if file.exists():
        fail(f"{file} exists already: a backup never overwrites one, choose another name")
    if not path.is_file():
        fail(f"there is no database at {path}: check STATUSPAGE_DATABASE_URL")
    with _told(f"cannot copy {path} to {file}"), _draft(file) as draft:
        _copy(path, draft)
        os.link(draft, file)  # refuses, as a rename does not, when somebody made FILE meanwhile
        _sync(file.parent)
    click.echo(f"The database is in {file} ({file.stat().st_size:,} bytes). It holds secrets: keep it private.")


@click.command()
@file_argument
def restore(file: Path) -> None:
    """Put the database of FILE in the place of today's, which is kept beside it."""
    chosen = settings()
    path = _database(chosen, "pg_restore --clean --dbname=NAME FILE")
    if not file.is_file():
        fail(f"there is no file {file}")
    try:
        with serving.only_one(chosen.instance_dir):
            kept = _replace(file, path, Store(chosen.published).follow().revision)
    except Refused as refused:
        fail(str(refused))
    click.echo(f"The database is restored from {file}." + (f" The one before is kept as {kept}." if kept else ""))
    click.echo("Bring it up to date and show it with: statuspage db upgrade && statuspage publish")


def _replace(file: Path, path: Path, published: int) -> Path | None:
    """Where the replaced database is kept now. `published` is the revision that readers see."""
    with _told(f"cannot restore {file} to {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _draft(path) as draft:
            _copy(file, draft, newer_than=published)
            kept = _set_aside(path)
            draft.replace(path)
            _sync(path.parent)
    return kept


def _database(chosen: Settings, instead: str) -> Path:
    url = make_url(chosen.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        fail(f"this site lives in PostgreSQL: use its own tools, like {instead}")
    return Path(url.database.removeprefix("file:"))


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A failure ends the command with one line; nothing was changed."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        fail(f"{what} ({error}): nothing was changed")


@contextmanager
def _draft(beside: Path) -> Iterator[Path]:
    """A new private file in the same folder; gone afterwards unless it was moved into its place."""
    draft = beside.with_name(f".{beside.name}-{token_hex(8)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield draft
    finally:
        for part in PARTS:
            draft.with_name(draft.name + part).unlink(missing_ok=True)


def _copy(source: Path, target: Path, newer_than: int | None = None) -> None:
    """A whole, checked copy of a database that may be in use, in one file without a log.

    `newer_than` gives the copy a later revision: the publisher never replaces a page by an older one.
    """
    with closing(_opened(source)) as old, closing(_opened(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")
        if (found := new.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
        known = new.execute("SELECT revision FROM site").fetchone()
        if known is None:
            raise sqlite3.DatabaseError("it holds no site")
        if newer_than is not None:
            with new:
                new.execute("UPDATE site SET revision = ?", (max(known[0], newer_than) + 1,))
    _sync(target)


def _opened(path: Path) -> sqlite3.Connection:
    """An existing database: a name that was mistyped must not make an empty one."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)


def _set_aside(path: Path) -> Path | None:
    kept = path.with_name(f"{path.name}.before-restore-{clock.wall():%Y%m%dT%H%M%S%f}")
    found = [part for part in PARTS if path.with_name(path.name + part).exists()]
    for part in found:
        path.with_name(path.name + part).rename(kept.with_name(kept.name + part))
    return kept if "" in found else None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
