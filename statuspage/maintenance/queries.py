"""Reads planned work."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from statuspage.errors import NotFound
from statuspage.i18n import noop
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.rules import Phase, phase


def phase_now(planned: Maintenance, now: datetime) -> Phase:
    """The phase at `now`, by the clock and by what staff said last."""
    said = planned.updates[-1] if planned.updates else None
    return phase(
        planned.starts_at, planned.ends_at, said.phase if said else None, said.published_at if said else None, now
    )


def by_public_id(session: Session, public_id: str) -> Maintenance:
    """Planned work with its components and updates. Raises `NotFound`."""
    options = selectinload(Maintenance.components), selectinload(Maintenance.updates)
    planned = session.scalar(select(Maintenance).where(Maintenance.public_id == public_id).options(*options))
    if planned is None:
        raise NotFound(noop("There is no such maintenance."))
    return planned


def latest(session: Session, *, limit: int = 200) -> Sequence[Maintenance]:
    """The newest planned work, cancelled work too."""
    found = select(Maintenance).options(selectinload(Maintenance.updates))
    return session.scalars(found.order_by(Maintenance.starts_at.desc(), Maintenance.id).limit(limit)).all()


def after(session: Session, after_id: int, limit: int) -> Sequence[Maintenance]:
    """Planned work as it was announced, the oldest first: that with a greater id."""
    options = selectinload(Maintenance.components), selectinload(Maintenance.updates)
    found = select(Maintenance).where(Maintenance.id > after_id).options(*options)
    return session.scalars(found.order_by(Maintenance.id).limit(limit)).all()


def begun(session: Session, now: datetime) -> Sequence[Maintenance]:
    """The work whose time has come by `now`, over or not, with its components."""
    found = select(Maintenance).where(Maintenance.starts_at <= now, Maintenance.cancelled_at.is_(None))
    options = selectinload(Maintenance.components), selectinload(Maintenance.updates)
    return session.scalars(found.options(*options)).all()


def goes_on(planned: Maintenance, now: datetime) -> bool:
    return phase_now(planned, now) in {Phase.IN_PROGRESS, Phase.VERIFYING}


def under_way(session: Session, now: datetime) -> list[Maintenance]:
    """The work that goes on at `now`, with its components."""
    return [one for one in begun(session, now) if goes_on(one, now)]
