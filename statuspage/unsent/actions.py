"""Keeps what is typed as it is typed, until it is sent or thrown away."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from statuspage.unsent.models import Unsent
from statuspage.unsent.rules import KEPT_FOR, LONGEST_TITLE, Fields, Sheet, check

SAME = ["staff_id", "place", "form_key"]


def save(session: Session, sheet: Sheet, fields: Fields, now: datetime, *, title: str = "") -> bool:
    """Keep what stands in a form now; False where it was sent already. Raises `Invalid`."""
    check(sheet, fields)
    session.execute(delete(Unsent).where(Unsent.saved_at < now - KEPT_FOR))
    words = {"title": title[:LONGEST_TITLE], "fields": [list(pair) for pair in fields], "saved_at": now}
    put = _insert(session).values(_row(sheet, sent_at=None, **words))
    put = put.on_conflict_do_update(index_elements=SAME, set_=words, where=Unsent.sent_at.is_(None))
    return session.execute(put.returning(Unsent.id)).scalar() is not None


def sent(session: Session, sheet: Sheet, now: datetime) -> None:
    """The form was sent: nothing of it waits any more, and nothing that comes late brings it back."""
    done: dict[str, Any] = {"fields": [], "title": "", "saved_at": now, "sent_at": now}
    put = _insert(session).values(_row(sheet, **done))
    session.execute(put.on_conflict_do_update(index_elements=SAME, set_=done))


def throw_away(session: Session, staff_id: int, uuid: UUID) -> None:
    """Forget one of a person's own."""
    session.execute(delete(Unsent).where(Unsent.uuid == uuid, Unsent.staff_id == staff_id))


def _row(sheet: Sheet, **values: Any) -> dict[str, Any]:
    key = {"staff_id": sheet.staff_id, "place": sheet.place, "form_key": sheet.form_key}
    return {"uuid": uuid4(), **key, **values}


def _insert(session: Session) -> Any:
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgresql else sqlite.insert)(Unsent)
