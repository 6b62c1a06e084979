"""Reads probes: what to look at, and what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.errors import NotFound
from statuspage.panels.models import Component
from statuspage.probing.models import Outage, OutageHit, Probe, ProbeResult
from statuspage.probing.rules import Kind, Target, Verdict, phase, slot

HISTORY = 50
SETTLES_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Watch:
    """A probe as the worker needs it: free of the database."""

    id: int
    target: Target
    interval: int
    grace: int
    beat_at: datetime | None = None

    def slot(self, now: datetime) -> int:
        return slot(now, self.interval, phase(self.id, self.interval))


def watches(session: Session, kind: Kind | None = None) -> list[Watch]:
    """All enabled probes, or those of one kind."""
    columns = (Probe.id, Probe.kind, Probe.target, Probe.timeout, Probe.expect, Probe.interval, Probe.beat_at)
    found = select(*columns).where(Probe.enabled).order_by(Probe.id)
    rows = session.execute(found if kind is None else found.where(Probe.kind == kind))
    return [
        Watch(
            row.id,
            Target(row.kind, row.target, row.timeout, row.expect),
            row.interval,
            int(row.expect.get("grace", 0)),
            row.beat_at,
        )
        for row in rows
    ]


def probes(session: Session) -> Sequence[Probe]:
    """All probes, in the order they were made."""
    return session.scalars(select(Probe).order_by(Probe.id)).all()


def probe(session: Session, probe_id: int) -> Probe:
    """One probe. Raises `NotFound`."""
    found = session.get(Probe, probe_id)
    if found is None:
        raise NotFound("There is no such probe.")
    return found


def last_results(session: Session, probe_id: int) -> Sequence[ProbeResult]:
    """The newest results of one probe, newest first."""
    found = select(ProbeResult).where(ProbeResult.probe_id == probe_id).order_by(ProbeResult.slot.desc())
    return session.scalars(found.limit(HISTORY)).all()


def outages_not_drafted(session: Session) -> Sequence[Outage]:
    """Outages that nobody has been told of yet, oldest first."""
    return session.scalars(select(Outage).where(Outage.drafted_at.is_(None)).order_by(Outage.id)).all()


def open_outages(session: Session) -> Sequence[Outage]:
    return session.scalars(select(Outage).where(Outage.ended_at.is_(None)).order_by(Outage.id)).all()


def open_hits(session: Session, probe_id: int) -> Sequence[OutageHit]:
    """Where this probe is counted as down."""
    found = select(OutageHit).where(OutageHit.probe_id == probe_id, OutageHit.ended_at.is_(None))
    return session.scalars(found).all()


def is_settled(session: Session, outage: Outage, now: datetime) -> bool:
    """Whether it is known which of the panel's probes are down: none has yet to look again or is about to fall.

    So that one draft names all that is down. After half a minute it is told as it stands.
    """
    if now - outage.started_at > SETTLES_WITHIN or outage.ended_at is not None:
        return True
    found = select(Probe).join(Probe.component).where(Component.panel_id == outage.panel_id, Probe.enabled)
    for one in session.scalars(found.where(Probe.last_result_at.is_not(None))):
        falling = not one.streak_ok and one.verdict is not Verdict.DOWN
        if falling or (one.last_result_at and one.last_result_at < outage.started_at):
            return False
    return True


def verdicts(session: Session) -> dict[Verdict, int]:
    """How many enabled probes hold which verdict."""
    found = select(Probe.verdict, func.count()).where(Probe.enabled).group_by(Probe.verdict)
    counted = {row[0]: row[1] for row in session.execute(found)}
    return {verdict: counted.get(verdict, 0) for verdict in Verdict}
