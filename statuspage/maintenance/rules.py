"""The states of planned work and when it passes from one to the next."""

from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """Where planned work stands."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"


def phase(starts_at: datetime, ends_at: datetime, said: Phase | None, said_at: datetime | None, now: datetime) -> Phase:
    """The phase at `now`: it starts and ends by itself; what staff said since is further on and wins."""
    by_clock = Phase.SCHEDULED if now < starts_at else Phase.IN_PROGRESS if now < ends_at else Phase.COMPLETED
    if said is None or said_at is None or said_at > now:
        return by_clock
    return max(said, by_clock, key=list(Phase).index)


def may_follow(before: Phase, after: Phase) -> bool:
    """Work goes on, never back: what starts again is new work."""
    return list(Phase).index(before) <= list(Phase).index(after)
