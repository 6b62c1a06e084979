"""Reads which jobs fail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.failures.models import JobFailure


def failing(session: Session, now: datetime) -> Sequence[JobFailure]:
    """The jobs that fail now, by name; one that fails on several workers stands several times."""
    found = select(JobFailure).where(JobFailure.lapses_at > now)
    return session.scalars(found.order_by(JobFailure.job, JobFailure.since)).all()
