"""Updates that readers have: posted, told late, corrected."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.db import same_version
from statuspage.errors import RuleBroken
from statuspage.i18n import noop
from statuspage.incidents.actions import rows
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Word, fits, place_of
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, revise


def post_update(
    session: Session,
    actor: Actor,
    public_id: str,
    word: Word,
    *,
    form_key: str | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> IncidentUpdate:
    """Publish an update (and with the first one, the incident). The same `form_key` publishes once.

    `version` is the incident's as the writer saw it; without it nobody is asked what they had read.
    """
    incident = rows.locked(session, public_id)
    before = rows.by_key_in(session, incident, form_key)
    if before is not None:
        return before
    same_version(incident.version, version)
    return rows.publish(session, actor, incident, rows.write(session, incident, word, form_key), at or clock.now())


def backfill(
    session: Session,
    actor: Actor,
    public_id: str,
    word: Word,
    published_at: datetime,
    *,
    form_key: str | None = None,
) -> IncidentUpdate:
    """Tell late what was known at `published_at`: it takes its place among the others and notifies nobody."""
    incident = rows.locked(session, public_id)
    before = rows.by_key_in(session, incident, form_key)
    if before is not None:
        return before
    if not incident.started_at <= published_at <= clock.now():
        rows.refuse("/published_at", noop("Choose a time between the start of the incident and now."))
    told = rows.published(session, incident)
    place = place_of([one.published_at for one in told if one.published_at], published_at)
    if not fits([one.status for one in told], place, word.status):
        raise RuleBroken(noop("A resolved incident stays resolved: this status cannot stand at that time."))
    update = rows.write(session, incident, word, form_key)
    for later in reversed(told[place:]):
        later.sequence += 1
        session.flush()  # one by one from the end: the sequence is unique at every moment
    update.sequence = told[place].sequence - 1 if place < len(told) else (told[-1].sequence + 1 if told else 1)
    update.published_at, update.backfilled = published_at, True
    _retell(incident, update, is_last=place == len(told))
    session.flush()
    rows.audit(session, actor, "backfill", incident, after=rows.said(update))
    return update


def _retell(incident: Incident, update: IncidentUpdate, *, is_last: bool) -> None:
    assert update.published_at is not None
    if is_last:
        promise = incident.next_update_by
        rows.follow(incident, update, update.published_at)
        incident.next_update_by = None if update.status.is_over else promise
    if update.status.is_over and incident.resolved_at:
        incident.resolved_at = min(incident.resolved_at, update.published_at)
    if incident.published_at:
        incident.published_at = min(incident.published_at, update.published_at)


def correct(
    session: Session,
    actor: Actor,
    uuid: UUID,
    body: Prose | Mapping[str, str],
    *,
    version: int | None = None,
    at: datetime | None = None,
) -> IncidentUpdate:
    """Change the words of a published update: the earlier ones are kept and the update is marked as corrected.

    A translation that was missing and is added corrects nothing, so it leaves no mark.
    """
    incident, update = rows.locked_of(session, uuid)
    if update.published_at is None:
        raise RuleBroken(noop("This update is still a draft: edit it instead."))
    old, new, now = update.body, revise(update.body, body), at or clock.now()
    rows.must_say("/body", new)
    if new == old:  # before the version is asked about: a form sent twice is no conflict
        return update
    same_version(update.version, version)
    update.body = new
    if _says_otherwise(old, new):
        keep(session, "incident_update", str(uuid), "body", old, at=now, by=actor.name)
        update.corrected_at = now
    rows.audit(session, actor, "correct", incident, after={"update": str(uuid), "corrected_at": now.isoformat()})
    return update


def _says_otherwise(old: Prose, new: Prose) -> bool:
    return any(words and words != new.by_locale.get(locale) for locale, words in old.by_locale.items())
