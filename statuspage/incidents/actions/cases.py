"""Incidents themselves: opened, renamed, summed up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.db import same_version
from statuspage.errors import RuleBroken
from statuspage.i18n import noop
from statuspage.incidents.actions import rows
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage, Word
from statuspage.probing.models import Outage
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, Texts, prose, revise


def create(
    session: Session,
    actor: Actor,
    *,
    title: Texts,
    impact: Impact,
    started_at: datetime,
    first: Word | None = None,
    publish: bool = False,
    summary: Prose | None = None,
    relapse_of: str | None = None,
    outage: Outage | None = None,
    form_key: str | None = None,
    at: datetime | None = None,
) -> Incident:
    """A new incident: a draft (with a first update, if written), or published at once with it.

    The same `form_key` again, even at the same moment, gives the incident that is there already.
    """
    now = at or clock.now()
    _check(title, started_at, now)
    if publish and first is None:
        rows.refuse("/body", noop("An incident is published with its first update: write one."))
    incident = Incident(
        public_id=rows.new_id(),
        title=title,
        impact=impact,
        status=first.status if first else Stage.INVESTIGATING,
        started_at=started_at,
        summary=summary,
        summary_at=now if summary else None,
        relapse_of=_relapse(session, relapse_of),
        outage=outage,
    )
    written, update = _write_once(session, incident, first, form_key)
    if written is not incident:
        return written
    rows.audit(session, actor, "create", incident, after=_facts(incident))
    if publish and update is not None:
        rows.publish(session, actor, incident, update, now)
    return incident


def draft(
    session: Session, actor: Actor, outage: Outage, *, title: Texts, impact: Impact, first: Word | None = None
) -> Incident:
    """The one draft about an outage: asked again, the one that is there."""
    session.scalar(select(Outage.id).where(Outage.id == outage.id).with_for_update())
    found = session.scalar(select(Incident).where(Incident.outage_id == outage.id))
    if found is not None:
        return found
    return create(session, actor, title=title, impact=impact, started_at=outage.started_at, first=first, outage=outage)


def edit(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    title: Texts | Mapping[str, str],
    impact: Impact,
    started_at: datetime,
    relapse_of: str | None = None,
    version: int | None = None,
) -> Incident:
    """Change what an incident is called, how bad it is, when it began, what it is a relapse of."""
    incident = rows.locked(session, public_id)
    same_version(incident.version, version)
    before, revised, now = _facts(incident), revise(incident.title, title), clock.now()
    _check(revised, started_at, now)
    if relapse_of == public_id:
        rows.refuse("/relapse_of", noop("An incident cannot be a relapse of itself."))
    if revised != incident.title:
        keep(session, "incident", public_id, "title", incident.title, at=now, by=actor.name)
        incident.title = revised
    incident.impact, incident.started_at = impact, started_at
    incident.relapse_of = _relapse(session, relapse_of)
    rows.audit(session, actor, "edit", incident, before=before, after=_facts(incident))
    return incident


def pin(
    session: Session,
    actor: Actor,
    public_id: str,
    summary: Prose | Mapping[str, str],
    *,
    source: str = "pl",
    version: int | None = None,
    at: datetime | None = None,
) -> Incident:
    """Rewrite the pinned summary, or take it down when nothing is left of it."""
    incident = rows.locked(session, public_id)
    old, now = incident.summary, at or clock.now()
    first = prose({}, source) if old is None else old
    new = revise(first, summary)
    if new == first:  # before the version is asked about: a form sent twice is no conflict
        return incident
    same_version(incident.version, version)
    if old is not None:
        keep(session, "incident", public_id, "summary", old, at=now, by=actor.name)
    incident.summary = new if new.by_locale.get(new.source) else None
    incident.summary_at = now if incident.summary else None
    rows.audit(session, actor, "pin", incident, after={"summary_at": now.isoformat()})
    return incident


def promise(
    session: Session,
    actor: Actor,
    public_id: str,
    next_update_by: datetime | None,
    *,
    version: int | None = None,
    at: datetime | None = None,
) -> Incident:
    """Promise the next update by a time, or take the promise back."""
    incident = rows.locked(session, public_id)
    same_version(incident.version, version)
    rows.check_promise(next_update_by, at or clock.now())
    if incident.status.is_over and next_update_by is not None:
        raise RuleBroken(noop("This incident is resolved: there is no next update to promise."))
    incident.next_update_by = next_update_by
    after = {"next_update_by": next_update_by.isoformat() if next_update_by else None}
    rows.audit(session, actor, "promise", incident, after=after)
    return incident


def _write_once(
    session: Session, incident: Incident, first: Word | None, form_key: str | None
) -> tuple[Incident, IncidentUpdate | None]:
    """Two sends of one form race for its key: the loser's rows are undone, and it gets the winner's."""
    if (before := rows.by_key(session, form_key)) is not None:
        return before.incident, before
    try:
        with session.begin_nested():
            session.add(incident)
            session.flush()
            return incident, None if first is None else rows.write(session, incident, first, form_key)
    except IntegrityError:
        if (twin := rows.by_key(session, form_key)) is None:
            raise
        return twin.incident, twin


def _check(title: Texts, started_at: datetime, now: datetime) -> None:
    rows.must_say("/title", title)
    if started_at > now:
        rows.refuse("/started_at", noop("An incident cannot start in the future."))


def _relapse(session: Session, public_id: str | None) -> Incident | None:
    if not public_id:
        return None
    found = session.scalar(select(Incident).where(Incident.public_id == public_id))
    if found is None or not found.status.is_over:
        rows.refuse("/relapse_of", noop("Choose a resolved incident that this one is a relapse of."))
    return found


def _facts(incident: Incident) -> dict[str, Any]:
    return {
        "title": dict(incident.title.by_locale),
        "impact": incident.impact.value,
        "started_at": incident.started_at.isoformat(),
        "relapse_of": incident.relapse_of.public_id if incident.relapse_of else None,
    }
