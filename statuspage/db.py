"""The database: engine, base of the models, and `transaction()`, the only place that commits.

An edge (a view, a job, a command) opens one transaction, calls one action and answers.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, Integer, MetaData, TypeDecorator, event, text, update
from sqlalchemy.engine import URL, Connection, Dialect, Engine, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from statuspage import clock
from statuspage.errors import Conflict, Unavailable
from statuspage.i18n import noop

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LOCK_WAIT_MS = 5000
# Whoever only tries something out does not hold up those who write.
REHEARSAL_PATIENCE = 0.5
# A server that no longer answers is noticed within about ten seconds, also while an answer is waited for.
SILENCE = {"tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
POSTGRES_DEADLINES = f"-c lock_timeout={2 * LOCK_WAIT_MS} -c idle_in_transaction_session_timeout=60000"
CHANNEL = "statuspage"
READ_ONLY = "25006"  # of PostgreSQL: a standby, or a server that was set so
CHANGED = noop("Somebody else changed this in the meantime. Nothing was overwritten.")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; stored in UTC on both engines (SQLite has no zones of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(values: type[StrEnum]) -> Enum:
    """A column type for a closed set of words, stored as the words themselves."""
    return Enum(values, native_enum=False, length=32, values_callable=lambda kinds: [kind.value for kind in kinds])


# SQLite counts rows up by itself only for its own INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Model(DeclarativeBase):
    """The base of all rows. (`db.Model` does not pass mypy strict.)"""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class Site(Model):
    """The one row about the site as a whole."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    story_offset_seconds: Mapped[float] = mapped_column(default=0.0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    impaired_from: Mapped[datetime | None]
    impaired_until: Mapped[datetime | None]


db = SQLAlchemy(metadata=Model.metadata)
_condition: ContextVar[Callable[[Session], None] | None] = ContextVar("condition", default=None)


def connect(app: Flask, url: str) -> None:
    """Bind the app to its database; nothing is opened or created yet."""
    app.config["SQLALCHEMY_DATABASE_URI"] = _existing_only(make_url(url))
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(make_url(url))
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _engine_options(url: URL) -> dict[str, Any]:
    """On PostgreSQL whatever waits has a deadline; what the URL says itself stays."""
    if url.get_backend_name() != "postgresql":
        return {}
    deadlines = {"connect_timeout": 5, "options": POSTGRES_DEADLINES, **SILENCE}
    asked = {name: value for name, value in deadlines.items() if name not in url.query}
    return {"pool_pre_ping": True, "connect_args": asked}


def _existing_only(url: URL) -> URL:
    """An SQLite URL in mode=rw: opening a deleted database must fail, not make an empty one."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    path = url.database.removeprefix("file:")
    return url.set(database=f"file:{path}", query={"mode": "rw", "uri": "true"})


def sqlite_path(engine: Engine) -> Path | None:
    """The database file, or None on another engine."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database.removeprefix("file:"))


