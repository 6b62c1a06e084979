"""Counts hours from raw results, draws panels' curves from the hours; counting again gives the same rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from statuspage.latency.models import PanelLatency, ProbeHour
from statuspage.latency.rules import Histogram, Tally, drawn
from statuspage.panels.models import Component, Panel
from statuspage.probing.models import Probe, ProbeResult
from statuspage.probing.rules import HOUR, hour_of, kept_from

KEPT = timedelta(days=90)
SETTLED = timedelta(minutes=2)
PROBES_AT_ONCE, HOURS_AT_ONCE = 100, 6
DRAWN = 48


def settled(now: datetime) -> int:
    """Where the newest hour ends that is over for long enough that its looks have come back."""
    return hour_of(int((now - SETTLED).timestamp()))


def count(session: Session, now: datetime) -> int:
    """Count the hours of the probes that are furthest behind, some at a time. Returns how many probes.

    A result that comes late moves its probe's `counted_until` back, under the same lock.
    """
    mark = func.coalesce(Probe.counted_until, 0)
    furthest = session.scalar(select(func.min(mark)))
    if furthest is None or furthest >= settled(now):
        return 0
    begin = max(furthest, kept_from(now))
    until = min(settled(now), begin + HOURS_AT_ONCE * HOUR)
    behind = select(Probe.id).where(mark <= begin).order_by(Probe.id).limit(PROBES_AT_ONCE)
    ids = session.scalars(behind.with_for_update(of=Probe)).all()
    _write(session, ids, begin, until)
    session.execute(update(Probe).where(Probe.id.in_(ids)).values(counted_until=until))
    return len(ids)


def _write(session: Session, ids: Sequence[int], begin: int, until: int) -> None:
    found = select(ProbeHour).where(ProbeHour.probe_id.in_(ids), ProbeHour.hour >= begin, ProbeHour.hour < until)
    known = {(row.probe_id, row.hour): row for row in session.scalars(found)}
    for (probe_id, hour), tally in _tallies(session, ids, begin, until):
        row = known.get((probe_id, hour))
        if row is None:
            row = ProbeHour(probe_id=probe_id, hour=hour)
            session.add(row)
        elif row.ok + row.failed > tally.total:
            continue  # some of its results are forgotten: what was counted while they were there stands
        row.ok, row.degraded, row.failed, row.times = tally.ok, tally.degraded, tally.failed, tally.times.pack()
    session.flush()


def _tallies(session: Session, ids: Sequence[int], begin: int, until: int) -> Iterator[tuple[tuple[int, int], Tally]]:
    columns = (ProbeResult.probe_id, ProbeResult.slot, ProbeResult.ok, ProbeResult.degraded, ProbeResult.total_ms)
    found = select(*columns).where(ProbeResult.probe_id.in_(ids), ProbeResult.slot >= begin, ProbeResult.slot < until)
    rows = session.execute(found.order_by(ProbeResult.probe_id, ProbeResult.slot))
    for key, group in groupby(rows, key=lambda row: (row.probe_id, hour_of(row.slot))):
        yield key, tally_of(list(group))


def tally_of(rows: Sequence[Any]) -> Tally:
    """What the results of an hour come to."""
    good = [row for row in rows if row.ok]
    times = Histogram.of(row.total_ms for row in good if row.total_ms is not None)
    return Tally(len(good), sum(row.degraded for row in good), len(rows) - len(good), times)


def is_drawn(session: Session, now: datetime) -> bool:
    """Whether every curve reaches to the newest hour."""
    oldest = session.scalar(select(func.min(func.coalesce(PanelLatency.until, 0))).select_from(_panels_drawn()))
    return oldest is None or oldest >= settled(now)


def _panels_drawn() -> Any:
    """Panels that have a probe, with their curve if there is one."""
    probed = select(Component.panel_id).join(Probe, Probe.component_id == Component.id)
    panels = select(Panel.id).where(Panel.id.in_(probed)).subquery()
    return panels.outerjoin(PanelLatency, PanelLatency.panel_id == panels.c.id)


def draw(session: Session, now: datetime) -> None:
    """Draw each panel's curve anew from the hour rows of its probes."""
    until = settled(now)
    histograms = _histograms(session, until)
    session.execute(delete(PanelLatency))
    for panel_id in session.scalars(select(Panel.id).order_by(Panel.id)):
        hours, whole = drawn(histograms.get(panel_id, {}), until, DRAWN)
        session.add(PanelLatency(panel_id=panel_id, until=until, hours=hours, whole=whole))
    session.flush()


def _histograms(session: Session, until: int) -> dict[int, dict[int, list[Histogram]]]:
    """Those of each panel (by id), hour by hour."""
    found = select(Component.panel_id, ProbeHour.hour, ProbeHour.times)
    found = found.join(Probe, Probe.component_id == Component.id).join(ProbeHour, ProbeHour.probe_id == Probe.id)
    rows = session.execute(found.where(ProbeHour.hour >= until - DRAWN * HOUR, ProbeHour.hour < until))
    by_panel: defaultdict[int, defaultdict[int, list[Histogram]]] = defaultdict(lambda: defaultdict(list))
    for panel_id, hour, times in rows:
        by_panel[panel_id][hour].append(Histogram.unpack(times))
    return {panel_id: dict(hours) for panel_id, hours in by_panel.items()}


def forget_old(session: Session, now: datetime, limit: int = 5000) -> int:
    """Delete hours past their time, a batch at a time. Returns how many."""
    bound = hour_of(int((now - KEPT).timestamp()))
    old = select(ProbeHour.probe_id, ProbeHour.hour).join(Probe, Probe.id == ProbeHour.probe_id)
    old = old.where(ProbeHour.hour < bound).order_by(ProbeHour.probe_id, ProbeHour.hour)
    found = session.execute(old.limit(limit)).all()
    for probe_id, last in {row.probe_id: row.hour for row in found}.items():
        session.execute(delete(ProbeHour).where(ProbeHour.probe_id == probe_id, ProbeHour.hour <= last))
    return len(found)
