"""Reads how far panels and stages have come."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    PanelRecovery,
    ProgressPoint,
    StageCount,
)
from statuspage.recovery.rules.progress import Point, StageView, shown
from statuspage.recovery.rules.reports import STAGES, State

POINTS_SHOWN = 96


def panel_ids(session: Session) -> dict[str, int]:
    return {one.slug: one.id for one in session.execute(select(Panel.slug, Panel.id))}


def stage_views(session: Session) -> tuple[StageView, ...]:
    """Restoration per panel and stage, from the counters alone: its cost does not grow with the accounts."""
    counts: defaultdict[tuple[int, str], dict[State, int]] = defaultdict(dict)
    as_of: dict[tuple[int, str], datetime] = {}
    for row in session.scalars(select(StageCount)):
        key = (row.panel_id, row.stage)
        counts[key][row.state] = row.accounts
        as_of[key] = max(row.changed_at, as_of.get(key, row.changed_at))
    found = select(PanelRecovery.panel_id, Panel.slug, PanelRecovery.size, PanelRecovery.seen)
    found = found.join(Panel, Panel.id == PanelRecovery.panel_id).order_by(Panel.position, Panel.id)
    return tuple(
        StageView(
            panel=slug,
            stage=stage,
            restored=shown(counts[panel_id, stage].get(State.RESTORED, 0)),
            running=shown(counts[panel_id, stage].get(State.RUNNING, 0)),
            failed=shown(counts[panel_id, stage].get(State.FAILED, 0)),
            needs_choice=shown(counts[panel_id, stage].get(State.NEEDS_CHOICE, 0)),
            size=max(size, seen),
            as_of=as_of[panel_id, stage],
            points=_points(session, panel_id, stage),
        )
        for panel_id, slug, size, seen in session.execute(found)
        for stage in STAGES
        if (panel_id, stage) in counts
    )


def _points(session: Session, panel_id: int, stage: str) -> tuple[Point, ...]:
    """The last points of a chart, those with small counts left out."""
    found = select(ProgressPoint.at, ProgressPoint.restored, ProgressPoint.size)
    found = found.where(ProgressPoint.panel_id == panel_id, ProgressPoint.stage == stage)
    rows = session.execute(found.order_by(ProgressPoint.at.desc()).limit(POINTS_SHOWN)).all()
    return tuple(Point(at, restored, size) for at, restored, size in reversed(rows) if shown(restored) is not None)


def last_points(session: Session) -> dict[tuple[int, str], tuple[int, int]]:
    """What the newest point of each panel and stage says: (restored, size)."""
    newest = select(ProgressPoint.panel_id, ProgressPoint.stage, func.max(ProgressPoint.at).label("at"))
    last = newest.group_by(ProgressPoint.panel_id, ProgressPoint.stage).subquery()
    same = (ProgressPoint.panel_id == last.c.panel_id) & (ProgressPoint.stage == last.c.stage)
    found = select(ProgressPoint).join(last, same & (ProgressPoint.at == last.c.at))
    return {(one.panel_id, one.stage): (one.restored, one.size) for one in session.scalars(found)}


def totals(session: Session) -> list[tuple[int, str, int, int]]:
    """(panel, stage, restored, size) as counted now."""
    restored = func.sum(case((StageCount.state == State.RESTORED, StageCount.accounts), else_=0))
    found = (
        select(StageCount.panel_id, StageCount.stage, restored, PanelRecovery.size, PanelRecovery.seen)
        .join(PanelRecovery, PanelRecovery.panel_id == StageCount.panel_id)
        .group_by(StageCount.panel_id, StageCount.stage, PanelRecovery.size, PanelRecovery.seen)
    )
    return [(panel, stage, int(done), max(size, seen)) for panel, stage, done, size, seen in session.execute(found)]


def sizes(session: Session) -> dict[str, int]:
    """N of each panel in recovery: what was stated, or what was seen if that is more."""
    found = select(Panel.slug, PanelRecovery.size, PanelRecovery.seen).join(Panel, Panel.id == PanelRecovery.panel_id)
    return {slug: max(size, seen) for slug, size, seen in session.execute(found)}
