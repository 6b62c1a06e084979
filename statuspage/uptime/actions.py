"""Counts the day rows from the spans; counting again gives the same rows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Component
from statuspage.status.models import Span
from statuspage.uptime.models import DayUptime
from statuspage.uptime.queries import FIELD_STATUS
from statuspage.uptime.rules import day_bounds, spent

OLDEST = timedelta(days=400)


def count_since(session: Session, since: date, now: datetime, zone: ZoneInfo) -> int:
    """Count every day from `since` until now, of all components; today as far as it has gone. Returns the rows."""
    today = now.astimezone(zone).date()
    since = max(since, today - OLDEST)
    # Rows are written anew: two that count at once must not write the same ones.
    session.scalars(select(Component.id).order_by(Component.id).with_for_update()).all()
    start = day_bounds(since, zone)[0]
    spans = _spans(session, start, now)
    session.execute(delete(DayUptime).where(DayUptime.day >= since, DayUptime.component_id.in_(spans)))
    rows = [row for component, mine in spans.items() for row in _rows(component, mine, since, now, zone)]
    session.add_all(rows)
    session.flush()
    return len(rows)


def _spans(session: Session, start: datetime, now: datetime) -> dict[int, list[Span]]:
    found = select(Span).where(Span.started_at < now, or_(Span.ended_at.is_(None), Span.ended_at > start))
    spans: dict[int, list[Span]] = {}
    for span in session.scalars(found.order_by(Span.started_at)):
        spans.setdefault(span.component_id, []).append(span)
    return spans


def _rows(component: int, spans: list[Span], since: date, now: datetime, zone: ZoneInfo) -> Iterator[DayUptime]:
    stretches = [(span.status, span.started_at, span.ended_at or now) for span in spans]
    day, today = since, now.astimezone(zone).date()
    while day <= today:
        start, end = day_bounds(day, zone)
        seconds = spent(stretches, start, min(end, now))
        if seconds:
            fields = {name: seconds.get(status, 0) for name, status in FIELD_STATUS.items()}
            yield DayUptime(component_id=component, day=day, **fields)
        day += timedelta(days=1)


def last_counted(session: Session, today: date) -> date | None:
    """The newest day with a row, not past today."""
    return session.scalar(select(func.max(DayUptime.day)).where(DayUptime.day <= today))
