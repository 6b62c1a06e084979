"""Reads leases."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from statuspage.leases.models import Lease

# No lease reaches further ahead than its length, but for what the clocks of machines may differ: one that does was
# taken before the clock was set back, and nobody could take it for as long as that.
SKEW = timedelta(minutes=1)


def has_lapsed(now: datetime, seconds: float) -> ColumnElement[bool]:
    """Whether a lease of this length has run out."""
    return or_(Lease.expires_at <= now, Lease.expires_at > now + timedelta(seconds=seconds) + SKEW)


def is_held(session: Session, name: str, now: datetime) -> bool:
    """Whether somebody holds it and has not let it run out."""
    return session.scalar(select(Lease.name).where(Lease.name == name, Lease.expires_at > now)) is not None


def holders(session: Session, prefix: str, now: datetime, seconds: float) -> Sequence[str]:
    """Who holds leases of this length under this prefix, each once, in order."""
    under = Lease.name.startswith(prefix, autoescape=True)
    return session.scalars(
        select(Lease.holder).where(under, ~has_lapsed(now, seconds)).distinct().order_by("holder")
    ).all()
