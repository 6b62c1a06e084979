"""The database's edge: one committer, no lost update, no write into a file that is gone."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import IntegrityError

from statuspage import db
from statuspage.app import create_app
from statuspage.errors import Unavailable
from statuspage.settings import Settings
from statuspage.web import policy
from statuspage.web.site import Site
from tests.processes import ROOT
from tests.races import together


@pytest.fixture
def on_sqlite(settings: Settings) -> Path:
    """The database file; the test is about what only SQLite does."""
    if not settings.database.startswith("sqlite"):
        pytest.skip("about SQLite's file")
    return Path(settings.database.removeprefix("sqlite:///"))


def revision() -> int:
    with db.reading() as session:
        return session.scalar(select(db.Site.revision)) or 0


def add_one(session: Any) -> None:
    """Read, then write: what loses updates without a lock."""
    site = session.scalar(select(db.Site).with_for_update())
    site.story_offset_seconds += 1


def add_one_and(then: Callable[[Any], object]) -> None:
    """A transaction in which something else happens after the write."""
    with db.transaction() as session:
        add_one(session)
        session.flush()
        then(session)


def test_a_write_moves_the_revision_and_a_quiet_one_does_not(app: Flask) -> None:
    before = revision()
    with db.transaction() as session:
        add_one(session)
    with db.transaction(quiet=True) as session:
        add_one(session)
    assert revision() == before + 1


def test_an_error_rolls_everything_back(app: Flask) -> None:
    before = revision()
    with pytest.raises(ZeroDivisionError):
        add_one_and(lambda session: session.scalar(text("SELECT 1")) / 0)
    with db.reading() as session:
        assert session.scalar(select(db.Site.story_offset_seconds)) == 0
    assert revision() == before


def test_what_is_written_in_a_reading_is_never_kept(app: Flask) -> None:
    with db.reading() as session:
        session.execute(update(db.Site).values(story_offset_seconds=5))
    with db.reading() as session:
        assert session.scalar(select(db.Site.story_offset_seconds)) == 0


def test_a_broken_rule_of_the_schema_is_not_called_an_outage(app: Flask) -> None:
    with pytest.raises(IntegrityError), db.transaction() as session:
        session.add(db.Site(id=1))


def test_reading_sees_one_moment(app: Flask) -> None:
    with db.reading() as session:
        before = session.scalar(select(db.Site.revision))
        thread = threading.Thread(target=_write_once, args=(app,))
        thread.start()
        thread.join()
        assert session.scalar(select(db.Site.revision)) == before
    assert revision() == (before or 0) + 1


def _write_once(app: Flask) -> None:
    with app.app_context(), db.transaction():
        pass


def test_threads_lose_no_update(app: Flask) -> None:
    results = together(app, *[add_one] * 8)
    assert results == [None] * 8
    with db.reading() as session:
        assert session.scalar(select(db.Site.story_offset_seconds)) == 8


COUNTER = """
import sys
from statuspage import db
from statuspage.app import create_app
from statuspage.settings import load
from tests.test_db import add_one
app = create_app(load(instance_dir=sys.argv[1], database_url=sys.argv[2], secret_key="x" * 32))
with app.app_context():
    for _ in range(100):
        with db.transaction() as session:
            add_one(session)
