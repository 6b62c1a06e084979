"""Reads incidents and their updates."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from statuspage.errors import NotFound
from statuspage.estimates import queries as estimates
from statuspage.estimates.rules import Known, Subject
from statuspage.i18n import noop
from statuspage.incidents.models import Affected, HandoverNote, Incident, IncidentUpdate
from statuspage.incidents.rules import RELATED_WITHIN, Stage
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage, OutageHit
from statuspage.texts.rules import Texts


class IncidentFilter(StrEnum):
    """Which incidents are asked for."""

    DRAFT = "draft"
    OPEN = "open"
    OVER = "over"


OVER = [stage for stage in Stage if stage.is_over]
CHOSEN = {
    IncidentFilter.DRAFT: Incident.published_at.is_(None),
    IncidentFilter.OPEN: and_(Incident.published_at.is_not(None), Incident.status.not_in(OVER)),
    IncidentFilter.OVER: and_(Incident.published_at.is_not(None), Incident.status.in_(OVER)),
}


def by_public_id(session: Session, public_id: str) -> Incident:
    """The incident with its updates, draft or not. Raises `NotFound`."""
    found = select(Incident).where(Incident.public_id == public_id)
    options = selectinload(Incident.updates).selectinload(IncidentUpdate.affected)
    seen = selectinload(Incident.outage).selectinload(Outage.hits).selectinload(OutageHit.probe)
    incident = session.scalar(found.options(options, seen))
    if incident is None:
        raise NotFound(noop("There is no such incident."))
    return incident


def update_of(session: Session, public_id: str, uuid: UUID) -> IncidentUpdate:
    """One update of one incident. Raises `NotFound`, also where it belongs to another."""
    options = selectinload(IncidentUpdate.incident), selectinload(IncidentUpdate.affected)
    update = session.scalar(select(IncidentUpdate).where(IncidentUpdate.uuid == uuid).options(*options))
    if update is None or update.incident.public_id != public_id:
        raise NotFound(noop("There is no such update."))
    return update


def latest(session: Session, *, limit: int = 200) -> Sequence[Incident]:
    """The newest incidents, drafts among them."""
    return session.scalars(select(Incident).order_by(Incident.started_at.desc(), Incident.id).limit(limit)).all()


def after(session: Session, chosen: IncidentFilter | None, after_id: int, limit: int) -> Sequence[Incident]:
    """Incidents as they were written, the oldest first: those with a greater id."""
    found = select(Incident).where(Incident.id > after_id).options(selectinload(Incident.relapse_of))
    found = found.where(CHOSEN[chosen]) if chosen else found
    return session.scalars(found.order_by(Incident.id).limit(limit)).all()


def handovers(session: Session, incident: Incident) -> Sequence[HandoverNote]:
    """What shifts handed over, the newest first."""
    found = select(HandoverNote).where(HandoverNote.incident_id == incident.id)
    return session.scalars(found.order_by(HandoverNote.id.desc())).all()


def related(session: Session, incident: Incident) -> Sequence[Incident]:
    """What it came back after, what came back after it, and what touched the same panels around that time."""
    mine = select(Component.panel_id).join(Affected, Affected.component_id == Component.id).join(Affected.update)
    panels = mine.where(IncidentUpdate.incident_id == incident.id)
    told = select(IncidentUpdate.incident_id).join(Affected, Affected.update_id == IncidentUpdate.id)
    touching = told.join(Affected.component).where(Component.panel_id.in_(panels))
    near = Incident.started_at.between(incident.started_at - RELATED_WITHIN, incident.started_at + RELATED_WITHIN)
    by_name = or_(Incident.id == incident.relapse_of_id, Incident.relapse_of_id == incident.id)
    found = select(Incident).where(Incident.id != incident.id, or_(by_name, near & Incident.id.in_(touching)))
    return session.scalars(found.order_by(Incident.started_at.desc()).limit(10)).all()


def due(session: Session, now: datetime) -> Sequence[UUID]:
    """The updates whose hour of publishing has come, the earliest first."""
    found = select(IncidentUpdate.uuid).where(IncidentUpdate.published_at.is_(None), IncidentUpdate.publish_at <= now)
    return session.scalars(found.order_by(IncidentUpdate.publish_at, IncidentUpdate.id)).all()


def said_last(session: Session, incident: Incident) -> dict[str, tuple[Status, Texts | None]]:
    """What the incident's published updates say last of each component, by public id."""
    found = (
        select(Affected)
        .join(Affected.update)
        .where(IncidentUpdate.incident_id == incident.id, IncidentUpdate.published_at.is_not(None))
    )
    rows = session.scalars(found.order_by(IncidentUpdate.sequence))
    return {row.component.public_id: (row.status, row.note) for row in rows}


def known(session: Session, kind: Subject, public_id: str) -> Known:
    """The subject of an estimate, seen to exist and held until the transaction ends. Raises `NotFound`."""
    if kind is not Subject.INCIDENT:
        return estimates.known(session, kind, public_id)
    found = select(Incident.id).where(Incident.public_id == public_id)
    if session.scalar(found.with_for_update(key_share=True)) is None:
        raise NotFound(noop("There is no such incident."))
    return Known(kind, public_id)
