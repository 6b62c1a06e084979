"""Hearing of commits elsewhere: a connection that is lost is made again."""

import threading

import pytest
from flask import Flask
from sqlalchemy import text

from statuspage import db, listening
from statuspage.listening import listen
from tests.processes import until


def test_on_sqlite_there_is_nothing_to_hear(request: pytest.FixtureRequest, app: Flask) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("about SQLite")
    heard = threading.Event()
    listen(db.db.engine, heard, threading.Event())
    assert not heard.is_set()


def test_a_lost_connection_is_made_again(
    request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.config.getoption("--database") != "postgresql":
        pytest.skip("about PostgreSQL")
    monkeypatch.setattr(listening, "PATIENCE", 0.1)
    heard, stop, engine = threading.Event(), threading.Event(), db.db.engine
    thread = threading.Thread(target=listen, args=(engine, heard, stop))
    thread.start()
    for _ in range(2):
        assert heard.wait(10), "a connection made anew says so, as something may have been missed"
        heard.clear()
        with db.transaction():
            pass
        assert heard.wait(10)
        heard.clear()
        until(cut, 10)
    assert heard.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def cut() -> int:
    """End the connections that listen; how many there were."""
    found = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    )
    with db.reading() as session:
        return len(session.execute(text(found)).all())
