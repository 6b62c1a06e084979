"""The formula of uptime, stated on the page: degraded counts as up, partial as half, major as down;
maintenance and unknown are left out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from math import floor
from struct import Struct
from zoneinfo import ZoneInfo

from statuspage.panels.rules import Status

DAYS = 90
SIX = Struct("<6I")
STRIP = DAYS * SIX.size


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


@dataclass(frozen=True)
class Month:
    """A month as far as the bars reach: the first and the last of its days among them, its share and known seconds."""

    first: date
    last: date
    up: float | None
    known: int

    @property
    def is_whole(self) -> bool:
        """Whether its first day is among them; its last may be yet to come."""
        return self.first.day == 1


def months(bars: Iterable[Bar]) -> Iterator[Month]:
    """The bars by month, the oldest first."""
    for _, group in groupby(bars, key=lambda bar: (bar.day.year, bar.day.month)):
        days = tuple(group)
        known = sum(bar.known for bar in days)
        up = sum(bar.up * bar.known for bar in days if bar.up is not None)
        yield Month(days[0].day, days[-1].day, up / known if known else None, known)


def pack(days: Mapping[date, Seconds], until: date) -> bytes:
    """The 90 days up to and with `until`, the oldest first: six numbers of 32 bits a day."""
    span = (until - timedelta(days=back) for back in reversed(range(DAYS)))
    return b"".join(SIX.pack(*vars(days.get(day, Seconds())).values()) for day in span)


def unpack(strips: Iterable[bytes], until: date) -> tuple[tuple[date, Seconds], ...]:
    """The sum of strips that end on the same day, for each day on which there is something.

    Each strip is added as one long number: no sum of seconds of a day outgrows its 32 bits.
    """
    return _unpacked(sum(int.from_bytes(strip, "little") for strip in strips), until)


@lru_cache(maxsize=1024)
def _unpacked(whole: int, until: date) -> tuple[tuple[date, Seconds], ...]:
    """Settled days stay the same from one reading to the next, so they are taken apart once a day."""
    days = enumerate(SIX.iter_unpack(whole.to_bytes(STRIP, "little")), start=1)
    return tuple((until - timedelta(days=DAYS - number), Seconds(*six)) for number, six in days if any(six))
