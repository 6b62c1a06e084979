"""Writes down how far the restoration has come: points of the charts, marks of 10 %, steps of N that was seen."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from statuspage.recovery.actions.reports import new_rows
from statuspage.recovery.models import ForwardingPoint, PanelRecovery, PanelSize, ProgressMark, ProgressPoint
from statuspage.recovery.queries.progress import last_points, marked, times_of_points, totals
from statuspage.recovery.rules.progress import SizeCause, passed, superfluous

GROWS_EVERY = timedelta(minutes=15)
FORWARDING_LASTS = timedelta(days=30)


def mark_progress(session: Session, now: datetime) -> int:
    """A point on the chart of each stage that has moved since the last one; returns how many."""
    last = last_points(session)
    rows = [
        {"panel_id": panel, "stage": stage, "at": now, "restored": restored, "size": size}
        for panel, stage, restored, size in totals(session)
        if last.get((panel, stage)) != (restored, size)
    ]
    if rows:
        session.execute(new_rows(session, ProgressPoint).on_conflict_do_nothing(), rows)
    return len(rows)


def stamp_marks(session: Session, now: datetime) -> int:
    """A mark for each 10 % that a stage has come to for the first time; returns how many."""
    known = marked(session)
    rows = [
        {"panel_id": panel, "stage": stage, "percent": percent, "restored": restored, "size": size, "at": now}
        for panel, stage, restored, size in totals(session)
        for percent in passed(restored, size)
        if (panel, stage, percent) not in known
    ]
    if rows:
        session.execute(new_rows(session, ProgressMark).on_conflict_do_nothing(), rows)
    return len(rows)


def note_growth(session: Session, now: datetime) -> int:
    """A step of N for each panel of which more accounts were seen than was known; at most one in a quarter."""
    is_seen = PanelSize.cause == SizeCause.SEEN
    noted = select(PanelSize.panel_id, func.max(PanelSize.size), func.max(PanelSize.at)).where(is_seen)
    before = {panel: (size, at) for panel, size, at in session.execute(noted.group_by(PanelSize.panel_id))}
    steps = [
        PanelSize(panel_id=one.panel_id, size=one.seen, at=now, cause=SizeCause.SEEN)
        for one in session.scalars(select(PanelRecovery).where(PanelRecovery.seen > PanelRecovery.size))
        if _is_news(one.seen, before.get(one.panel_id), now)
    ]
    session.add_all(steps)
    return len(steps)


def _is_news(seen: int, before: tuple[int, datetime] | None, now: datetime) -> bool:
    return before is None or (seen > before[0] and now - before[1] >= GROWS_EVERY)


def thin_points(session: Session, now: datetime) -> int:
    """Keep the points of the charts few: the older, the fewer. Returns how many went."""
    charts = times_of_points(session).values()
    gone = [points[at] for points in charts for at in superfluous(list(points), now)]
    for start in range(0, len(gone), 500):
        session.execute(delete(ProgressPoint).where(ProgressPoint.id.in_(gone[start : start + 500])))
    session.execute(delete(ForwardingPoint).where(ForwardingPoint.at <= now - FORWARDING_LASTS))
    return len(gone)
