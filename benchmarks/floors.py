"""The floor under a bulk load: the same rows written bare, with the driver alone and nothing that keeps them true."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import make_url

AT_ONCE = 5_000
TABLE = (
    "CREATE TABLE bare (account_id BIGINT, stage VARCHAR(32), state VARCHAR(32), done BIGINT, total BIGINT, "
    "sequence BIGINT, at VARCHAR(32), PRIMARY KEY (account_id, stage))"
)
Row = tuple[int, str, str, int, int, int, str]


def rows(accounts: int) -> Iterator[list[Row]]:
    for start in range(0, accounts, AT_ONCE):
        numbers = range(start, min(accounts, start + AT_ONCE))
        yield [(one, "orders", "running", 1200, 4000, 17, "2021-03-22 12:58:00.000000") for one in numbers]


def executed(folder: Path, accounts: int) -> float:
    """Rows a second of `executemany` on SQLite, durable like ours."""
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(TABLE)
        started = time.perf_counter()
        for some in rows(accounts):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?)", some)
            connection.execute("COMMIT")
        return accounts / (time.perf_counter() - started)


def copied(url: str, accounts: int) -> float:
    """Rows a second of COPY on PostgreSQL."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        connection.execute(TABLE)
        connection.commit()
        started = time.perf_counter()
        for some in rows(accounts):
            with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)
            connection.commit()
        return accounts / (time.perf_counter() - started)
