"""The words of incidents, and what a promise or a changed status means."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from statuspage.panels.rules import Status
from statuspage.texts.rules import Prose, Texts

LONGEST_HANDOVER = 10_000
# Incidents of the same panels that began within this time of one another are shown beside each other.
RELATED_WITHIN = timedelta(days=90)


class Impact(StrEnum):
    """How bad an incident is for customers."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Stage(StrEnum):
    """Where the work on an incident stands (its `status` in the API)."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def is_over(self) -> bool:
        return self in (Stage.RESOLVED, Stage.POSTMORTEM)


@dataclass(frozen=True)
class Says:
    """What an update says of one component, named by its public id (`panel-a.warehouse`)."""

    component: str
    status: Status
    note: Texts | None = None


@dataclass(frozen=True)
class Word:
    """An update as somebody wrote it; `next_update_by` is the promise that it makes."""

    status: Stage
    body: Prose
    affected: tuple[Says, ...] = ()
    next_update_by: datetime | None = None


def promise_passed(next_update_by: datetime | None, status: Stage, now: datetime) -> bool:
    """The next update is later than was promised."""
    return next_update_by is not None and not status.is_over and next_update_by <= now


def is_silent(told_at: datetime, status: Stage, limit: timedelta, now: datetime) -> bool:
    """An open incident of which nothing was posted for too long."""
    return not status.is_over and told_at + limit <= now


def may_follow(before: Stage, after: Stage) -> bool:
    """A resolved incident stays resolved; a relapse is a new incident that points to it."""
    return not before.is_over or after.is_over


def fits(stages: Sequence[Stage], place: int, stage: Stage) -> bool:
    """Whether an update with this status can stand at `place` among the stages of published updates."""
    row = [*stages[:place], stage, *stages[place:]]
    return all(may_follow(before, after) for before, after in pairwise(row))


def place_of(moments: Sequence[datetime], at: datetime) -> int:
    """Where an update told late belongs among published ones: after all that were out by then.

    A clock that was set back leaves moments out of order; the running maximum is what readers saw.
    """
    seen = [max(moments[: i + 1]) for i in range(len(moments))]
    return bisect_right(seen, at)
