"""`/api/v2`: the JSON of the Atlassian Statuspage API, so that its readers work unchanged.

A panel is a group component, its functions are the children; texts are in the default locale.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from statuspage import phrases
from statuspage.i18n import moment, noop, translate
from statuspage.incidents.rules import Stage
from statuspage.maintenance.rules import Phase
from statuspage.panels.rules import Status, worst
from statuspage.publishing.digests import by_digest, digest
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Cell, IncidentView, MaintenanceView, PanelView, UpdateView
from statuspage.texts.rules import Texts, to_plain
from statuspage.web.pages import Pages

Json = dict[str, Any]
LATEST = 50
# That API has no word for "nobody looked": the description says it.
STATUS = {status: status.value for status in Status} | {Status.UNKNOWN: Status.DEGRADED.value}
INDICATOR = {
    Status.OPERATIONAL: "none",
    Status.UNDER_MAINTENANCE: "maintenance",
    Status.UNKNOWN: "minor",
    Status.DEGRADED: "minor",
    Status.PARTIAL: "major",
    Status.MAJOR: "critical",
}
# Readers expect a date; when a panel was set up is not kept.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ALL_WORKS = noop("All panels work")
NO_DATA_SINCE = noop("No data since %(at)s")
NO_DATA = noop("No data")


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    """The eight documents. Only the summary and the status say how fresh they are: the rest changes with its data."""
    site = _Compatible(pages, snapshot)
    facts = (snapshot.brand, snapshot.incidents, snapshot.maintenance, snapshot.functions)
    grid = [(panel.slug, panel.name, panel.description, panel.status, panel.cells) for panel in snapshot.panels]
    content = digest((facts, grid))

    def document(name: str, body: Callable[[], Json], *, as_of: datetime | None = None) -> Document:
        def render() -> bytes:
            page = site.page(as_of or site.last_change())
            return json.dumps({"page": page, **body()}, ensure_ascii=False).encode()

        path = f"/api/v2/{name}.json"
        return Document(path, "application/json", content, render, cross_origin=True, later=as_of)

    # That API lists incidents by when they were first told, not by how grave they are, and the next work first.
    told = sorted(snapshot.incidents, key=lambda one: one.published_at, reverse=True)
    unresolved = [one for one in told if one.is_open]
    planned = snapshot.maintenance
    ahead = [work for work in reversed(planned) if work.phase is Phase.SCHEDULED]
    under_way = [work for work in planned if work.phase in (Phase.IN_PROGRESS, Phase.VERIFYING)]
    yield document("summary", lambda: site.summary(unresolved, [*under_way, *ahead]), as_of=snapshot.stamp)
    yield document("status", lambda: {"status": site.status()}, as_of=snapshot.stamp)
    yield document("components", lambda: {"components": site.components()})
    yield document("incidents", lambda: {"incidents": site.incidents(told[:LATEST])})
    yield document("incidents/unresolved", lambda: {"incidents": site.incidents(unresolved)})
    for name, works in (("", planned[:LATEST]), ("/upcoming", ahead), ("/active", under_way)):
        yield document(f"scheduled-maintenances{name}", partial(_scheduled, site, works))


def _scheduled(site: "_Compatible", works: Sequence[MaintenanceView]) -> Json:
    return {"scheduled_maintenances": site.maintenances(works)}


@dataclass(frozen=True)
class Words:
    """What panels and functions are called, in the one language of that API."""

    locale: str
    panels: dict[str, Texts]
    functions: dict[str, Texts]

    def read(self, texts: Texts) -> str:
        return texts.read(self.locale).text

    def full_name(self, panel: str, function: str) -> str:
        return " - ".join(
            self.read(known[slug]) if slug in known else slug
            for known, slug in ((self.panels, panel), (self.functions, function))
        )


class _Compatible:
    """One snapshot in the words of that API."""

    def __init__(self, pages: Pages, snapshot: Snapshot) -> None:
        self.pages = pages
        self.snapshot = snapshot
        self.brand = snapshot.brand
        self.locale = snapshot.brand.default_locale
        self.words = Words(
            self.locale,
            {one.slug: one.name for one in snapshot.panels},
            {one.slug: one.name for one in snapshot.functions},
        )
        self.page_id = snapshot.site.hex[:12]
        self.functions = {one.slug: (position, one) for position, one in enumerate(snapshot.functions, start=1)}

    def page(self, updated_at: datetime) -> Json:
        return {
            "id": self.page_id,
            "name": self.brand.name,
            "url": self.brand.base_url,
            "time_zone": self.brand.time_zone,
            "updated_at": _time(updated_at),
        }

    def last_change(self) -> datetime:
        """The newest time in the data."""
        told = [incident.told_at for incident in self.snapshot.incidents]
        since = [cell.since for panel in self.snapshot.panels for cell in panel.cells if cell.since]
        works = [work.told_at for work in self.snapshot.maintenance]
        return max([*told, *since, *works], default=LONG_AGO)

    def summary(self, incidents: Iterable[IncidentView], works: Iterable[MaintenanceView]) -> Json:
        return {
            "components": self.components(),
            "incidents": self.incidents(incidents),
            "scheduled_maintenances": self.maintenances(works),
            "status": self.status(),
        }

    def status(self) -> Json:
        """The worst panel speaks; the description names each that does not simply work."""
        panels = self.snapshot.panels
        troubled = [
            f"{self._read(panel.name)}: {translate(self.locale, phrases.STATUSES[panel.status])}"
            for panel in sorted(panels, key=lambda one: -one.status.severity)
            if panel.status is not Status.OPERATIONAL
        ]
        return {
            "indicator": INDICATOR[worst([panel.status for panel in panels])],
            "description": "; ".join(troubled) or translate(self.locale, ALL_WORKS),
        }

    def components(self) -> list[Json]:
        return [
            component
            for position, panel in enumerate(self.snapshot.panels, start=1)
            for component in (self._group(panel, position), *(self._component(cell) for cell in panel.cells))
        ]

    def _group(self, panel: PanelView, position: int) -> Json:
        made = self._any(panel.slug, self._read(panel.name), panel.status, panel.since, position)
        description = to_plain(self._read(panel.description)) if panel.description else None
        children = [cell.public_id for cell in panel.cells]
        return {**made, "description": description, "group": True, "components": children}

    def _component(self, cell: Cell) -> Json:
        position, function = self.functions[cell.function]
        made = self._any(cell.public_id, self._read(function.name), cell.status, cell.since, position)
        return {**made, "description": self._description(cell), "group_id": cell.panel}

    def _any(self, id: str, name: str, status: Status, since: datetime | None, position: int) -> Json:
        return {
            "id": id,
            "name": name,
            "status": STATUS[status],
            "created_at": _time(LONG_AGO),
            "updated_at": _time(since or LONG_AGO),
            "position": position,
            "description": None,
            "showcase": True,
            "start_date": None,
            "group_id": None,
            "page_id": self.page_id,
            "group": False,
            "only_show_if_degraded": False,
        }

    def _description(self, cell: Cell) -> str | None:
        note = self._read(cell.note) if cell.note else None
        if cell.status is not Status.UNKNOWN:
            return note
        if cell.since is None:
            return translate(self.locale, NO_DATA)
        return translate(self.locale, NO_DATA_SINCE, at=moment(self.locale, cell.since, self.brand.zone))

    def incidents(self, incidents: Iterable[IncidentView]) -> list[Json]:
        return [self._incident(incident) for incident in incidents]

    def _incident(self, incident: IncidentView) -> Json:
        monitored = [one.published_at for one in incident.updates if one.status is Stage.MONITORING]
        touched = {(change.panel, change.function) for one in incident.updates for change in one.changes}
        return {
            "id": incident.public_id,
            "name": self._read(incident.title),
            "status": incident.status.value,
            "created_at": _time(incident.published_at),
            "updated_at": _time(incident.told_at),
            "monitoring_at": _time(monitored[0]) if monitored else None,
            "resolved_at": _time(incident.resolved_at) if incident.resolved_at else None,
            "impact": incident.impact.value,
            "shortlink": self._address("incident", incident.public_id),
            "started_at": _time(incident.started_at),
            "page_id": self.page_id,
            "incident_updates": _updates(self.words, incident),
            "components": self._touched(touched),
            "reminder_intervals": None,
        }

    def maintenances(self, works: Iterable[MaintenanceView]) -> list[Json]:
        return [self._maintenance(work) for work in works]

    def _maintenance(self, work: MaintenanceView) -> Json:
        announced = str(uuid5(NAMESPACE_URL, f"maintenance:{work.public_id}"))
        told = partial(_told, self.words, work.public_id)
        first = told(announced, Phase.SCHEDULED.value, work.body, work.announced_at)
        later = [told(str(one.uuid), one.phase.value, one.body, one.published_at) for one in work.updates]
        over = work.phase is Phase.COMPLETED
        touched = {(panel, function) for panel, _, function in (one.partition(".") for one in work.components)}
        return {
            "id": work.public_id,
            "name": self._read(work.title),
            "status": work.phase.value,
            "created_at": _time(work.announced_at),
            "updated_at": _time(work.told_at),
            "monitoring_at": None,
            "resolved_at": _time(_ended(work)) if over else None,
            "impact": "maintenance",
            "shortlink": self._address("maintenance", work.public_id),
            "started_at": _time(work.starts_at),
            "page_id": self.page_id,
            "incident_updates": [*reversed(later), first],
            "components": self._touched(touched),
            "reminder_intervals": None,
            "scheduled_for": _time(work.starts_at),
            "scheduled_until": _time(work.ends_at),
        }

    def _touched(self, wanted: set[tuple[str, str]]) -> list[Json]:
        cells = (cell for panel in self.snapshot.panels for cell in panel.cells)
        return [self._component(cell) for cell in cells if (cell.panel, cell.function) in wanted]

    def _address(self, kind: str, *parts: str) -> str:
        return self.brand.base_url + self.pages.href(kind, self.locale, *parts)

    def _read(self, texts: Texts) -> str:
        return self.words.read(texts)


@by_digest(200)
def _updates(words: Words, incident: IncidentView) -> list[Json]:
    """All its updates, the newest first."""
    return [_update(words, incident, one) for one in reversed(incident.updates)]


def _update(words: Words, incident: IncidentView, update: UpdateView) -> Json:
    affected = [
        {
            "code": f"{change.panel}.{change.function}",
            "name": words.full_name(change.panel, change.function),
            "old_status": STATUS[change.before or Status.OPERATIONAL],
            "new_status": STATUS[change.status],
        }
        for change in update.changes
    ]
    made = _told(words, incident.public_id, str(update.uuid), update.status.value, update.body, update.published_at)
    changed = max(update.published_at, update.corrected_at or update.published_at)
    return {**made, "updated_at": _time(changed), "affected_components": affected}


def _told(words: Words, of: str, id: str, status: str, body: Texts, at: datetime) -> Json:
    return {
        "id": id,
        "status": status,
        "body": to_plain(words.read(body)),
        "incident_id": of,
        "created_at": _time(at),
        "updated_at": _time(at),
        "display_at": _time(at),
        "affected_components": [],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _ended(work: MaintenanceView) -> datetime:
    """When it was said to be done, else when its window closed."""
    return next((one.published_at for one in work.updates if one.phase is Phase.COMPLETED), work.ends_at)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
