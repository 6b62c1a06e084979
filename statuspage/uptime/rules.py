"""The formula of uptime, stated on the page: degraded counts as up, partial as half, major as down;
maintenance and unknown are left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import floor
from zoneinfo import ZoneInfo

from statuspage.panels.rules import Status


@dataclass(frozen=True)
class Seconds:
    """Seconds per status in some stretch of time."""

    operational: int = 0
    degraded: int = 0
    partial: int = 0
    major: int = 0
    maintenance: int = 0
    unknown: int = 0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def known(self) -> int:
        """Seconds that count: somebody looked, and no planned work was going on."""
        return self.operational + self.degraded + self.partial + self.major

    @property
    def share_up(self) -> float | None:
        """0 … 1, or None when nobody looked all the time."""
        return (self.operational + self.degraded + self.partial / 2) / self.known if self.known else None


@dataclass(frozen=True)
class Bar:
    """One day of a panel: the share of time it was up (None: nobody looked), its worst status, the seconds known."""

    day: date
    up: float | None
    worst: Status
    known: int = 0


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day of the zone begins and ends, in UTC: 23 or 25 hours apart where the clocks change."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    return start, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def spent(stretches: Iterable[tuple[Status, datetime, datetime]], start: datetime, end: datetime) -> dict[Status, int]:
    """Whole seconds per status between two moments, of stretches that do not overlap.

    Each stretch counts from second to second, so that neighbours share no second and lose none.
    """
    seconds: dict[Status, int] = {}
    for status, began, ended in stretches:
        first, last = max(began, start), min(ended, end)
        if first < last:
            seconds[status] = seconds.get(status, 0) + floor(last.timestamp()) - floor(first.timestamp())
    return {status: count for status, count in seconds.items() if count}
