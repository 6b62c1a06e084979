"""Reads probes: what to look at, and what was seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from statuspage.db import Site
from statuspage.errors import NotFound
from statuspage.leases.queries import holders
from statuspage.panels.models import Component
from statuspage.probing.models import Outage, OutageHit, Probe, ProbeResult
from statuspage.probing.rules import SILENT_INTERVALS, Kind, Standing, Target, Verdict, kept_from

HISTORY = 50
SETTLES_WITHIN = timedelta(seconds=30)
STANDING = (Probe.verdict, Probe.verdict_since, Probe.streak, Probe.streak_ok, Probe.streak_from)
# Under this prefix each worker whose network works holds a lease of its own.
SEEING = "seeing/"


@dataclass(frozen=True)
class Watch:
    """A probe as the worker needs it: free of the database."""

    id: int
    target: Target
    interval: int
    grace: int
    seen_at: datetime | None = None


def watches(session: Session) -> list[Watch]:
    """All enabled probes."""
    columns = (Probe.id, Probe.kind, Probe.target, Probe.timeout, Probe.expect, Probe.interval, Probe.last_result_at)
    rows = session.execute(select(*columns).where(Probe.enabled).order_by(Probe.id))
    return [
        Watch(probe_id, Target(kind, target, timeout, expect), interval, int(expect.get("grace", 0)), seen_at)
        for probe_id, kind, target, timeout, expect, interval, seen_at in rows
    ]


def in_doubt(session: Session, among: Collection[int] | None = None) -> set[int]:
    """Probes, or those among some, that are worth looking at again soon: `Standing.is_in_doubt`, of many at once."""
    speaks_against = (Probe.verdict == Verdict.DOWN) == Probe.streak_ok
    # Nobody can ask a heartbeat again: it comes when it comes.
    found = select(Probe.id).where(Probe.kind != Kind.HEARTBEAT, Probe.streak > 0, speaks_against)
    return set(session.scalars(found if among is None else found.where(Probe.id.in_(among))))


def beats(session: Session, probe_ids: Collection[int]) -> dict[int, datetime | None]:
    """When each of these heartbeats was heard last."""
    found = select(Probe.id, Probe.beat_at).where(Probe.id.in_(probe_ids))
    return {row.id: row.beat_at for row in session.execute(found)}


def standing_of(row: Any) -> Standing:
    """The standing that is kept in a probe's columns."""
    return Standing(row.verdict, row.verdict_since, row.streak, row.streak_ok, row.streak_from)


def fell_silent(session: Session, since: datetime, now: datetime) -> bool:
    """Whether a probe has become silent after `since`: nobody writes then, yet the page must say so."""
    heard = func.coalesce(Probe.last_result_at, Probe.created_at)
    for interval in session.scalars(select(Probe.interval).where(Probe.enabled).distinct()):
        waited = timedelta(seconds=SILENT_INTERVALS * interval)
        found = select(Probe.id).where(Probe.enabled, Probe.interval == interval)
        if session.scalar(found.where(heard >= since - waited, heard < now - waited).limit(1)) is not None:
            return True
    return False


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


def results_after(session: Session, probe_id: int, slot: int, limit: int) -> Sequence[ProbeResult]:
    """The results of one probe after a slot, the oldest first."""
    found = select(ProbeResult).where(ProbeResult.probe_id == probe_id, ProbeResult.slot > slot)
    return session.scalars(found.order_by(ProbeResult.slot).limit(limit)).all()


def outages_not_drafted(session: Session) -> Sequence[Outage]:
    """Outages that nobody has been told of yet, oldest first."""
    return session.scalars(select(Outage).where(Outage.drafted_at.is_(None)).order_by(Outage.id)).all()


def hits_of(session: Session, outage: Outage) -> Sequence[OutageHit]:
    """The probes that an outage counts, as they were counted, each with its component."""
    found = select(OutageHit).where(OutageHit.outage_id == outage.id).order_by(OutageHit.id)
    return session.scalars(found.options(joinedload(OutageHit.probe).joinedload(Probe.component))).all()


def outages_ended(session: Session) -> Sequence[Outage]:
    """Outages that are over, of which this has not been told yet, oldest first."""
    untold = Outage.ended_at.is_not(None), Outage.drafted_at.is_not(None), Outage.closed_in_incident_at.is_(None)
    return session.scalars(select(Outage).where(*untold).order_by(Outage.id)).all()


def open_outages(session: Session) -> Sequence[Outage]:
    return session.scalars(select(Outage).where(Outage.ended_at.is_(None)).order_by(Outage.id)).all()


def without_outage(session: Session, *, lock: bool = False) -> Sequence[Probe]:
    """Probes that are down, yet counted in no outage."""
    counted = select(OutageHit.id).where(OutageHit.probe_id == Probe.id, OutageHit.ended_at.is_(None))
    found = select(Probe).where(Probe.enabled, Probe.verdict == Verdict.DOWN, ~counted.exists()).order_by(Probe.id)
    return session.scalars(found.with_for_update(of=Probe) if lock else found).all()


def is_settled(session: Session, outage: Outage, now: datetime) -> bool:
    """Whether it is known which of the panel's probes are down: none has yet to look again or is about to fall.

    So that one draft names all that is down; a gateway explains it all. After half a minute it is told as it stands.
    """
    if now - outage.started_at > SETTLES_WITHIN or outage.ended_at is not None:
        return True
    counted = select(OutageHit.probe_id).where(OutageHit.outage_id == outage.id)
    gateway = select(Probe.id).where(Probe.gateway, Probe.id.in_(counted)).limit(1)
    if session.scalar(gateway) is not None:
        return True
    falling = Probe.streak_ok.is_(False) & (Probe.verdict != Verdict.DOWN)
    others = select(Probe.id).join(Probe.component).where(Component.panel_id == outage.panel_id, Probe.enabled)
    others = others.where(Probe.last_result_at.is_not(None), Probe.id.not_in(counted))
    return session.scalar(others.where(falling | (Probe.last_result_at < outage.started_at)).limit(1)) is None


def impaired_since(session: Session) -> datetime | None:
    """Since when our own network is cut; None while it works."""
    return session.scalar(select(Site.impaired_from).where(Site.impaired_until.is_(None)))


def is_impaired(session: Session) -> bool:
    """Whether our own network is cut, so that nothing can be said of any target."""
    return impaired_since(session) is not None


def workers(session: Session, now: datetime, seconds: float) -> Sequence[str]:
    """The workers that share the probes at this moment, in order; each says so every few of these seconds."""
    return holders(session, SEEING, now, seconds)


def verdicts(session: Session) -> dict[Verdict, int]:
    """How many enabled probes hold which verdict."""
    found = select(Probe.verdict, func.count()).where(Probe.enabled).group_by(Probe.verdict)
    counted = {row[0]: row[1] for row in session.execute(found)}
    return {verdict: counted.get(verdict, 0) for verdict in Verdict}


def old_results(now: datetime) -> Select[int, int]:
    """The raw results past their time that are counted into hours, each probe's oldest first."""
    found = select(ProbeResult.probe_id, ProbeResult.slot).join(Probe, Probe.id == ProbeResult.probe_id)
    found = found.where(ProbeResult.slot < kept_from(now), ProbeResult.slot < Probe.counted_until)
    # By the probe's own key: by that of the results SQLite would walk through all that stay.
    return found.order_by(Probe.id, ProbeResult.slot)
