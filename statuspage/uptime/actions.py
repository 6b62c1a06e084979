"""Counts the day rows from the spans, and packs settled days; counting again gives the same rows."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from statuspage.incidents.models import Affected, IncidentUpdate
from statuspage.panels.models import Component
from statuspage.status.actions import recompute
from statuspage.status.models import Span
from statuspage.uptime.models import DayUptime, UptimeStrip
from statuspage.uptime.queries import FIELD_STATUS, seconds
from statuspage.uptime.rules import DAYS, Seconds, day_bounds, pack, spent

OLDEST = timedelta(days=400)


def retell(session: Session, told: IncidentUpdate, now: datetime, zone: ZoneInfo) -> None:
    """Write spans and days anew from a published update that was told late.

    It changes the components that it names; where it ends the incident, all that the incident named.
    """
    assert told.published_at is not None
    named = select(Affected.component_id).join(Affected.update).where(IncidentUpdate.published_at.is_not(None))
    its = IncidentUpdate.incident_id == told.incident_id if told.status.is_over else IncidentUpdate.id == told.id
    components = set(session.scalars(named.where(its)))
    # Components before the site's row, in the order in which the desk takes them: no two wait for each other.
    session.scalars(_held(components)).all()
    recompute(session, components, told.published_at, now)
    count_since(session, told.published_at.astimezone(zone).date(), now, zone, of=components)


def _held(components: Collection[int] | None) -> Select[int]:
    """Locks against others that count, not against rows that only refer to a component."""
    found = select(Component.id).order_by(Component.id).with_for_update(key_share=True)
    return found if components is None else found.where(Component.id.in_(components))


def count_since(
    session: Session, since: date, now: datetime, zone: ZoneInfo, *, of: Collection[int] | None = None
) -> int:
    """Count every day from `since` until now, `of` some components or all; today so far. Returns the rows."""
    today = now.astimezone(zone).date()
    since = max(since, today - OLDEST)
    # Rows are written anew: two that count at once must not write the same ones.
    held = session.scalars(_held(of)).all()
    start = day_bounds(since, zone)[0]
    spans = {component: mine for component, mine in _spans(session, start, now).items() if component in held}
    session.execute(delete(DayUptime).where(DayUptime.day >= since, DayUptime.component_id.in_(spans)))
    rows = [row for component, mine in spans.items() for row in _rows(component, mine, since, now, zone)]
    session.add_all(rows)
    session.flush()
    _pack(session, spans, since, today)
    return len(rows)


def _pack(session: Session, components: Collection[int], since: date, today: date) -> None:
    """Write the strips anew of which there is none yet, a day is missing, or a day was counted anew.

    Yesterday is counted again all day long, so strips end before it, and most counting writes none.
    """
    until = today - timedelta(days=2)
    kept = select(UptimeStrip.component_id).where(UptimeStrip.until == until)
    fresh = set() if since <= until else set(session.scalars(kept))
    stale = [one for one in components if one not in fresh]
    if not stale:
        return
    found = select(DayUptime).where(DayUptime.component_id.in_(stale), DayUptime.day <= until)
    by_component: dict[int, dict[date, Seconds]] = {one: {} for one in stale}
    for row in session.scalars(found.where(DayUptime.day > until - timedelta(days=DAYS))):
        by_component[row.component_id][row.day] = seconds(row)
    session.execute(delete(UptimeStrip).where(UptimeStrip.component_id.in_(stale)))
    strips = ((one, pack(days, until)) for one, days in by_component.items())
    session.add_all(UptimeStrip(component_id=one, until=until, days=packed) for one, packed in strips)
    session.flush()


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
