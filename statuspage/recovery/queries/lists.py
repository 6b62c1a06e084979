"""A list as one parameter, however long: no limit of parameters is met, and the statement is compiled once."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Select, cast, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session


def packed(texts: Iterable[str]) -> str:
    """Texts as `rows` takes them."""
    return json.dumps(list(texts))


def rows(sent: ColumnElement[str], on_postgresql: bool) -> Select[Any]:  # noqa: FBT001  # said by its only callers
    """What was `packed`, as rows of one column."""
    if on_postgresql:
        return select(func.json_array_elements_text(cast(sent, JSON)).column_valued("value"))
    return select(func.json_each(sent).table_valued("value").c.value)


def among(column: InstrumentedAttribute[int], sent: ColumnElement[str], on_postgresql: bool) -> ColumnElement[bool]:  # noqa: FBT001  # as above
    """Whether a column is one of the `packed` numbers. As an array PostgreSQL looks each up; else it may read all."""
    found = select(cast(rows(sent, on_postgresql).subquery().c.value, BigInteger))
    if on_postgresql:
        return column == func.any(func.array(found.scalar_subquery()))
    return column.in_(found)


def plan_afresh(session: Session) -> None:
    """Until the transaction ends PostgreSQL plans by the size that tables have now.

    A plan kept from when they were empty would read all of them for each batch of a first load.
    """
    if is_postgresql(session):
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
