"""Updates before readers have them: drafts, and what is scheduled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import SYSTEM, Actor
from statuspage.db import same_version
from statuspage.errors import RuleBroken
from statuspage.i18n import noop
from statuspage.incidents import queries
from statuspage.incidents.actions import rows
from statuspage.incidents.models import IncidentUpdate
from statuspage.incidents.rules import Word, fits


def save_draft(
    session: Session,
    actor: Actor,
    public_id: str,
    word: Word,
    *,
    publish_at: datetime | None = None,
    form_key: str | None = None,
) -> IncidentUpdate:
    """Keep a new update for later; with `publish_at` it goes out by itself. The same `form_key` keeps it once."""
    incident = rows.locked(session, public_id)
    _check_hour(publish_at)
    update = rows.by_key_in(session, incident, form_key)
    if update is not None:
        return update
    update = rows.write(session, incident, word, form_key)
    update.publish_at = publish_at
    rows.audit(session, actor, "schedule" if publish_at else "save_draft", incident, after=rows.said(update))
    return update


def edit_draft(
    session: Session,
    actor: Actor,
    uuid: UUID,
    word: Word,
    *,
    publish_at: datetime | None = None,
    version: int | None = None,
) -> IncidentUpdate:
    """New words, or a new hour, for a draft."""
    incident, update = rows.locked_of(session, uuid)
    _must_be_draft(update)
    same_version(update.version, version)
    _check_hour(publish_at)
    rows.fill(session, update, word)
    update.publish_at = publish_at
    rows.audit(session, actor, "schedule" if publish_at else "save_draft", incident, after=rows.said(update))
    return update


def publish_draft(
    session: Session,
    actor: Actor,
    uuid: UUID,
    *,
    word: Word | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> IncidentUpdate:
    """Publish a draft, with new words if given. One that is out already stays as it is."""
    incident, update = rows.locked_of(session, uuid)
    if update.published_at is not None:
        return update
    same_version(update.version, version)
    if word is not None:
        rows.fill(session, update, word)
    return rows.publish(session, actor, incident, update, at or clock.now())


def discard_draft(session: Session, actor: Actor, uuid: UUID) -> str:
    """Throw a draft away; what readers have seen cannot be. Returns its incident's public id."""
    incident, update = rows.locked_of(session, uuid)
    _must_be_draft(update)
    rows.audit(session, actor, "discard_draft", incident, before=rows.said(update))
    session.delete(update)
    return incident.public_id


def publish_due(session: Session, now: datetime, actor: Actor = SYSTEM) -> int:
    """Publish what was scheduled up to `now`; what no longer fits becomes a plain draft. Returns how many went out.

    Ask `queries.due` first, in a reading transaction: a writing one makes the publisher look each time.
    """
    out = 0
    for uuid in queries.due(session, now):
        incident, update = rows.locked_of(session, uuid)
        if update.published_at is not None or update.publish_at is None:
            continue  # somebody was faster
        told = [one.status for one in rows.published(session, incident)]
        if not fits(told, len(told), update.status):
            update.publish_at = None
            rows.audit(session, actor, "unschedule", incident, after=rows.said(update))
            continue
        if update.next_update_by is not None and update.next_update_by <= now:
            update.next_update_by = None  # kept late by a dead worker: a promise already broken is not made
        rows.publish(session, actor, incident, update, now)
        out += 1
    return out


def _check_hour(publish_at: datetime | None) -> None:
    if publish_at is not None and publish_at <= clock.now():
        rows.refuse("/publish_at", noop("Choose a time that is still to come, or publish now."))


def _must_be_draft(update: IncidentUpdate) -> None:
    if update.published_at is not None:
        raise RuleBroken(noop("This update is published already: correct it instead."))
