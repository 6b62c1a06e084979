"""The story of an incident or a month, grouped by day, newest first, with changed estimates between the updates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar
from zoneinfo import ZoneInfo

from statuspage.estimates.rules import Subject
from statuspage.public.bars import troubled
from statuspage.publishing.digests import by_digest
from statuspage.publishing.views import IncidentView, Ledger, MaintenanceView, PanelDays, PromiseView, UpdateView
from statuspage.texts.rules import Texts
from statuspage.uptime.rules import Bar

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One thing said: an update, or a promise (`before` is the one it replaces)."""

    at: datetime
    update: UpdateView | None = None
    ledger: Ledger | None = None
    promise: PromiseView | None = None
    before: PromiseView | None = None


@dataclass(frozen=True)
class Day:
    """One day of the site's zone and what was said on it, newest first."""

    day: date
    entries: tuple[Entry, ...]


def of_incident(incident: IncidentView, ledgers: Iterable[Ledger], zone: ZoneInfo) -> tuple[Day, ...]:
    """All updates of an incident, and the promises made about it while it lasted."""
    entries = [Entry(update.published_at, update=update) for update in incident.updates]
    entries += [entry for ledger in ledgers for entry in _promises(ledger) if _during(incident, entry.at)]
    entries.sort(key=lambda entry: (entry.at, entry.update.sequence if entry.update else 0), reverse=True)
    days = groupby(entries, key=lambda entry: entry.at.astimezone(zone).date())
    return tuple(Day(day, tuple(group)) for day, group in days)


def _promises(ledger: Ledger) -> Iterator[Entry]:
    before: PromiseView | None = None
    for promise in ledger.promises:
        yield Entry(promise.said_at, ledger=ledger, promise=promise, before=before)
        before = promise


def _during(incident: IncidentView, at: datetime) -> bool:
    return incident.started_at <= at and (incident.resolved_at is None or at <= incident.resolved_at)


def concerning(incident: IncidentView, ledgers: Iterable[Ledger]) -> tuple[Ledger, ...]:
    """The ledgers about the incident itself or about what it touches."""
    return tuple(one for one in ledgers if _concerns(one, incident.public_id, incident.panels))


def _concerns(ledger: Ledger, incident: str, panels: Sequence[str]) -> bool:
    if ledger.kind is Subject.INCIDENT:
        return ledger.subject == incident
    return panel_of(ledger) in panels


def panel_of(ledger: Ledger) -> str:
    """The panel that a ledger of a panel, a component or a stage is about."""
    return ledger.subject.split(".", 1)[0] if ledger.kind is not Subject.INCIDENT else ""


@dataclass(frozen=True)
class Told:
    """What one incident said on one day: how many updates, and whether it began or ended then."""

    public_id: str
    title: Texts
    updates: int
    began: bool
    ended: bool


@dataclass(frozen=True)
class Chapter:
    """One day of the history: incidents that spoke, planned work, and panels that were below 100 %."""

    day: date
    told: tuple[Told, ...] = ()
    planned: tuple[tuple[str, Texts], ...] = ()
    troubled: tuple[tuple[str, Bar], ...] = ()


def chapters(
    incidents: Sequence[IncidentView],
    planned: Sequence[MaintenanceView],
    panels: Iterable[PanelDays],
    zone: ZoneInfo,
) -> tuple[Chapter, ...]:
    """The whole history by day, newest first."""
    told = _by_day((day, one) for incident in incidents for day, one in _told(incident, zone.key))
    work = _by_day((one.starts_at.astimezone(zone).date(), (one.public_id, one.title)) for one in planned)
    below = _by_day((bar.day, (panel.slug, bar)) for panel in panels for bar in troubled(panel.bars))
    days = sorted({*told, *work, *below}, reverse=True)
    return tuple(Chapter(day, told.get(day, ()), work.get(day, ()), below.get(day, ())) for day in days)


@by_digest(2000)
def _told(incident: IncidentView, time_zone: str) -> tuple[tuple[date, Told], ...]:
    zone = ZoneInfo(time_zone)
    counts = Counter(update.published_at.astimezone(zone).date() for update in incident.updates)
    began = incident.started_at.astimezone(zone).date()
    ended = incident.resolved_at and incident.resolved_at.astimezone(zone).date()
    return tuple(
        (day, Told(incident.public_id, incident.title, counts[day], day == began, day == ended))
        for day in sorted({*counts, began, *([ended] if ended else [])})
    )


def _by_day(pairs: Iterable[tuple[date, T]]) -> dict[date, tuple[T, ...]]:
    found: defaultdict[date, list[T]] = defaultdict(list)
    for day, one in pairs:
        found[day].append(one)
    return {day: tuple(ones) for day, ones in found.items()}
