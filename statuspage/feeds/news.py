"""What counts as news, and which panels and incident it touches: one item per entry of a feed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from statuspage.estimates.rules import Closing, Subject
from statuspage.faq.rules import Kind
from statuspage.maintenance.rules import Phase
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import ArticleView, IncidentView, Ledger, UpdateView
from statuspage.texts.rules import Texts


@dataclass(frozen=True)
class News:
    """One piece of news. `at` orders it; `about` is what its template shows; `address` is the page behind it."""

    kind: str
    uuid: UUID
    at: datetime
    updated: datetime
    about: Any
    address: tuple[str, ...]
    panels: tuple[str, ...]
    title: Texts | None = None
    subject: tuple[Subject, str] | None = None
    incident: str | None = None
    sequence: int = 0

    @property
    def published(self) -> datetime:
        """When it first appeared: later than that only `at` and `updated` move."""
        published: datetime = getattr(self.about, "published_at", self.at)
        return published


Told = dict[str, tuple[IncidentView, list[News]]]


def news(snapshot: Snapshot, told: Told) -> list[News]:
    """All news, the newest first. `told` is what was made of each incident before, and is brought up to date."""
    found = [
        *_updates(snapshot, told),
        *_promises(snapshot),
        *_planned(snapshot),
        *_guides(snapshot),
        *_marks(snapshot),
    ]
    return sorted(found, key=lambda one: (one.at, one.sequence, one.uuid), reverse=True)


def _updates(snapshot: Snapshot, told: Told) -> Iterator[News]:
    for incident in snapshot.incidents:
        known = told.get(incident.public_id)
        if known is None or known[0] is not incident:
            known = told[incident.public_id] = incident, [of_update(incident, one) for one in incident.updates]
        yield from known[1]


def of_update(incident: IncidentView, update: UpdateView) -> News:
    """An update as news."""
    return News(
        kind="update",
        uuid=update.uuid,
        at=update.published_at,
        updated=max(update.published_at, update.corrected_at or update.published_at),
        about=update.as_it_stands,
        address=("incident", incident.public_id),
        panels=_touched(incident, update),
        title=incident.title,
        incident=incident.public_id,
        sequence=update.sequence,
    )


def _touched(incident: IncidentView, update: UpdateView) -> tuple[str, ...]:
    """An update touches the panels it names; one that names none, or ends the incident, all of the incident."""
    named = tuple(dict.fromkeys(change.panel for change in update.changes))
    return _known(incident, update.published_at) if update.status.is_over or not named else named


def _known(incident: IncidentView, at: datetime) -> tuple[str, ...]:
    """The panels that an incident had named by then: one named later does not slip into its old entries."""
    said = [update for update in incident.updates if update.published_at <= at]
    return tuple(dict.fromkeys(change.panel for update in said for change in update.changes)) or incident.panels


def _promises(snapshot: Snapshot) -> Iterator[News]:
    for ledger in snapshot.ledgers:
        yield from of_ledger(snapshot, ledger)


def of_ledger(snapshot: Snapshot, ledger: Ledger) -> Iterator[News]:
    """One item per promise made, and one per promise that ended other than by a newer one."""
    of_incident = ledger.kind is Subject.INCIDENT
    shared: dict[str, Any] = {
        "subject": (ledger.kind, ledger.subject),
        "incident": ledger.subject if of_incident else None,
        "address": ("incident" if of_incident else "panel", ledger.subject.partition(".")[0]),
    }
    for index, promise in enumerate(ledger.promises):
        # The entry says what was known then: that it was superseded later is the next entry's news.
        known = (*ledger.promises[:index], replace(promise, closing=None, closed_at=None))
        made = promise.recorded_at
        panels = _panels_of(snapshot, ledger, made)
        yield News("promise", promise.uuid, made, made, known, sequence=index, panels=panels, **shared)
        if promise.closing not in (None, Closing.SUPERSEDED) and promise.closed_at:
            end, uuid = promise.closed_at, uuid5(promise.uuid, "closing")
            panels = _panels_of(snapshot, ledger, end)
            yield News("closing", uuid, end, end, promise, sequence=index, panels=panels, **shared)


def _panels_of(snapshot: Snapshot, ledger: Ledger, at: datetime) -> tuple[str, ...]:
    if ledger.kind is Subject.INCIDENT:
        return next((_known(one, at) for one in snapshot.incidents if one.public_id == ledger.subject), ())
    return (ledger.subject.partition(".")[0],)


def _planned(snapshot: Snapshot) -> Iterator[News]:
    for work in snapshot.maintenance:
        panels = tuple(dict.fromkeys(component.partition(".")[0] for component in work.components))
        shared: dict[str, Any] = {
            "panels": panels,
            "title": work.title,
            "address": ("maintenance", work.public_id),
        }
        announced = replace(work, updates=(), phase=Phase.SCHEDULED)
        uuid = uuid5(NAMESPACE_URL, f"maintenance:{work.public_id}")
        updated = max(work.announced_at, work.changed_at)
        yield News("planned", uuid, work.announced_at, updated, announced, **shared)
        for sequence, update in enumerate(work.updates, start=1):
            at = update.published_at
            yield News("work", update.uuid, at, at, update, sequence=sequence, **shared)


def _guides(snapshot: Snapshot) -> Iterator[News]:
    for article in snapshot.articles:
        if article.kind is Kind.GUIDE:
            at = max(article.published_at, article.changed_at)
            address, readers = ("article", article.slug), _readers(snapshot, article)
            yield News("guide", article.uuid, at, at, article, address, readers, title=article.title)


def _readers(snapshot: Snapshot, article: ArticleView) -> tuple[str, ...]:
    """A guide is for the panels it names, else for those of its incidents, else for all."""
    if article.panels:
        return article.panels
    bound = [one for one in snapshot.incidents if one.public_id in article.incidents]
    if article.incidents:
        return tuple(dict.fromkeys(panel for incident in bound for panel in incident.panels))
    return tuple(snapshot.panel_by_slug)


def _marks(snapshot: Snapshot) -> Iterator[News]:
    """One item for each 10 % of the accounts of a panel for which a stage is restored, when that was noticed."""
    for mark in snapshot.marks:
        uuid = uuid5(snapshot.site, f"progress/{mark.panel}/{mark.stage}/{mark.percent}")
        address, panels = ("panel", mark.panel), (mark.panel,)
        yield News("progress", uuid, mark.at, mark.at, mark, address, panels, sequence=mark.percent)
