"""Which report wins, and what a batch of them does."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from statuspage.i18n import noop

LARGEST = 2**63 - 1
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


# The states that may say why.
EXPLAINED = (State.FAILED, State.NEEDS_CHOICE)
Rank = tuple[int, datetime, str, int, int, str]
Key = tuple[str, str]


class Report(NamedTuple):
    """What a source says of one stage of one account."""

    panel: str
    account: str
    stage: str
    state: State
    done: int
    total: int
    sequence: int
    at: datetime
    reason: str | None = None

    @property
    def rank(self) -> Rank:
        """The greatest wins. The content stands last, so that no two different reports are equal."""
        return (self.sequence, self.at, self.state.value, self.done, self.total, self.reason or "")


class Standing(NamedTuple):
    """What is on record for one stage of one account; `by` corrected it by hand, `past` is what it was before."""

    state: State
    rank: Rank
    by: str | None = None
    past: str | None = None


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


def contradiction(report: Report) -> tuple[str, str] | None:
    """The field that cannot be true with the others, and why; or None."""
    if report.done > report.total:
        return "done", noop("done cannot be more than total")
    if report.state is State.RESTORED and report.done != report.total:
        return "done", noop("restored means that done equals total")
    if report.reason is not None and report.state not in EXPLAINED:
        return "reason", noop("a reason belongs to failed or needs_choice")
    return None
