"""Hears on PostgreSQL when somebody commits a public change on any machine."""

import threading

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from statuspage.db import CHANNEL

PATIENCE = 2.0
log = structlog.get_logger()


def listen(engine: Engine, heard: threading.Event, stop: threading.Event) -> None:
    """Set `heard` at each commit until `stop`; on another engine there is nothing to hear.

    A lost connection is made again; what was committed meanwhile is for the poll of whoever waits.
    """
    if engine.dialect.name != "postgresql":
        return
    assert engine.dialect.dbapi is not None
    lost = (DBAPIError, engine.dialect.dbapi.Error)
    while not stop.is_set():
        try:
            _listen(engine, heard, stop)
        except lost as error:
            log.warning("listening.lost", error=type(error).__name__)
            stop.wait(PATIENCE)


def _listen(engine: Engine, heard: threading.Event, stop: threading.Event) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        heard.set()
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            while not stop.is_set():
                for _ in driver.notifies(timeout=PATIENCE, stop_after=1):
                    heard.set()
        finally:
            # A pooled connection must not go on hearing.
            connection.invalidate()
