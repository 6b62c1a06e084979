"""How an estimate slips, when it is overdue, how it closes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Protocol


class Subject(StrEnum):
    """What an estimate is about. Public ids: `panel-c`, `panel-a.warehouse`, an incident's id, `panel-c.archive`."""

    PANEL = "panel"
    COMPONENT = "component"
    INCIDENT = "incident"
    STAGE = "stage"


class Precision(StrEnum):
    """How exact the promise is."""

    INSTANT = "instant"
    DAY = "day"
    RANGE = "range"


class Confidence(StrEnum):
    """How sure its source is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Closing(StrEnum):
    """How a promise ended; one that was replaced by a newer is `superseded`."""

    SUPERSEDED = "superseded"
    MET = "met"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class Promise(Protocol):
    """What the rules need to know of an estimate."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def closing(self) -> Closing | None: ...


def is_overdue(promise: Promise, now: datetime) -> bool:
    """Passed, and still open."""
    return promise.closing is None and promise.ends_at <= now


def slips(ledger: Sequence[Promise]) -> int:
    """How often a ledger (oldest first) moved to a later end. An earlier promise is no slip."""
    return sum(later.ends_at > earlier.ends_at for earlier, later in pairwise(ledger))


def closing_at(promise: Promise, back_at: datetime) -> Closing:
    """Met when the thing was back by the promised end, else missed."""
    return Closing.MET if back_at <= promise.ends_at else Closing.MISSED
