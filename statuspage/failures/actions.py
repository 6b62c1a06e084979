"""Notes that a job fails, and that it works again."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from statuspage.failures.models import JobFailure


def note(session: Session, job: str, holder: str, reason: str, now: datetime, lasts: timedelta) -> None:
    """The job fails on this worker; since when stays as it was noted first."""
    found = session.get(JobFailure, (job, holder))
    if found is None:
        session.add(JobFailure(job=job, holder=holder, since=now, reason=reason, lapses_at=now + lasts))
    else:
        found.reason, found.lapses_at = reason, now + lasts


def clear(session: Session, job: str, holder: str, now: datetime) -> None:
    """The job works again; what dead workers left is swept with it."""
    mine = (JobFailure.job == job) & (JobFailure.holder == holder)
    session.execute(delete(JobFailure).where(mine | (JobFailure.lapses_at < now)))
