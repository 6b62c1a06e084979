"""Failing jobs: one row a job and worker."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import Model


class JobFailure(Model):
    """`reason` is the kind of the error and never its words, which may hold somebody's data. Times are the machine's.

    A worker that goes on failing moves `lapses_at`; that of a worker which died runs out by itself.
    """

    __tablename__ = "job_failure"

    job: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(200), primary_key=True)
    since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(80))
    lapses_at: Mapped[datetime]
