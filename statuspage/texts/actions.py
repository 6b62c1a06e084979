"""Keeps what a text said before it is changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.texts.models import TextRevision
from statuspage.texts.rules import Texts


def keep(session: Session, kind: str, subject: str, field: str, old: Texts, *, at: datetime, by: str) -> None:
    """Store the text that is about to be replaced."""
    body = Texts(old.source, dict(old.by_locale), old.revision, dict(old.translates))
    session.add(TextRevision(kind=kind, subject=subject, field=field, body=body, replaced_at=at, replaced_by=by))
