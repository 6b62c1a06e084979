"""Figures as few shapes: 90 days as runs of equal days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from statuspage.panels.rules import Status
from statuspage.uptime.rules import Bar

HALF = 0.5


@dataclass(frozen=True)
class Run:
    """Neighbouring days that look alike: `start` counts days from the left."""

    start: int
    length: int
    first: date
    last: date
    up: float | None
    look: Status


def look(bar: Bar) -> Status:
    """How a day looks: by the share that worked, so that one function down for an hour is no red day."""
    if bar.up is None:
        return Status.UNKNOWN
    if bar.up < 1:
        return Status.MAJOR if bar.up < HALF else Status.PARTIAL
    return bar.worst if bar.worst in (Status.DEGRADED, Status.UNDER_MAINTENANCE) else Status.OPERATIONAL


def runs(bars: Sequence[Bar]) -> tuple[Run, ...]:
    """The bars as runs, oldest first."""
    found = []
    start = 0
    for _, group in groupby(bars, key=_alike):
        days = list(group)
        found.append(Run(start, len(days), days[0].day, days[-1].day, days[0].up, look(days[0])))
        start += len(days)
    return tuple(found)


def _alike(bar: Bar) -> tuple[int | None, Status]:
    """What a reader can tell apart: tenths of a per cent, cut as they are shown."""
    return None if bar.up is None else int(bar.up * 1000), look(bar)


def troubled(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The days below 100 %, the newest first."""
    return tuple(bar for bar in reversed(bars) if bar.up is not None and bar.up < 1)