"""


@pytest.mark.process
def test_processes_lose_no_update(app: Flask, settings: Settings, database_url: str) -> None:
    command = [sys.executable, "-c", COUNTER, str(settings.instance_dir), database_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    counters = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(2)]
    assert [one.wait(60) for one in counters] == [0, 0]
    with db.reading() as session:
        assert session.scalar(select(db.Site.story_offset_seconds)) == 200


def test_a_deleted_database_refuses_reads_and_writes_and_is_not_made_anew(app: Flask, on_sqlite: Path) -> None:
    revision()
    for path in on_sqlite.parent.glob("statuspage.db*"):
        path.unlink()
    for _ in range(3):
        with pytest.raises(Unavailable), db.transaction():
            pass
        with pytest.raises(Unavailable), db.reading():
            pass
    assert list(on_sqlite.parent.glob("statuspage.db*")) == []


def test_a_commit_into_a_file_deleted_meanwhile_is_not_acknowledged(app: Flask, on_sqlite: Path) -> None:
    with pytest.raises(Unavailable):
        add_one_and(lambda _: on_sqlite.unlink())
    assert not on_sqlite.exists()


def test_a_damaged_database_is_unavailable_and_no_fault_of_the_request(app: Flask, on_sqlite: Path) -> None:
    db.db.engine.dispose()
    on_sqlite.write_bytes(b"no database at all" * 500)
    with pytest.raises(Unavailable), db.reading():
        pass
    with pytest.raises(Unavailable), db.transaction():
        pass


def test_a_database_that_comes_back_is_used_again(app: Flask, on_sqlite: Path) -> None:
    before = revision()
    kept = on_sqlite.with_suffix(".kept")
    on_sqlite.rename(kept)
    with pytest.raises(Unavailable), db.transaction():
        pass
    kept.rename(on_sqlite)
    with db.transaction():
        pass
    assert revision() == before + 1


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    engine = create_engine(settings.database, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        yield
        other.execute(text("ROLLBACK"))
    engine.dispose()


def test_a_locked_database_is_unavailable_for_writes_and_readable(
    app: Flask, on_sqlite: Path, settings: Settings
) -> None:
    with locked(settings):
        with pytest.raises(Unavailable), db.transaction(patience=0.05):
            pass
        assert revision() >= 0
    with db.transaction():
        pass


def test_impatience_is_not_inherited_by_the_next_use_of_the_connection(app: Flask, on_sqlite: Path) -> None:
    with db.transaction(patience=0.05):
        pass
    with db.transaction() as session:
        assert session.scalar(text("PRAGMA busy_timeout")) == db.LOCK_WAIT_MS


def test_a_read_only_database_is_unavailable_for_writes(app: Flask, on_sqlite: Path) -> None:
    with db.reading() as session:
        session.execute(text("PRAGMA query_only=ON"))
    with pytest.raises(Unavailable), db.transaction():
        pass


def test_a_connection_opened_while_nothing_could_be_written_is_let_go_of(app: Flask, on_sqlite: Path) -> None:
    db.db.engine.dispose()
    with locked_away(on_sqlite), pytest.raises(Unavailable), db.transaction():
        pass
    with db.transaction():
        pass


@contextmanager
def locked_away(database: Path) -> Iterator[None]:
    """Writable for nobody, root included."""
    with sqlite3.connect(database) as other:
        other.execute("PRAGMA user_version")  # keeps the log and its shared memory there
        if subprocess.run(["chattr", "+i", database], capture_output=True, check=False).returncode:
            pytest.skip("this file system has no attributes")
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", database], check=True)
    other.close()


@policy.public
def write() -> str:
    with db.transaction():
        pass
    return "saved"


def test_with_the_database_deleted_under_load_pages_stay_and_writes_are_503(
    app: Flask, scene: Site, client: FlaskClient, on_sqlite: Path
) -> None:
    app.add_url_rule("/write", "write", write, methods=["POST"])
    assert client.post("/write").data == b"saved"
    stop, wrong = threading.Event(), []
    threads = [threading.Thread(target=_read_pages, args=(app, stop, wrong)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for path in on_sqlite.parent.glob("statuspage.db*"):
        path.unlink()
    answers = [client.post("/write") for _ in range(5)]
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [answer.status_code for answer in answers] == [503] * 5
    assert answers[0].headers["Retry-After"] == "5"
    assert "14:05" in client.get("/").text
    assert list(on_sqlite.parent.glob("statuspage.db*")) == []


def _read_pages(app: Flask, stop: threading.Event, wrong: list[Any]) -> None:
    reader = app.test_client()
    while not stop.is_set():
        for path in ("/", "/en/", "/history.atom", "/api/v2/summary.json"):
            answer = reader.get(path)
            if answer.status_code != 200:
                wrong.append((path, answer.status_code))


def test_a_start_without_the_database_serves_the_last_good_page(
    scene: Site, settings: Settings, on_sqlite: Path
) -> None:
    before = scene.store.current.pages["/"].body()
    for path in on_sqlite.parent.glob("statuspage.db*"):
        path.unlink()
    started = create_app(settings)
    started.extensions["statuspage"].store.follow()
    assert started.test_client().get("/").data == before
    assert started.extensions["statuspage"].snapshot() == scene.snapshot()
    assert not on_sqlite.exists()
