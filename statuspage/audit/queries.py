"""Reads the audit log."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.audit.models import AuditEntry


def latest(session: Session, *, before_id: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
    """The newest entries, or those before `before_id` (keyset pages)."""
    found = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    return session.scalars(found.where(AuditEntry.id < before_id) if before_id else found).all()


def about(session: Session, subject: str, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest entries about one thing."""
    found = select(AuditEntry).where(AuditEntry.subject == subject)
    return session.scalars(found.order_by(AuditEntry.id.desc()).limit(limit)).all()
