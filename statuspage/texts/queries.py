"""Reads the kept revisions of texts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.texts.models import TextRevision


def revisions(session: Session, kind: str, subject: str) -> Sequence[TextRevision]:
    """All earlier texts of one subject, oldest first."""
    found = select(TextRevision).where(TextRevision.kind == kind, TextRevision.subject == subject)
    return session.scalars(found.order_by(TextRevision.id)).all()
