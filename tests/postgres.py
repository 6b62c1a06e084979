"""A PostgreSQL server for the tests: the one named by STATUSPAGE_TEST_PG_URL, or one started here."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

VARIABLE = "STATUSPAGE_TEST_PG_URL"


def binaries() -> Path | None:
    """Where initdb and postgres lie, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return Path(found).parent if found else next((one for one in folders if (one / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a Unix socket of its own, without fsync; yields its URL and stops it after."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed")
    # PostgreSQL refuses to run as root: use the user that its package made.
    user = "postgres" if os.getuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="sp-pg-"))
    if user:
        os.chown(place, pwd.getpwnam(user).pw_uid, -1)
    data = str(place / "data")
    make = [str(folder / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run([*make, "--no-locale"], check=True, capture_output=True, user=user, cwd=place)
    flags = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", f"unix_socket_directories={place}"]
    flags += ["-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "autovacuum=off"]
    log = (place / "log").open("w")
    process = subprocess.Popen(
        [str(folder / "postgres"), "-D", data, *flags], stdout=log, stderr=log, user=user, cwd=place
    )
    try:
        url = f"postgresql://postgres@/postgres?host={place}"
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        shutil.rmtree(place, ignore_errors=True)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    for _ in range(200):
        try:
            engine.connect().close()
            break
        except Exception:  # noqa: BLE001  # whatever it is, the server is not up yet
            if process.poll() is not None:
                raise RuntimeError("PostgreSQL did not start") from None
            time.sleep(0.05)
    engine.dispose()


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database of this name on the server, dropped after."""
    root = os.environ.get(VARIABLE)
    if root is None:
        with server() as url, another(url, name) as inner:
            yield inner
        return
    with another(root, name) as inner:
        yield inner


@contextmanager
def another(root: str, name: str) -> Iterator[str]:
    """A database of this name on the server of `root`, dropped after."""
    url = make_url(root).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()