def create_file(engine: Engine) -> None:
    """Make the empty SQLite file: asked for by `db upgrade`, `init` and `demo` alone."""
    path = sqlite_path(engine)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(dbapi: Any, record: Any) -> None:
        # pysqlite's own BEGIN loses updates between processes; ours is emitted below.
        dbapi.isolation_level = None
        record.info["inode"] = _inode(engine)
        cursor = dbapi.cursor()
        for pragma in (
            f"busy_timeout={LOCK_WAIT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        # A connection that was opened while nothing could be written stays read-only when the disk has healed.
        code = getattr(context.original_exception, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            context.is_disconnect = True


def _inode(engine: Engine) -> int | None:
    path = sqlite_path(engine)
    try:
        return path.stat().st_ino if path else None
    except FileNotFoundError:
        return None


def _refuse_ghost(connection: Connection) -> None:
    """An open WAL connection to a deleted file goes on acknowledging commits into nothing."""
    if connection.dialect.name == "sqlite" and connection.connection.info.get("inode") != _inode(connection.engine):
        connection.invalidate()
        raise Unavailable("The database is gone. Nothing was saved; please try again in a moment.")


def _wait_at_most(connection: Connection, patience: float | None) -> None:
    """How long this use of a pooled SQLite connection waits for the write lock."""
    if connection.dialect.name == "sqlite":
        wait = LOCK_WAIT_MS if patience is None else int(patience * 1000)
        if connection.connection.info.get("wait", LOCK_WAIT_MS) != wait:
            connection.connection.cursor().execute(f"PRAGMA busy_timeout={wait}")
            connection.connection.info["wait"] = wait


def same_version(found: int, expected: int | None) -> None:
    """Refuse to write over what the writer has not seen; `None` is said by who need not have looked."""
    if expected is not None and found != expected:
        raise Conflict(
            noop("Somebody else changed this in the meantime. Nothing was overwritten: compare and send again.")
        )


@contextmanager
def transaction(*, quiet: bool = False, patience: float | None = None) -> Iterator[Session]:
    """One write transaction: commits at the end, rolls back on any error.

    Every write moves the site's revision, so that the publisher looks; `quiet` says that no reader
    of the public page can see the difference (sessions, raw probe results, bulk reports between
    two progress points); `patience` is how many seconds to wait for a lock.
    Raises `Unavailable` when the database is gone, locked, full or read-only.
    """
    condition = _condition.get()
    with _session(writes=True, patience=patience) as session:
        if condition is not None:
            condition(session)
        yield session
        session.flush()
        if not quiet:
            touch(session)
        session.commit()


@contextmanager
def rehearsal() -> Iterator[Session]:
    """A write transaction that is always undone: what it shows is what a real one would have done."""
    with _session(writes=True, patience=REHEARSAL_PATIENCE) as session:
        yield session
        session.flush()
        # A rollback forgets what was loaded; rows let go before it can still be read by a page.
        session.expunge_all()
        session.rollback()


@contextmanager
def only_while(condition: Callable[[Session], None]) -> Iterator[None]:
    """Each write transaction begun in here first asks `condition`, which raises where we may write no longer."""
    before = _condition.set(condition)
    try:
        yield
    finally:
        _condition.reset(before)


def touch(session: Session) -> None:
    """Say inside a quiet transaction that a reader of the public page can see the difference after all."""
    session.execute(update(Site).values(revision=Site.revision + 1, changed_at=clock.now()))
    if session.get_bind().dialect.name == "postgresql":
        # Heard at the commit by every machine that publishes; who misses it looks a second later.
        session.execute(text(f"NOTIFY {CHANNEL}"))


@contextmanager
def reading() -> Iterator[Session]:
    """One read transaction (one consistent view); never takes the write lock."""
    with _session(writes=False) as session:
        yield session
        # A rollback forgets what was loaded; rows let go before it can still be read by a page.
        session.expunge_all()
        session.rollback()


@contextmanager
def _session(*, writes: bool, patience: float | None = None) -> Iterator[Session]:
    try:
        isolation = {} if writes or db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with db.engine.connect().execution_options(writes=writes, **isolation) as connection:
            _refuse_ghost(connection)
            _wait_at_most(connection, patience)
            with Session(connection, expire_on_commit=False) as session:
                if patience is not None and connection.dialect.name == "postgresql":
                    session.execute(text(f"SET LOCAL lock_timeout = {int(patience * 1000)}"))
                yield session
            if writes:
                _refuse_ghost(connection)
    except StaleDataError as error:
        raise Conflict(CHANGED) from error
    except OperationalError as error:
        raise Unavailable("The database cannot be used right now. Nothing was saved; please try again.") from error
    except DBAPIError as error:
        # SQLite says with the bare class that the file is damaged, or no database at all; PostgreSQL calls it an
        # internal error that it takes no writes just now.
        read_only = getattr(error.orig, "sqlstate", None) == READ_ONLY
        if error.connection_invalidated or read_only or type(error.orig) is sqlite3.DatabaseError:
            raise Unavailable("The database went away. Nothing was saved; please try again.") from error
        raise
