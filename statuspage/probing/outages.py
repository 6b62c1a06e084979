"""Outages begin with the probes of a panel that fall, and end with the last that is back.

In a disaster thousands do so in one second, so all are handled at once: the statements do not grow with them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, joinedload

from statuspage.maintenance.queries import begun, goes_on
from statuspage.panels.models import Component, Panel
from statuspage.probing.models import Outage, OutageHit, Probe


class Silence:
    """The planned work that a look may have met: what a probe sees meanwhile on its component is no outage."""

    def __init__(self, session: Session, until: datetime) -> None:
        self.works = [(one, {component.id for component in one.components}) for one in begun(session, until)]

    def covers(self, component_id: int, at: datetime) -> bool:
        return any(component_id in touched and goes_on(one, at) for one, touched in self.works)


def probes_at(session: Session, ids: Collection[int]) -> dict[int, Probe]:
    """These probes as their rows are now, by id."""
    found = select(Probe).where(Probe.id.in_(ids)).options(joinedload(Probe.component)).order_by(Probe.id)
    return {one.id: one for one in session.scalars(found.execution_options(populate_existing=True))}


def begin(session: Session, fallen: Mapping[int, datetime]) -> None:
    """Count probes (by id, with since when they are down) into the outages of their panels, or begin such."""
    if not fallen:
        return
    queue(session, fallen)
    probes = probes_at(session, fallen)
    panels = {one.component.panel_id for one in probes.values()}
    going_on = select(Outage).where(Outage.panel_id.in_(panels), Outage.ended_at.is_(None))
    known = {one.panel_id: one for one in session.scalars(going_on)}
    for probe_id, since in fallen.items():
        panel_id = probes[probe_id].component.panel_id
        outage = known.setdefault(panel_id, Outage(panel_id=panel_id, started_at=since))
        outage.started_at = min(outage.started_at, since)
    session.add_all(known.values())
    session.flush()
    session.execute(insert(OutageHit), [_hit(probes[key], known, since) for key, since in fallen.items()])


def _hit(probe: Probe, outages: Mapping[int, Outage], since: datetime) -> dict[str, Any]:
    outage = outages[probe.component.panel_id]
    return {"outage_id": outage.id, "probe_id": probe.id, "started_at": since, "error": probe.last_error}


def end(session: Session, back: Collection[int]) -> None:
    """These probes (by id) are back, each since its verdict says so."""
    if not back:
        return
    queue(session, back)
    probes = probes_at(session, back)
    counted = select(OutageHit).where(OutageHit.probe_id.in_(back), OutageHit.ended_at.is_(None))
    hits = session.scalars(counted).all()
    for hit in hits:
        hit.ended_at = probes[hit.probe_id].verdict_since
    session.flush()
    for outage_id in sorted({hit.outage_id for hit in hits}):
        still_down, last = session.execute(
            select(func.count().filter(OutageHit.ended_at.is_(None)), func.max(OutageHit.ended_at)).where(
                OutageHit.outage_id == outage_id
            )
        ).one()
        if not still_down:
            session.get_one(Outage, outage_id).ended_at = last
    session.flush()


def queue(session: Session, ids: Collection[int]) -> None:
    """One outage a panel: probes that go down or return in the same moment queue here, panel by panel.

    Who begins and ends outages in one transaction queues once for all of them first, or two would cross.
    """
    theirs = select(Component.panel_id).join(Probe, Probe.component_id == Component.id).where(Probe.id.in_(ids))
    panels = select(Panel.id).where(Panel.id.in_(theirs)).order_by(Panel.id)
    session.execute(panels.with_for_update(key_share=True)).all()
