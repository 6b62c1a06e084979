"""How fast a count grew: measured over windows that end now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=3650)


@dataclass(frozen=True)
class Pace:
    """So many an hour, as measured over the last `minutes`."""

    minutes: int
    per_hour: float

    def takes(self, count: int) -> timedelta:
        """How long `count` more need, at most ten years: what moves one a week promises nothing."""
        return min(LONGEST_WAIT, HOUR * min(count / self.per_hour, LONGEST_WAIT / HOUR))


def paces(points: Sequence[tuple[datetime, int]], windows: Sequence[timedelta], now: datetime) -> tuple[Pace, ...]:
    """The pace over each window, the shortest first; one in which nothing grew has none.

    `points` are (at, count), oldest first. A window that reaches back past the first point begins there.
    """
    if len(points) < 2:
        return ()
    found: dict[int, Pace] = {}
    for window in windows:
        start = max(now - window, points[0][0])
        reach = now - start
        grown = points[-1][1] - count_at(points, start)
        if grown > 0 and reach >= SHORTEST:
            minutes = reach // MINUTE
            found[minutes] = Pace(minutes, grown / (reach / HOUR))
    return tuple(found.values())


def count_at(points: Sequence[tuple[datetime, int]], at: datetime) -> float:
    """The count at a moment, in a straight line between two points."""
    before = points[0]
    for point in points:
        if point[0] > at:
            part = (at - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 0.0
            return before[1] + (point[1] - before[1]) * max(0.0, part)
        before = point
    return before[1]
