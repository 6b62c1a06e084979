"""A list as one parameter, however long: no limit of parameters is met, and the statement is compiled once."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Select, String, cast, func, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session


def listed(session: Session, texts: Iterable[str]) -> Select[Any]:
    """The texts as rows of one column."""
    sent = literal(json.dumps(list(texts)), String)
    if _is_postgresql(session):
        return select(func.json_array_elements_text(cast(sent, JSON)).column_valued("value"))
    return select(func.json_each(sent).table_valued("value").c.value)


def among(session: Session, column: InstrumentedAttribute[int], numbers: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column is one of the numbers. As an array PostgreSQL looks each up; else it may read all rows."""
    found = select(cast(listed(session, map(str, numbers)).subquery().c.value, BigInteger))
    if _is_postgresql(session):
        return column == func.any(func.array(found.scalar_subquery()))
    return column.in_(found)


def plan_afresh(session: Session) -> None:
    """Until the transaction ends PostgreSQL plans by the size that tables have now.

    A plan kept from when they were empty would read all of them for each batch of a first load.
    """
    if _is_postgresql(session):
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
