"""The scenario's texts as data, cut off at a moment: nothing that was said later."""

import tomllib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from statuspage.texts.rules import Prose, Texts, prose, texts

Row = dict[str, Any]
FOLDER = Path(__file__).parent / "scenario"
ZONE = ZoneInfo("Europe/Warsaw")
OPENING_TIME = time(14, 5)
OPENING = datetime.combine(date(2021, 3, 22), OPENING_TIME, ZONE)
FIRST, LAST = date(2021, 3, 9), date(2021, 3, 31)
FAMILY = UUID("5b7c2f0e-7d1a-5f3e-9a55-20210310004a")


@cache
def read(name: str) -> Row:
    """One of the scenario's files; not to be changed by whoever reads it."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def until(rows: Iterable[Row], now: datetime, key: str = "at") -> list[Row]:
    """The rows that were there at `now`, in the order in which they came."""
    return sorted((row for row in rows if row[key] <= now), key=lambda row: row[key])


def stable_id(*parts: object) -> UUID:
    """The same id at every load, so that a feed's reader knows the entries again."""
    return uuid5(FAMILY, "/".join(map(str, parts)))


def short(row: Row | None) -> Texts | None:
    return texts(row) if row else None


def long(row: Row) -> Prose:
    return prose(row)


def midnight(day: date, *, after: bool = False) -> datetime:
    """The start of a day in Warsaw, or its end."""
    return datetime.combine(day + timedelta(days=after), time(), ZONE)


def value(points: Iterable[Any], now: datetime) -> int:
    """A curve at `now`: a straight line between two points, level before the first and after the last."""
    return row_of(((at, (amount,)) for at, amount in points), now)[0]


def row_of(points: Iterable[tuple[datetime, tuple[int, ...]]], now: datetime) -> tuple[int, ...]:
    """Several curves with common points, at `now`. Nothing at all is one zero."""
    before: tuple[datetime, tuple[int, ...]] | None = None
    for at, amounts in points:
        if at > now:
            if before is None:
                return amounts
            share = (now - before[0]) / (at - before[0])
            return tuple(old + int((new - old) * share) for old, new in zip(before[1], amounts, strict=True))
        before = at, amounts
    return before[1] if before else (0,)
