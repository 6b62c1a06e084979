"""Histograms of times that can be added up, and the percentiles that come from these sums alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from statuspage.probing.rules import HOUR

FINENESS = 5
ERROR = 1 / 2**FINENESS
HALF, MOST = 50, 95
Figures = tuple[float | None, float | None]


@dataclass(frozen=True)
class Histogram:
    """How many times (in whole tenths of a millisecond) fell into which bucket.

    The buckets are the same everywhere: single tenths up to 6.3 ms, then 32 to each doubling. So histograms can be
    added, in any order, and what is read from a bucket is off by less than `ERROR` of the value.
    """

    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> "Histogram":
        return cls(Counter(bucket(round(one * 10)) for one in milliseconds))

    @classmethod
    def merged(cls, parts: Iterable["Histogram"]) -> "Histogram":
        counts: Counter[int] = Counter()
        for one in parts:
            counts.update(one.counts)
        return cls(counts)

    def __add__(self, other: "Histogram") -> "Histogram":
        return Histogram.merged((self, other))

    @cached_property
    def total(self) -> int:
        return sum(self.counts.values())

    def percentile(self, percent: int) -> float | None:
        """The least time (ms) within which so many per cent came; None of nothing."""
        rank = max(1, -(-percent * self.total // 100))
        before = 0
        for one in sorted(self.counts):
            if before + self.counts[one] >= rank:
                low, high = bounds(one)
                share = (rank - before - 0.5) / self.counts[one]
                return round(low + (high - low) * share) / 10
            before += self.counts[one]
        return None

    def pack(self) -> bytes:
        """Two small numbers a bucket: how far it is from the one before, and its count."""
        packed = bytearray()
        before = 0
        for one in sorted(self.counts):
            packed += _number(one - before) + _number(self.counts[one])
            before = one
        return bytes(packed)

    @classmethod
    def unpack(cls, packed: bytes) -> "Histogram":
        numbers = list(_numbers(packed))
        counts: dict[int, int] = {}
        place = 0
        for gap, count in zip(numbers[::2], numbers[1::2], strict=True):
            place += gap
            counts[place] = count
        return cls(counts)


def bucket(tenths: int) -> int:
    """Which bucket a time falls into: its leading six bits and how many follow them."""
    shift = max(0, tenths.bit_length() - FINENESS - 1)
    return (shift << FINENESS) + (tenths >> shift)


def bounds(place: int) -> tuple[int, int]:
    """The least and the greatest time (tenths of a millisecond) of a bucket."""
    shift = max(0, (place >> FINENESS) - 1)
    low = (place - (shift << FINENESS)) << shift
    return low, low + (1 << shift) - 1


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow (LEB128)."""
    packed = bytearray()
    while value > 0x7F:
        packed.append(value & 0x7F | 0x80)
        value >>= 7
    packed.append(value)
    return bytes(packed)


def _numbers(packed: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield value
            value = shift = 0


@dataclass(frozen=True)
class Tally:
    """What the looks of an hour came to; `degraded` ones are among `ok`. Times are of `ok` looks alone."""

    ok: int
    degraded: int
    failed: int
    times: Histogram

    @property
    def total(self) -> int:
        return self.ok + self.failed


@dataclass(frozen=True)
class Point:
    """One full hour: within how many milliseconds half and 95 % of the answers came; None where there were none."""

    at: datetime
    half: float | None
    most: float | None


@dataclass(frozen=True)
class Curve:
    """How fast a panel answered in the full hours up to `until`, the oldest first, and in all of them together."""

    until: datetime
    hours: tuple[Figures, ...]
    half: float | None
    most: float | None

    @property
    def since(self) -> datetime:
        return self.until - timedelta(hours=len(self.hours))

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(Point(self.since + timedelta(hours=n), *one) for n, one in enumerate(self.hours))


@lru_cache(maxsize=1024)
def curve(until: int, hours: tuple[Figures, ...], whole: Figures) -> Curve:
    """The curve of the hours that end at `until`. The same object while nothing changes, so it is digested once."""
    return Curve(datetime.fromtimestamp(until, UTC), hours, *whole)


def figures(times: Histogram) -> Figures:
    return times.percentile(HALF), times.percentile(MOST)


def drawn(by_hour: Mapping[int, Sequence[Histogram]], until: int, hours: int) -> tuple[list[Figures], Figures]:
    """The figures of each of the last hours, and of all of them as one: merged, never averaged."""
    merged = [Histogram.merged(by_hour.get(until - HOUR * back, ())) for back in range(hours, 0, -1)]
    return [figures(one) for one in merged], figures(Histogram.merged(merged))
