"""90 days as few shapes: runs of equal days are one rectangle, and a table lists only days below 100 %."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from statuspage.panels.rules import Status
from statuspage.uptime.rules import Bar


@dataclass(frozen=True)
class Run:
    """Neighbouring days that look alike: `start` counts days from the left."""

    start: int
    length: int
    first: date
    last: date
    up: float | None
    worst: Status


def runs(bars: Sequence[Bar]) -> tuple[Run, ...]:
    """The bars as runs, oldest first."""
    found = []
    start = 0
    for _, group in groupby(bars, key=_look):
        days = list(group)
        found.append(Run(start, len(days), days[0].day, days[-1].day, days[0].up, days[0].worst))
        start += len(days)
    return tuple(found)


def _look(bar: Bar) -> tuple[int | None, Status]:
    """What a reader can tell apart: tenths of a per cent, cut as they are shown."""
    return None if bar.up is None else int(bar.up * 1000), bar.worst


def troubled(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The days below 100 %, the newest first."""
    return tuple(bar for bar in reversed(bars) if bar.up is not None and bar.up < 1)
