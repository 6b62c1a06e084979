"""What one shift hands over to the next: for staff alone, and only added to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.i18n import noop
from statuspage.incidents.actions import rows
from statuspage.incidents.models import HandoverNote
from statuspage.incidents.queries import handovers
from statuspage.incidents.rules import LONGEST_HANDOVER


def hand_over(
    session: Session, actor: Actor, public_id: str, body: str, *, form_key: str | None = None
) -> HandoverNote:
    """Write a note. The same words again, or the same `form_key`, are the note that is there."""
    incident = rows.locked(session, public_id)
    words, last = body.strip(), next(iter(handovers(session, incident)), None)
    if not words or len(words) > LONGEST_HANDOVER:
        rows.refuse("/body", noop("Write what the next shift must know, in 10,000 characters at most."))
    if last is not None and last.body == words:
        return last
    sent = select(HandoverNote).where(HandoverNote.form_key == form_key)
    if form_key is not None and (before := session.scalar(sent)) is not None:
        return before
    note = HandoverNote(
        incident_id=incident.id, body=words, written_at=clock.now(), written_by=actor.name, form_key=form_key
    )
    session.add(note)
    session.flush()
    rows.audit(session, actor, "hand_over", incident, after={"note": note.id})
    return note
