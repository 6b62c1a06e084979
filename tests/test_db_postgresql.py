"""The database's edge on PostgreSQL: a server that is lost, waits too long, or takes no writes."""

import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from statuspage import db
from statuspage.app import create_app
from statuspage.errors import Unavailable
from statuspage.settings import load
from tests import postgres
from tests.test_db import add_one, add_one_and, revision


@pytest.fixture(autouse=True)
def on_postgresql(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--database") != "postgresql":
        pytest.skip("about PostgreSQL")


def test_a_lost_server_is_unavailable(tmp_path: Path) -> None:
    with postgres.server() as url:
        app = create_app(load(instance_dir=tmp_path, database_url=url, secret_key="x" * 32))
        with app.app_context():
            db.Model.metadata.create_all(db.db.engine)
            with db.transaction() as session:
                session.add(db.Site(id=1))
            with pytest.raises(Unavailable):
                add_one_and(lambda session: session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
            with db.transaction() as session:
                assert session.scalar(select(db.Site.story_offset_seconds)) == 0
            db.db.engine.dispose()
    with app.app_context():
        with pytest.raises(Unavailable), db.transaction():
            pass
        with pytest.raises(Unavailable), db.reading():
            pass
        db.db.engine.dispose()


def test_a_row_that_another_holds_is_waited_for_with_a_deadline(app: Flask) -> None:
    with db.reading() as session:
        assert session.scalar(text("SHOW lock_timeout")) == "10s"
    with db.transaction() as holder:
        add_one(holder)
        holder.flush()
        thread = threading.Thread(target=_try_to_write, args=(app, failed := []))
        thread.start()
        thread.join(10)
    assert [type(one) for one in failed] == [Unavailable]


def test_a_server_that_falls_silent_is_given_up_within_seconds(app: Flask) -> None:
    with db.db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        told = driver.info.get_parameters()
    assert int(told["tcp_user_timeout"]) == 10_000
    idle, interval, tries = (int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * tries <= 12


def test_who_is_impatient_does_not_wait_for_a_row_on_postgresql(app: Flask) -> None:
    with db.transaction() as holder:
        add_one(holder)
        holder.flush()
        started = time.monotonic()
        with pytest.raises(Unavailable), db.transaction(patience=0.05):
            pass
        assert time.monotonic() - started < 5
    with db.reading() as session:
        assert session.scalar(text("SHOW lock_timeout")) == "10s"


def test_a_server_that_takes_no_writes_is_unavailable(app: Flask) -> None:
    with pytest.raises(Unavailable), db.transaction() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
    assert revision() >= 0


def _try_to_write(app: Flask, failed: list[Exception]) -> None:
    try:
        with app.app_context(), db.transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            add_one(session)
    except Unavailable as error:
        failed.append(error)
