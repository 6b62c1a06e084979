"""Which report wins, what counts as progress, and when a queue will be empty."""

import hashlib
import hmac
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.i18n import noop

LARGEST = 2**63 - 1
FEWEST_SHOWN = 20
WINDOWS = (timedelta(hours=1), timedelta(hours=6))
STALLED_AFTER = timedelta(minutes=30)
STAGES = {
    "access": noop("Access to the account"),
    "orders": noop("Orders"),
    "archive": noop("Order archive"),
    "warehouse": noop("Warehouse"),
    "shipments": noop("Shipments and labels"),
    "invoices": noop("Invoices and receipts"),
}


class State(StrEnum):
    """Where one stage of one account stands."""

    WAITING = "waiting"
    RUNNING = "running"
    RESTORED = "restored"
    FAILED = "failed"
    NEEDS_CHOICE = "needs_choice"


class TransferKind(StrEnum):
    """`queue`: orders waiting to be forwarded to shops; `temporary`: from a temporary account to the original."""

    QUEUE = "queue"
    TEMPORARY = "temporary"


Rank = tuple[int, datetime, str, int, int]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What a source says of one stage of one account."""

    panel: str
    account: str
    stage: str
    state: State
    done: int
    total: int
    sequence: int
    at: datetime

    @property
    def rank(self) -> Rank:
        """The greatest wins. The content stands last, so that no two different reports are equal."""
        return (self.sequence, self.at, self.state.value, self.done, self.total)


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


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record for one stage of one account."""

    state: State
    rank: Rank


@dataclass
class Tally:
    """How many reports did what."""

    applied: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: int = 0

    def add(self, other: "Tally") -> None:
        self.applied += other.applied
        self.unchanged += other.unchanged
        self.stale += other.stale
        self.rejected += other.rejected

    @property
    def lines(self) -> int:
        return self.applied + self.unchanged + self.stale + self.rejected


@dataclass
class Decision:
    """What a batch of reports does to one panel; `winners` and `moves` are by (account, stage) and (stage, state)."""

    tally: Tally = field(default_factory=Tally)
    winners: dict[Key, Report] = field(default_factory=dict)
    moves: Counter[tuple[str, State]] = field(default_factory=Counter)


def decide(standing: Mapping[Key, Standing], reports: Iterable[Report]) -> Decision:
    """Take reports of one panel in turn against what is on record. Keys that come twice are collapsed."""
    decision = Decision()
    ranks = {key: one.rank for key, one in standing.items()}
    for report in reports:
        key, rank = (report.account, report.stage), report.rank
        before = ranks.get(key)
        if before is None or rank > before:
            ranks[key] = rank
            decision.winners[key] = report
            decision.tally.applied += 1
        elif rank == before:
            decision.tally.unchanged += 1
        else:
            decision.tally.stale += 1
    for key, report in decision.winners.items():
        if key in standing:
            decision.moves[key[1], standing[key].state] -= 1
        decision.moves[key[1], report.state] += 1
    return decision


def contradiction(state: State, done: int, total: int) -> str | None:
    """Why these figures cannot be true together, or None."""
    if done > total:
        return "done cannot be more than total"
    if state is State.RESTORED and done != total:
        return "restored means that done equals total"
    return None


@dataclass(frozen=True)
class Point:
    """A point of the growth of a stage."""

    at: datetime
    restored: int
    size: int


@dataclass(frozen=True)
class StageView:
    """Restoration of one stage of one panel; counts under 20 are None (hidden)."""

    panel: str
    stage: str
    restored: int | None
    running: int | None
    failed: int | None
    needs_choice: int | None
    size: int
    as_of: datetime
    points: tuple[Point, ...]

    @property
    def share(self) -> float | None:
        return None if self.restored is None or not self.size else min(1.0, self.restored / self.size)


def shown(count: int) -> int | None:
    """A count as the public may see it: small ones would point at people."""
    return count if count >= FEWEST_SHOWN else None


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


def login_key(secret: str, login: str) -> bytes:
    """A login as it is kept: an HMAC, the same for ` Anna@Example.com` and `anna@example.com`."""
    plain = unicodedata.normalize("NFKC", login).strip().casefold()
    return hmac.new(secret.encode(), b"recovery-login\0" + plain.encode(), hashlib.sha256).digest()


def hash_link(token: str) -> bytes:
    """A recovery link as it is kept; its token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
