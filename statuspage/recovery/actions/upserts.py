"""Writes many rows in one statement: those whose key is there are replaced, the others are added."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.orm import Session

Row = tuple[Any, ...]
POSTGRESQL = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so


def upsert(session: Session, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the rows, no two of one key, in the order of their keys: both engines write neighbours faster.

    Each engine gets them as it takes them fastest; times are to be given as `moment` writes them.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sent = json.dumps([dict(zip(columns, row, strict=True)) for row in rows])
        connection.exec_driver_sql(_postgresql(table, tuple(columns)), (sent,))
    else:
        connection.exec_driver_sql(_sqlite(table, tuple(columns)), list(rows))


def moment(at: datetime) -> str:
    """A time as SQLite keeps it; PostgreSQL is told with the type of the column that it is UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache
def _sqlite(table: Table, columns: tuple[str, ...]) -> str:
    return _statement(table, columns, f"VALUES ({', '.join('?' for _ in columns)})")


@lru_cache
def _postgresql(table: Table, columns: tuple[str, ...]) -> str:
    kinds = {name: table.c[name].type.compile(POSTGRESQL) for name in columns}
    utc = {name: f"\"{name}\" AT TIME ZONE 'UTC'" for name, kind in kinds.items() if kind.endswith("TIME ZONE")}
    taken = ", ".join(utc.get(name, f'"{name}"') for name in columns)
    given = ", ".join(f'"{name}" {"TIMESTAMP" if name in utc else kind}' for name, kind in kinds.items())
    source = f"SELECT {taken} FROM json_to_recordset(%s::json) AS sent({given})"  # noqa: S608  # names of our own
    return _statement(table, columns, source)


def _statement(table: Table, columns: tuple[str, ...], source: str) -> str:
    key = [column.name for column in table.primary_key]
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    named = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table.name} ({named}) {source} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {replaced}"
