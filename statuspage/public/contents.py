"""What each page shows: the parts of the snapshot that it depends on, and nothing more.

A context is at the same time the inputs of its document, so a template cannot show what would not
have it rendered again. Only the overview and the panel pages hold `as_of`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, groupby
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.estimates.rules import Subject
from statuspage.faq.rules import Kind
from statuspage.incidents.rules import Stage
from statuspage.maintenance.rules import Phase
from statuspage.public import changes, timeline
from statuspage.publishing.digests import by_digest
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import ArticleView, IncidentView, Ledger, MaintenanceView, PanelDays, PanelView
from statuspage.texts.rules import Texts

Context = dict[str, Any]
TOP_QUESTIONS = 5


@dataclass(frozen=True)
class Names:
    """What panels and functions are called, and which functions are key."""

    panels: dict[str, Texts]
    functions: dict[str, Texts]
    keys: tuple[str, ...]


def names(snapshot: Snapshot) -> Names:
    return Names(
        {panel.slug: panel.name for panel in snapshot.panels},
        {function.slug: function.name for function in snapshot.functions},
        tuple(function.slug for function in snapshot.functions if function.key),
    )


def common(snapshot: Snapshot) -> Context:
    """What every page shows: the brand and the names."""
    return {"brand": snapshot.brand, "names": names(snapshot)}


def current(ledgers: tuple[Ledger, ...], snapshot: Snapshot) -> tuple[tuple[Ledger, bool], ...]:
    """The ledgers with an open promise, and whether it is overdue; panels first, then the rest."""
    found = [(one, one.current.is_overdue(snapshot.as_of)) for one in ledgers if one.current]
    return tuple(sorted(found, key=lambda pair: list(Subject).index(pair[0].kind)))


def overview(snapshot: Snapshot) -> Context:
    return {
        "snapshot": snapshot.at_a_glance(),
        "as_of": snapshot.stamp,
        "cards": tuple(card(snapshot, incident) for incident in snapshot.open_incidents),
        "elsewhere": current(_unrelated(snapshot), snapshot),
        "planned": tuple(one for one in reversed(snapshot.maintenance) if one.phase is not Phase.COMPLETED),
        "questions": _kind(snapshot.articles, Kind.QUESTION)[:TOP_QUESTIONS],
    }


@dataclass(frozen=True)
class Card:
    """An open incident on the overview: its promises and the articles that say what to do now."""

    incident: IncidentView
    late: bool
    promises: tuple[tuple[Ledger, bool], ...]
    articles: tuple[ArticleView, ...]


def card(snapshot: Snapshot, incident: IncidentView) -> Card:
    ledgers = timeline.concerning(incident, snapshot.ledgers)
    late = incident.promise_passed(snapshot.as_of)
    return Card(incident, late, current(ledgers, snapshot), bound_to_incident(snapshot, incident))


def bound_to_incident(snapshot: Snapshot, incident: IncidentView) -> tuple[ArticleView, ...]:
    """Guides first, then questions, each in its order."""
    found = [one for one in snapshot.articles if incident.public_id in one.incidents]
    return tuple(sorted(found, key=lambda one: one.kind is not Kind.GUIDE))


def _unrelated(snapshot: Snapshot) -> tuple[Ledger, ...]:
    """Ledgers that no open incident shows."""
    shown = {id(one) for incident in snapshot.open_incidents for one in timeline.concerning(incident, snapshot.ledgers)}
    return tuple(one for one in snapshot.ledgers if id(one) not in shown and one.kind is not Subject.INCIDENT)


def _kind(articles: tuple[ArticleView, ...], kind: Kind) -> tuple[ArticleView, ...]:
    return tuple(one for one in articles if one.kind is kind)


def panel(snapshot: Snapshot, one: PanelView) -> Context:
    bound = tuple(article for article in snapshot.articles if one.slug in article.panels)
    about = tuple(ledger for ledger in snapshot.ledgers if timeline.panel_of(ledger) == one.slug)
    return {
        "panel": one,
        "as_of": snapshot.stamp,
        "functions": snapshot.functions,
        "latency": next((found.curve for found in snapshot.latency if found.panel == one.slug), None),
        "ledger": snapshot.ledger(Subject.PANEL, one.slug),
        "promises": current(about, snapshot),
        "guides": _kind(bound, Kind.GUIDE),
        "questions": _kind(bound, Kind.QUESTION),
        "incidents": tuple(found.brief for found in snapshot.incidents if one.slug in found.panels),
        "planned": tuple(work for work in snapshot.maintenance if touches(work, one.slug)),
        "stages": tuple(stage for stage in snapshot.stages if stage.panel == one.slug),
        "forwarding": tuple(queue for queue in snapshot.forwarding if queue.panel == one.slug),
        "sizes": tuple(step for step in snapshot.sizes if step.panel == one.slug),
    }


def embed(snapshot: Snapshot) -> Context:
    return {
        "as_of": snapshot.stamp,
        "panels": tuple(panel.without_days for panel in snapshot.panels),
        "cards": tuple(card(snapshot, incident) for incident in snapshot.open_incidents),
    }


def touches(work: MaintenanceView, panel_slug: str) -> bool:
    return work.phase is not Phase.COMPLETED and any(one.split(".", 1)[0] == panel_slug for one in work.components)


def incident(snapshot: Snapshot, one: IncidentView) -> Context:
    ledgers = timeline.concerning(one, snapshot.ledgers)
    before = _before(snapshot, one)
    return {
        "incident": one,
        "late": one.promise_passed(snapshot.as_of),
        "days": timeline.of_incident(one, ledgers, snapshot.brand.zone),
        "promises": current(ledgers, snapshot) if one.is_open else (),
        "articles": bound_to_incident(snapshot, one),
        "before": before,
        "again": _again(snapshot, one),
        "postmortem": next((told for told in reversed(one.updates) if told.status is Stage.POSTMORTEM), None),
        "changed_at": changes.newest(_told_of(one, ledgers if one.is_open else ())),
    }


def _before(snapshot: Snapshot, one: IncidentView) -> IncidentView | None:
    """The incident of which this one is a relapse."""
    before = snapshot.incident_by_id.get(one.relapse_of or "")
    return before.brief if before else None


def _again(snapshot: Snapshot, one: IncidentView) -> tuple[IncidentView, ...]:
    """The incidents that are its relapses."""
    return tuple(other.brief for other in snapshot.incidents if other.relapse_of == one.public_id)


def behind(snapshot: Snapshot, one: IncidentView) -> tuple[Any, ...]:
    """All that the page of an incident that is over is made of."""
    before, again = _before(snapshot, one), _again(snapshot, one)
    return one, timeline.concerning(one, snapshot.ledgers), bound_to_incident(snapshot, one), before, again


def _told_of(incident: IncidentView, ledgers: tuple[Ledger, ...]) -> Iterator[datetime | None]:
    return chain(changes.of_incident(incident), *map(changes.of_ledger, ledgers))


def maintenance(snapshot: Snapshot, one: MaintenanceView) -> Context:
    return {"work": one, "changed_at": changes.newest(changes.of_maintenance(one))}


def history(snapshot: Snapshot) -> Context:
    past = tuple(one for one in snapshot.maintenance if one.phase is Phase.COMPLETED)
    return {
        "incidents": tuple(one.brief for one in snapshot.incidents),
        "months": tuple(month for month, _ in months(snapshot)),
        "planned": past,
        "changed_at": changes.newest(_told(snapshot.incidents, past)),
    }


def _told(incidents: Iterable[IncidentView], works: Iterable[MaintenanceView]) -> Iterator[datetime | None]:
    return chain(*map(changes.of_incident, incidents), *map(changes.of_maintenance, works))


@dataclass(frozen=True)
class Past:
    """All that the history is made of."""

    incidents: tuple[IncidentView, ...]
    works: tuple[MaintenanceView, ...]
    days: tuple[PanelDays, ...]
    time_zone: str
    newest_month: date


def past(snapshot: Snapshot) -> Past:
    begun = tuple(one for one in snapshot.maintenance if one.phase is not Phase.SCHEDULED)
    days = tuple(panel.days for panel in snapshot.panels)
    today = snapshot.as_of.astimezone(snapshot.brand.zone).date()
    return Past(snapshot.incidents, begun, days, snapshot.brand.time_zone, today.replace(day=1))


def months(snapshot: Snapshot) -> tuple[tuple[date, Context], ...]:
    """Each month that has a history, newest first, with its page."""
    return _months(past(snapshot))


@by_digest(2)
def _months(past: Past) -> tuple[tuple[date, Context], ...]:
    zone = ZoneInfo(past.time_zone)
    newest = changes.by_month(_told(past.incidents, past.works), zone)
    days = timeline.chapters(past.incidents, past.works, past.days, zone)
    by_month = groupby(days, key=lambda one: one.day.replace(day=1))
    return tuple(
        (month, {"month": month, "chapters": tuple(chapters), "changed_at": newest.get(month)})
        for month, chapters in by_month
    )


def faq(snapshot: Snapshot) -> Context:
    changed_at = changes.newest(changes.of_articles(snapshot.articles))
    return {"articles": snapshot.articles, "query": None, "found": (), "changed_at": changed_at}


def article(snapshot: Snapshot, one: ArticleView) -> Context:
    by_slug = {other.slug: other for other in snapshot.articles}
    related = tuple(by_slug[slug] for slug in one.related if slug in by_slug)
    return {"article": one, "related": related}


def which_panel(snapshot: Snapshot) -> Context:
    """All windows with what is known; the day's changing figures are left out."""
    ledgers = tuple(one for one in snapshot.ledgers if one.kind is Subject.PANEL)
    told = chain(*map(changes.of_panel, snapshot.panels), *map(changes.of_ledger, ledgers))
    return {
        "panels": tuple(panel.without_days for panel in snapshot.panels),
        "promises": current(ledgers, snapshot),
        "guides": _kind(snapshot.articles, Kind.GUIDE),
        "answer": None,
        "changed_at": changes.newest(told),
    }


def recovery(snapshot: Snapshot) -> Context:
    changed_at = changes.newest(changes.of_restoration(snapshot.stages, snapshot.forwarding))
    return {
        "stages": snapshot.stages,
        "forwarding": snapshot.forwarding,
        "sizes": snapshot.sizes,
        "changed_at": changed_at,
    }
