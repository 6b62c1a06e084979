"""Status words and their order; which panel an account lives on, from the day it was created."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """The state of a component, as shown. The last word of `SEVERITY` wins."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    UNKNOWN = "unknown"
    DEGRADED = "degraded_performance"
    PARTIAL = "partial_outage"
    MAJOR = "major_outage"

    @property
    def severity(self) -> int:
        return SEVERITY.index(self)


SEVERITY = tuple(Status)


def worst(statuses: Sequence[Status]) -> Status:
    """The status that speaks for all; nothing at all is operational."""
    return max(statuses, key=lambda status: status.severity, default=Status.OPERATIONAL)


class Window(Protocol):
    """The days on which a panel's accounts were created, inclusive; None is open."""

    @property
    def accounts_from(self) -> date | None: ...
    @property
    def accounts_until(self) -> date | None: ...


def covers(window: Window, first: date, last: date) -> bool:
    """Whether the window has a day in common with first … last."""
    starts_in_time = window.accounts_from is None or window.accounts_from <= last
    ends_late_enough = window.accounts_until is None or window.accounts_until >= first
    return starts_in_time and ends_late_enough


def overlap(one: Window, other: Window) -> bool:
    """Whether a day belongs to both windows, which is forbidden."""
    return covers(one, other.accounts_from or date.min, other.accounts_until or date.max)


def in_words(window: Window) -> str:
    """The first and the last day, for staff."""
    return f"{window.accounts_from or '…'} – {window.accounts_until or '…'}"


@dataclass(frozen=True)
class Created:
    """The days a reader named: one day, or a whole month."""

    first: date
    last: date

    @property
    def is_month(self) -> bool:
        return self.first != self.last


class NoSuchDay(ValueError):
    """The words name no day: 30 February, a typo."""


def parse_created(words: str) -> Created:
    """`YYYY-MM-DD` or `YYYY-MM`. Raises `NoSuchDay`."""
    found = re.fullmatch(r"\s*([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?\s*", words)
    if not found:
        raise NoSuchDay(words)
    year, month, day = int(found[1]), int(found[2]), found[3]
    try:
        if day:
            exact = date(year, month, int(day))
            return Created(exact, exact)
        return Created(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except ValueError:
        raise NoSuchDay(words) from None


SLUG = r"[a-z0-9][a-z0-9-]{0,39}"
RESERVED = {"new", "functions"}
ADDRESS = re.compile(r"https?://[^\s/?#]+\S*")


@dataclass(frozen=True)
class Days:
    """A window that nobody has saved yet."""

    accounts_from: date | None
    accounts_until: date | None

    @property
    def are_in_order(self) -> bool:
        return not (self.accounts_from and self.accounts_until) or self.accounts_from <= self.accounts_until


def is_slug(words: str) -> bool:
    """Whether a panel or function may have this name in addresses."""
    return re.fullmatch(SLUG, words) is not None and words not in RESERVED


def is_address(words: str) -> bool:
    """Whether a reader can be sent there: http(s) alone, never `javascript:`."""
    return ADDRESS.fullmatch(words) is not None and len(words) <= 500
