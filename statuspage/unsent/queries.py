"""Reads what was typed and not sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.unsent.models import Unsent
from statuspage.unsent.rules import is_writing


def of(session: Session, staff_id: int, place: str | None = None) -> Sequence[Unsent]:
    """A person's unsent texts, at one form or all, the newest first."""
    found = select(Unsent).where(Unsent.staff_id == staff_id, Unsent.sent_at.is_(None))
    if place is not None:
        found = found.where(Unsent.place == place)
    return session.scalars(found.order_by(Unsent.saved_at.desc(), Unsent.id.desc())).all()


def one(session: Session, staff_id: int, uuid: UUID) -> Unsent | None:
    """One of a person's own."""
    found = select(Unsent).where(Unsent.uuid == uuid, Unsent.staff_id == staff_id, Unsent.sent_at.is_(None))
    return session.scalar(found)


def others_at(session: Session, staff_id: int, place: str, now: datetime) -> dict[int, datetime]:
    """Who else is writing into the same form, and when they typed last, by the id of the person."""
    found = select(Unsent).where(Unsent.place == place, Unsent.staff_id != staff_id, Unsent.sent_at.is_(None))
    rows = session.scalars(found.order_by(Unsent.saved_at))
    return {row.staff_id: row.saved_at for row in rows if is_writing(row.saved_at, now)}
