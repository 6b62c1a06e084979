"""Reads uptime from the day rows."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Component
from statuspage.panels.rules import Status, worst
from statuspage.uptime.models import DayUptime
from statuspage.uptime.rules import Bar, Seconds

DAYS = 90
FIELD_STATUS = {
    "operational": Status.OPERATIONAL,
    "degraded": Status.DEGRADED,
    "partial": Status.PARTIAL,
    "major": Status.MAJOR,
    "maintenance": Status.UNDER_MAINTENANCE,
    "unknown": Status.UNKNOWN,
}


def seconds(row: DayUptime) -> Seconds:
    return Seconds(**{field: getattr(row, field) for field in FIELD_STATUS})


def panel_days(session: Session, today: date) -> dict[int, dict[date, Seconds]]:
    """The last 90 days of each panel (by id): the sum over its components."""
    sums = [func.sum(getattr(DayUptime, field)) for field in FIELD_STATUS]
    found = select(Component.panel_id, DayUptime.day, *sums).join(DayUptime, DayUptime.component_id == Component.id)
    found = found.where(DayUptime.day > today - timedelta(days=DAYS), DayUptime.day <= today)
    days: defaultdict[int, dict[date, Seconds]] = defaultdict(dict)
    for panel_id, day, *spent in session.execute(found.group_by(Component.panel_id, DayUptime.day)):
        days[panel_id][day] = Seconds(*map(int, spent))
    return dict(days)


def bars(by_day: dict[date, Seconds], today: date) -> tuple[Bar, ...]:
    """90 bars, oldest first; a day without data has no share."""
    span = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return tuple(_bar(day, by_day.get(day, Seconds())) for day in span)


def _bar(day: date, spent: Seconds) -> Bar:
    seen = [status for field, status in FIELD_STATUS.items() if getattr(spent, field)]
    return Bar(day, spent.share_up, worst(seen) if seen else Status.UNKNOWN, spent.known)


def total_up(by_day: dict[date, Seconds]) -> float | None:
    """The share of all the days together."""
    return sum(by_day.values(), Seconds()).share_up
