"""Reads uptime from the strips and the day rows."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Component
from statuspage.panels.rules import Status, worst
from statuspage.uptime.models import DayUptime, UptimeStrip
from statuspage.uptime.rules import DAYS, Bar, Seconds, unpack

# Of about fifty panels: of a day that is over the bar never changes.
BARS_KEPT = 50 * DAYS
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
    before = today - timedelta(days=DAYS)
    days: defaultdict[int, dict[date, Seconds]] = defaultdict(dict)
    for panel_id, day, spent in chain(_packed(session, today), _since_packed(session, before, today)):
        if before < day <= today:
            known = days[panel_id].get(day)
            days[panel_id][day] = spent if known is None else known + spent
    return dict(days)


def _packed(session: Session, today: date) -> Iterator[tuple[int, date, Seconds]]:
    """The days in the strips: one row a component, whatever the number of days."""
    found = select(Component.panel_id, UptimeStrip.until, UptimeStrip.days).where(UptimeStrip.until <= today)
    strips: defaultdict[tuple[int, date], list[bytes]] = defaultdict(list)
    for panel_id, until, strip in session.execute(found.join(UptimeStrip, UptimeStrip.component_id == Component.id)):
        strips[panel_id, until].append(strip)
    for (panel_id, until), mine in strips.items():
        yield from ((panel_id, day, spent) for day, spent in unpack(mine, until))


def _since_packed(session: Session, before: date, today: date) -> Iterator[tuple[int, date, Seconds]]:
    """The days after each component's strip; all of them where there is none."""
    sums = [func.sum(getattr(DayUptime, field)) for field in FIELD_STATUS]
    found = select(Component.panel_id, DayUptime.day, *sums).select_from(Component)
    is_its = (UptimeStrip.component_id == Component.id) & (UptimeStrip.until <= today)
    found = found.outerjoin(UptimeStrip, is_its)
    # In this order SQLite knows the first day to look for before it opens a component's days.
    found = found.join(DayUptime, DayUptime.component_id == Component.id)
    found = found.where(DayUptime.day > func.coalesce(UptimeStrip.until, before))
    for panel_id, day, *spent in session.execute(found.group_by(Component.panel_id, DayUptime.day)):
        yield panel_id, day, Seconds(*map(int, spent))


def bars(by_day: dict[date, Seconds], today: date) -> tuple[Bar, ...]:
    """90 bars, oldest first; a day without data has no share."""
    span = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return tuple(_bar(day, by_day.get(day, Seconds())) for day in span)


@lru_cache(maxsize=BARS_KEPT)
def _bar(day: date, spent: Seconds) -> Bar:
    seen = [status for field, status in FIELD_STATUS.items() if getattr(spent, field)]
    return Bar(day, spent.share_up, worst(seen) if seen else Status.UNKNOWN, spent.known)


def total_up(by_day: dict[date, Seconds]) -> float | None:
    """The share of all the days together."""
    return Seconds(*map(sum, zip(*(vars(spent).values() for spent in by_day.values()), strict=True))).share_up
