"""Reads leases."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.leases.models import Lease


def is_held(session: Session, name: str, now: datetime) -> bool:
    """Whether somebody holds it and has not let it run out."""
    return session.scalar(select(Lease.name).where(Lease.name == name, Lease.expires_at > now)) is not None
