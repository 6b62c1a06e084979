"""A temporary account into its original: what a plan says, and in which order plan, run and result come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.i18n import noop

MOST_EXAMPLES = 100


class MergeState(StrEnum):
    """How far a merge has come."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"


STATES = {
    MergeState.PLANNED: noop("planned"),
    MergeState.RUNNING: noop("running"),
    MergeState.DONE: noop("finished"),
}


@dataclass(frozen=True)
class Example:
    """One order that cannot simply be moved, and why."""

    order: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What will become of the orders of a temporary account; the greatest `rank` is the plan that counts."""

    create: int
    merge: int
    conflict: int
    examples: tuple[Example, ...]
    sequence: int
    at: datetime

    @property
    def rank(self) -> tuple[int, datetime]:
        return (self.sequence, self.at)


@dataclass(frozen=True)
class Result:
    """What became of the orders."""

    created: int
    merged: int
    failed: int
    at: datetime
