"""What counts as progress, what of it may be shown, and which of its points are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.recovery.rules.forecast import Forecast, forecast
from statuspage.texts.rules import Texts

FEWEST_SHOWN = 20
MARK_EVERY = 10
# How far apart the points of a chart are kept, by their age; of each stretch the last one stays.
GRAINS = (
    (timedelta(hours=3), timedelta(minutes=10)),
    (timedelta(days=2), timedelta(hours=1)),
    (timedelta.max, timedelta(hours=6)),
)


class SizeCause(StrEnum):
    """Why N became what it is: somebody stated it, or more accounts were seen than had been stated."""

    STATED = "stated"
    SEEN = "seen"


@dataclass(frozen=True)
class SizeView:
    """What N of a panel became, when and why."""

    panel: str
    size: int
    at: datetime
    cause: SizeCause
    reason: Texts | None = None


@dataclass(frozen=True)
class MarkView:
    """A panel's stage came to `percent` of its accounts: `restored` of `size`, when that was noticed."""

    panel: str
    stage: str
    percent: int
    restored: int
    size: int
    at: datetime


@dataclass(frozen=True)
class Point:
    """A point of the growth of a stage."""

    at: datetime
    restored: int
    size: int


@dataclass(frozen=True)
class StageView:
    """Restoration of one stage of one panel; counts under 20 are None (hidden), N as well."""

    panel: str
    stage: str
    restored: int | None
    running: int | None
    failed: int | None
    needs_choice: int | None
    size: int | None
    as_of: datetime
    points: tuple[Point, ...]
    forecast: Forecast | None = None

    @property
    def share(self) -> float | None:
        return None if self.restored is None or not self.size else min(1.0, self.restored / self.size)

    def foreseen(self, now: datetime) -> "StageView":
        """The same with its forecast; a hidden count has none."""
        if self.restored is None or self.size is None:
            return self
        points = [(one.at, one.restored, one.size) for one in self.points]
        return replace(self, forecast=forecast(points, self.restored, self.size, now))


def shown(count: int) -> int | None:
    """A count as the public may see it: small ones would point at people."""
    return count if count >= FEWEST_SHOWN else None


def passed(restored: int, size: int) -> tuple[int, ...]:
    """The marks of 10 % that a stage has come to; none while its count is hidden."""
    if shown(restored) is None:
        return ()
    return tuple(range(MARK_EVERY, min(100, restored * 100 // size) + 1, MARK_EVERY))


def grown(sizes: Iterable[SizeView]) -> tuple[SizeView, ...]:
    """The steps of N of one panel, oldest first: never below what was seen, and none under 20 or without a change."""
    seen, last, steps = 0, None, []
    for one in sizes:
        seen = max(seen, one.size) if one.cause is SizeCause.SEEN else seen
        size = max(one.size, seen)
        if size != last and shown(size) is not None:
            steps.append(SizeView(one.panel, size, one.at, one.cause, one.reason))
        last = size
    return tuple(steps)


def superfluous(times: Sequence[datetime], now: datetime) -> set[datetime]:
    """The points of a chart that may go, `times` being in order: the first, and the last of each stretch, stay."""
    last_of = {_stretch(at, now): at for at in times}
    return set(times) - set(last_of.values()) - set(times[:1])


def _stretch(at: datetime, now: datetime) -> tuple[timedelta, int]:
    grain = next(grain for age, grain in GRAINS if now - at <= age)
    return grain, int(at.timestamp() // grain.total_seconds())
