"""Orders on the move: how fast a queue empties, when it stands still, and when moving would make doubles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.recovery.rules.pace import Pace, paces

WINDOWS = (timedelta(hours=1), timedelta(hours=6))
STALLED_AFTER = timedelta(minutes=30)
SAMPLE_EVERY = timedelta(minutes=10)
# How far a transfer had come when: seconds since 1970, and how many had moved.
Sample = tuple[int, int]


class TransferKind(StrEnum):
    """`queue`: orders waiting to be forwarded to shops; `temporary`: from a temporary account to the original."""

    QUEUE = "queue"
    TEMPORARY = "temporary"


# The function of a panel to which a queue belongs: where it stands still, so does that function.
FUNCTIONS = {TransferKind.QUEUE: "forward-orders"}


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
    def moved(self) -> int:
        return self.created + self.merged + self.failed

    @property
    def rank(self) -> tuple[int, datetime, int, int, int, int]:
        return (self.sequence, self.at, self.created, self.merged, self.failed, self.waiting)


@dataclass(frozen=True)
class ForwardingView:
    """The backlog of order forwarding of one panel and kind; the drain is a range from measured throughput.

    `held` of those waiting may not move before somebody has looked at the first ones; `paces` are what the drain
    rests on.
    """

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
    held: int = 0
    paces: tuple[Pace, ...] = ()

    @property
    def function(self) -> str | None:
        """The function of the panel to which this queue belongs."""
        return FUNCTIONS.get(TransferKind(self.kind))


@dataclass(frozen=True)
class Drain:
    """How fast a queue empties, and between when and when it will be empty."""

    paces: tuple[Pace, ...]
    first: datetime
    last: datetime

    @property
    def per_hour(self) -> float:
        return self.paces[0].per_hour

    @property
    def basis_minutes(self) -> int:
        return max(one.minutes for one in self.paces)


def drain(points: Sequence[tuple[datetime, int]], waiting: int, now: datetime) -> Drain | None:
    """The range that the throughput of the last hour and of the last six gives.

    `points` are (at, moved), oldest first. None where nothing waits or nothing moved.
    """
    measured = paces(points, WINDOWS, now)
    if not waiting or not measured:
        return None
    ends = [now + one.takes(waiting) for one in measured]
    return Drain(measured, min(ends), max(ends))


def stalled_since(waiting: int, moved_at: datetime, now: datetime) -> datetime | None:
    """Since when a queue that should move does not."""
    return moved_at if waiting > 0 and now - moved_at >= STALLED_AFTER else None


def sampled(past: Sequence[Sample], at: datetime, moved: int) -> list[Sample]:
    """The past of one transfer with one more moment: one in ten minutes, and one from before the longest window."""
    second = int(at.timestamp())
    if past and second < past[-1][0] + SAMPLE_EVERY.total_seconds():
        return [*past]
    start = second - max(WINDOWS).total_seconds()
    before = [place for place, (then, _) in enumerate(past) if then <= start]
    return [*past[before[-1] if before else 0 :], (second, moved)]


def would_duplicate(kind: TransferKind, gap_from: datetime | None, gap_closed_at: datetime | None) -> bool:
    """Whether moving orders now makes doubles: the panel has not yet caught up on the orders of its gap."""
    return kind is TransferKind.TEMPORARY and gap_from is not None and gap_closed_at is None
