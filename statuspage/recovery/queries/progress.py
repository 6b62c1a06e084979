"""Reads how far panels and stages have come, and how N came about."""

from collections import defaultdict
from datetime import datetime
from itertools import groupby

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    PanelRecovery,
    PanelSize,
    ProgressMark,
    ProgressPoint,
    StageCount,
)
from statuspage.recovery.rules.progress import MarkView, Point, SizeView, StageView, grown, shown
from statuspage.recovery.rules.reports import STAGES, State

Key = tuple[int, str]


def panel_ids(session: Session) -> dict[str, int]:
    return {one.slug: one.id for one in session.execute(select(Panel.slug, Panel.id))}


def stage_views(session: Session, now: datetime) -> tuple[StageView, ...]:
    """Restoration per panel and stage, from the counters alone: its cost does not grow with the accounts."""
    counts: defaultdict[Key, dict[State, int]] = defaultdict(dict)
    as_of: dict[Key, datetime] = {}
    for row in session.scalars(select(StageCount)):
        key = (row.panel_id, row.stage)
        counts[key][row.state] = row.accounts
        as_of[key] = max(row.changed_at, as_of.get(key, row.changed_at))
    points = _points(session)
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
            size=shown(max(size, seen)),
            as_of=as_of[panel_id, stage],
            points=points.get((panel_id, stage), ()),
        ).foreseen(now)
        for panel_id, slug, size, seen in session.execute(found)
        for stage in STAGES
        if (panel_id, stage) in counts
    )


def _points(session: Session) -> dict[Key, tuple[Point, ...]]:
    """The points of all charts, those with small counts left out; a job keeps them few."""
    columns = (ProgressPoint.at, ProgressPoint.restored, ProgressPoint.size)
    order = (ProgressPoint.panel_id, ProgressPoint.stage, ProgressPoint.at)
    found = select(ProgressPoint.panel_id, ProgressPoint.stage, *columns).order_by(*order)
    points: defaultdict[Key, list[Point]] = defaultdict(list)
    for panel_id, stage, at, restored, size in session.execute(found):
        if shown(restored) is not None:
            points[panel_id, stage].append(Point(at, restored, size))
    return {key: tuple(mine) for key, mine in points.items()}


def size_views(session: Session) -> tuple[SizeView, ...]:
    """How N of each panel changed, oldest first."""
    found = select(Panel.slug, PanelSize.size, PanelSize.at, PanelSize.cause, PanelSize.reason)
    found = found.join(Panel, Panel.id == PanelSize.panel_id).order_by(Panel.position, Panel.id, PanelSize.id)
    stated = (SizeView(*row) for row in session.execute(found))
    return tuple(step for _, group in groupby(stated, key=lambda one: one.panel) for step in grown(group))


def mark_views(session: Session) -> tuple[MarkView, ...]:
    """The tenths that stages have come to, oldest first."""
    columns = (ProgressMark.stage, ProgressMark.percent, ProgressMark.restored, ProgressMark.size, ProgressMark.at)
    found = select(Panel.slug, *columns).join(Panel, Panel.id == ProgressMark.panel_id)
    order = (ProgressMark.at, Panel.position, Panel.id, ProgressMark.stage, ProgressMark.percent)
    return tuple(MarkView(*row) for row in session.execute(found.order_by(*order)))


def last_points(session: Session) -> dict[tuple[int, str], tuple[int, int]]:
    """What the newest point of each panel and stage says: (restored, size)."""
    newest = select(ProgressPoint.panel_id, ProgressPoint.stage, func.max(ProgressPoint.at).label("at"))
    last = newest.group_by(ProgressPoint.panel_id, ProgressPoint.stage).subquery()
    same = (ProgressPoint.panel_id == last.c.panel_id) & (ProgressPoint.stage == last.c.stage)
    found = select(ProgressPoint).join(last, same & (ProgressPoint.at == last.c.at))
    return {(one.panel_id, one.stage): (one.restored, one.size) for one in session.scalars(found)}


def marked(session: Session) -> set[tuple[int, str, int]]:
    """The marks that are stamped: (panel, stage, percent)."""
    found = select(ProgressMark.panel_id, ProgressMark.stage, ProgressMark.percent)
    return {(panel, stage, percent) for panel, stage, percent in session.execute(found)}


def times_of_points(session: Session) -> dict[Key, dict[datetime, int]]:
    """When the points of each chart are, in order, with their ids."""
    found = select(ProgressPoint.panel_id, ProgressPoint.stage, ProgressPoint.at, ProgressPoint.id)
    times: defaultdict[Key, dict[datetime, int]] = defaultdict(dict)
    for panel, stage, at, key in session.execute(found.order_by(ProgressPoint.at)):
        times[panel, stage][at] = key
    return times


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
