"""Orders on the move: how fast a queue empties, when it stands still, and when moving would make doubles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WINDOWS = (timedelta(hours=1), timedelta(hours=6))
STALLED_AFTER = timedelta(minutes=30)


class TransferKind(StrEnum):
    """`queue`: orders waiting to be forwarded to shops; `temporary`: from a temporary account to the original."""

    QUEUE = "queue"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What a source says of one transfer of orders."""

    transfer: str
    created: int
    merged: int
    failed: int
    waiting: int
    sequence: int
    at: datetime

    @property
    def rank(self) -> tuple[int, datetime, int, int, int, int]:
        return (self.sequence, self.at, self.created, self.merged, self.failed, self.waiting)


@dataclass(frozen=True)
class ForwardingView:
    """The backlog of order forwarding of one panel and kind; the drain is a range from measured throughput."""

    panel: str
    kind: str
    total: int
    created: int
    merged: int
    failed: int
    waiting: int
    as_of: datetime
    per_hour: float | None
    drained_from: datetime | None
    drained_until: datetime | None
    basis_minutes: int | None
    stalled_since: datetime | None


@dataclass(frozen=True)
class Drain:
    """How fast a queue empties, and between when and when it will be empty."""

    per_hour: float
    first: datetime
    last: datetime
    basis_minutes: int


def drain(points: Sequence[tuple[datetime, int]], waiting: int, now: datetime) -> Drain | None:
    """The range that the throughput of the last hour and of the last six gives.

    `points` are (at, moved), oldest first. None where nothing waits or nothing moved.
    """
    if not waiting or len(points) < 2:
        return None
    rates = []
    reach = timedelta()
    for window in WINDOWS:
        start = max(now - window, points[0][0])
        hours = (now - start).total_seconds() / 3600
        moved = points[-1][1] - moved_until(points, start)
        if moved > 0 and hours >= 1 / 60:
            rates.append(moved / hours)
            reach = max(reach, now - start)
    if not rates:
        return None
    ends = [now + _hours(waiting / rate) for rate in rates]
    return Drain(rates[0], min(ends), max(ends), int(reach.total_seconds() // 60))


def _hours(hours: float) -> timedelta:
    """A duration, at most ten years: what moves one order a week promises nothing."""
    return timedelta(hours=min(hours, 87_600.0))


def moved_until(points: Sequence[tuple[datetime, int]], at: datetime) -> float:
    """How much had moved at a moment, in a straight line between two points."""
    before = points[0]
    for point in points:
        if point[0] > at:
            part = (at - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 0.0
            return before[1] + (point[1] - before[1]) * max(0.0, part)
        before = point
    return before[1]


def stalled_since(waiting: int, moved_at: datetime, now: datetime) -> datetime | None:
    """Since when a queue that should move does not."""
    return moved_at if waiting > 0 and now - moved_at >= STALLED_AFTER else None


def would_duplicate(kind: TransferKind, gap_from: datetime | None, gap_closed_at: datetime | None) -> bool:
    """Whether moving orders now makes doubles: the panel has not yet caught up on the orders of its gap."""
    return kind is TransferKind.TEMPORARY and gap_from is not None and gap_closed_at is None
