"""The rows of an incident and what holds them together: its lock, its sequence, its audit entries."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, Invalid, NotFound, RuleBroken
from statuspage.i18n import noop
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Word, fits
from statuspage.panels.queries import components_named
from statuspage.texts.rules import Texts


def new_id() -> str:
    """A public id that nobody guesses: ten signs, 50 bits."""
    return base64.b32encode(secrets.token_bytes(7))[:10].decode().lower()


def refuse(path: str, message: str) -> NoReturn:
    """One field that cannot be taken."""
    raise Invalid(message, (FieldError(path, message),))


def must_say(path: str, words: Texts) -> None:
    if not words.by_locale.get(words.source, "").strip():
        refuse(path, noop("Write something here, in one language at least."))


def check_promise(next_update_by: datetime | None, now: datetime) -> None:
    if next_update_by is not None and next_update_by <= now:
        refuse("/next_update_by", noop("Promise the next update for a time that is still to come."))


def locked(session: Session, public_id: str) -> Incident:
    """The incident, as it is now and not as it was read before; its updates are only changed under this lock."""
    found = select(Incident).where(Incident.public_id == public_id)
    return _hold(session.scalar(found.with_for_update().execution_options(populate_existing=True)))


def locked_of(session: Session, uuid: UUID) -> tuple[Incident, IncidentUpdate]:
    """An update and its incident, under the incident's lock."""
    found = select(Incident).join(Incident.updates).where(IncidentUpdate.uuid == uuid)
    held = found.with_for_update(of=Incident).execution_options(populate_existing=True)
    incident = session.scalar(held)
    same = select(IncidentUpdate).where(IncidentUpdate.uuid == uuid)
    update = session.scalar(same.execution_options(populate_existing=True))
    if incident is None or update is None:
        raise NotFound(noop("There is no such update."))
    return incident, update


def _hold(incident: Incident | None) -> Incident:
    if incident is None:
        raise NotFound(noop("There is no such incident."))
    return incident


def by_key(session: Session, form_key: str | None) -> IncidentUpdate | None:
    """What the same form wrote when it was sent before."""
    if form_key is None:
        return None
    return session.scalar(select(IncidentUpdate).where(IncidentUpdate.form_key == form_key))


def by_key_in(session: Session, incident: Incident, form_key: str | None) -> IncidentUpdate | None:
    """The same, for a form that belongs to this incident."""
    found = by_key(session, form_key)
    if found is not None and found.incident_id != incident.id:
        raise Conflict(noop("This form was sent for another incident. Open it again."))
    return found


def published(session: Session, incident: Incident) -> Sequence[IncidentUpdate]:
    """The updates that readers have, in their order."""
    found = select(IncidentUpdate).where(
        IncidentUpdate.incident_id == incident.id, IncidentUpdate.published_at.is_not(None)
    )
    return session.scalars(found.order_by(IncidentUpdate.sequence)).all()


def write(session: Session, incident: Incident, word: Word, form_key: str | None) -> IncidentUpdate:
    """A new draft. Its sequence is below 0, so that drafts leave no holes among what is published."""
    lowest = session.scalar(select(func.min(IncidentUpdate.sequence)).where(IncidentUpdate.incident_id == incident.id))
    update = IncidentUpdate(
        incident=incident, sequence=min(lowest or 0, 0) - 1, status=word.status, body=word.body, form_key=form_key
    )
    session.add(update)
    session.flush()
    fill(session, update, word)
    return update


def fill(session: Session, update: IncidentUpdate, word: Word) -> None:
    """Put the words into a draft. Raises `Invalid` for a component that does not exist or stands twice."""
    must_say("/body", word.body)
    names = [one.component for one in word.affected]
    components = components_named(session, names)
    for name in names:
        if name not in components:
            refuse(f"/components/{name}", noop("There is no such component."))
        if names.count(name) > 1:
            refuse(f"/components/{name}", noop("This component stands twice."))
    update.status, update.body, update.next_update_by = word.status, word.body, word.next_update_by
    update.affected.clear()
    session.flush()  # the unit of work would insert the new rows before it deletes the old
    update.affected.extend(
        Affected(component=components[one.component], status=one.status, note=one.note) for one in word.affected
    )
    session.flush()


def publish(session: Session, actor: Actor, incident: Incident, update: IncidentUpdate, at: datetime) -> IncidentUpdate:
    """Put a draft at the end of what readers have; the incident follows what it says."""
    told = published(session, incident)
    if not fits([one.status for one in told], len(told), update.status):
        raise RuleBroken(noop("A resolved incident stays resolved. Open a new incident that points to it."))
    check_promise(update.next_update_by, at)
    update.sequence = told[-1].sequence + 1 if told else 1
    update.published_at, update.publish_at = at, None
    follow(incident, update, at)
    session.flush()
    audit(session, actor, "post_update", incident, after=said(update))
    return update


def follow(incident: Incident, update: IncidentUpdate, at: datetime) -> None:
    """The incident stands where its latest update says."""
    incident.status = update.status
    over = update.status.is_over
    incident.resolved_at = (incident.resolved_at or at) if over else None
    incident.next_update_by = None if over else update.next_update_by
    incident.published_at = incident.published_at or at
    # A form opened before this update must notice, even where no column of the incident changed.
    flag_modified(incident, "status")


def said(update: IncidentUpdate) -> dict[str, Any]:
    """What the audit log keeps of an update: references and states; the words are in the row and its revisions."""
    return {
        "update": str(update.uuid),
        "sequence": update.sequence,
        "status": update.status.value,
        "affected": {one.component.public_id: one.status.value for one in update.affected},
        "publish_at": update.publish_at.isoformat() if update.publish_at else None,
        "next_update_by": update.next_update_by.isoformat() if update.next_update_by else None,
    }


def audit(
    session: Session,
    actor: Actor,
    act: str,
    incident: Incident,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(session, actor, f"incident.{act}", f"incident:{incident.public_id}", before=before, after=after)
