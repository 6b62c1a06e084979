"""The words of incidents, and what a promise or a changed status means."""

from datetime import datetime
from enum import StrEnum


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


def promise_passed(next_update_by: datetime | None, status: Stage, now: datetime) -> bool:
    """The next update is later than was promised."""
    return next_update_by is not None and not status.is_over and next_update_by <= now


def may_follow(before: Stage, after: Stage) -> bool:
    """A resolved incident stays resolved; a relapse is a new incident that points to it."""
    return not before.is_over or after.is_over
