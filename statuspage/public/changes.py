"""When what a page tells last changed: the newest time in its data, never the time of its rendering."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from statuspage.publishing.views import ArticleView, IncidentView, Ledger, MaintenanceView, PanelView
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.progress import StageView


def newest(times: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in times if at is not None), default=None)


def of_incident(one: IncidentView) -> Iterator[datetime | None]:
    yield from (one.published_at, one.summary_at, one.resolved_at)
    for update in one.updates:
        yield from (update.published_at, update.corrected_at)


def of_ledger(one: Ledger) -> Iterator[datetime | None]:
    for promise in one.promises:
        yield from (promise.said_at, promise.closed_at)


def of_maintenance(one: MaintenanceView) -> Iterator[datetime | None]:
    yield from (one.announced_at, one.changed_at)
    yield from (update.published_at for update in one.updates)


def of_articles(articles: Iterable[ArticleView]) -> Iterator[datetime | None]:
    for one in articles:
        yield from (one.published_at, one.changed_at)


def of_panel(one: PanelView) -> Iterator[datetime | None]:
    yield from (cell.since for cell in one.cells)


def of_restoration(stages: Iterable[StageView], forwarding: Iterable[ForwardingView]) -> Iterator[datetime | None]:
    yield from (one.as_of for one in stages)
    yield from (one.as_of for one in forwarding)


def by_month(times: Iterable[datetime | None], zone: ZoneInfo) -> dict[date, datetime]:
    """The newest of the times in each month of the zone, by its first day."""
    found: dict[date, datetime] = {}
    for at in times:
        if at is not None:
            month = at.astimezone(zone).date().replace(day=1)
            found[month] = max(at, found.get(month, at))
    return found
