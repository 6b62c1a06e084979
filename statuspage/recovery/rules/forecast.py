"""When a stage will be restored for all: a range, and only where the measured pace supports one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from statuspage.recovery.rules.pace import HOUR, MINUTE, Pace, paces

WINDOWS = (timedelta(hours=3), timedelta(hours=24))
FEWEST_POINTS = 5
SHORTEST_HISTORY = timedelta(hours=2)
# Where one window says three times what the other says, neither is to be trusted.
STEADY = 3.0
FARTHEST = timedelta(days=60)
# Two windows that agree by chance promise no end to the hour: the range is at least a quarter of the wait.
MARGIN = 0.25


@dataclass(frozen=True)
class Forecast:
    """Between when and when the last account will be back if it goes on as in `paces`."""

    first: datetime
    last: datetime
    paces: tuple[Pace, ...]


def forecast(points: Sequence[tuple[datetime, int, int]], restored: int, size: int, now: datetime) -> Forecast | None:
    """The range, or None: nothing left to do, too little known, standing still, unsteady, or too far off.

    `points` are (at, restored, size), oldest first, none of them hidden; `restored` of `size` are back now.
    """
    if len(points) < FEWEST_POINTS or now - points[0][0] < SHORTEST_HISTORY:
        return None
    counts = [(at, restored) for at, restored, _ in points]
    left = size - restored
    measured = paces(counts, WINDOWS, now)
    if left <= 0 or not _is_steady(measured, now - points[0][0]) or _runs_away(points):
        return None
    waits = [one.takes(left) for one in measured]
    longest = max(waits) * (1 + MARGIN)
    if longest > FARTHEST:
        return None
    return Forecast(*_round(now + min(waits), now + longest, now), measured)


def _is_steady(measured: Sequence[Pace], known_for: timedelta) -> bool:
    """Whether every window that there is has a pace, and they are alike."""
    if len(measured) < len({min(window, known_for) // MINUTE for window in WINDOWS}):
        return False
    rates = [one.per_hour for one in measured]
    return max(rates) <= STEADY * min(rates)


def _runs_away(points: Sequence[tuple[datetime, int, int]]) -> bool:
    """Whether N grew as fast as the restored did: then nobody knows how many there are."""
    return points[-1][2] - points[0][2] >= points[-1][1] - points[0][1]


def _round(first: datetime, last: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Outward to full hours, but never to before now: the minutes of a forecast are noise."""
    first, last = _floor(first), _floor(last) + HOUR
    return max(first, _floor(now) + HOUR), max(last, _floor(now) + 2 * HOUR)


def _floor(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at.replace(minute=0, second=0, microsecond=0)
