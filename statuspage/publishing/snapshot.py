"""The snapshot: all that the public may see at one moment, immutable, free of database and locale."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from statuspage.estimates.rules import Subject
from statuspage.incidents.rules import Impact
from statuspage.maintenance.rules import Phase
from statuspage.publishing.digests import digest
from statuspage.publishing.views import (
    ArticleView,
    Brand,
    FunctionView,
    IncidentView,
    LatencyView,
    Ledger,
    MaintenanceView,
    PanelView,
    kept,
)
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.progress import MarkView, SizeView, StageView

NIL = UUID(int=0)
AS_OF_EVERY = timedelta(seconds=30)
EPOCH = datetime.fromtimestamp(0, UTC)


def slot(now: datetime) -> datetime:
    """The last full half minute: pages that say "as of" are made anew so often, and no more."""
    return now - timedelta(seconds=now.timestamp() % AS_OF_EVERY.total_seconds())


@dataclass(frozen=True)
class Snapshot:
    """One moment of the site. `revision` orders snapshots; `as_of` is the product's time; `site` names it for ever.

    What is due is judged by `as_of`; what a page shows is `stamp`, so that a write makes anew what it changed alone.
    `cancelled` work is on no page, but calendars must hear of it.
    """

    revision: int
    as_of: datetime
    story_offset_seconds: float
    brand: Brand
    functions: tuple[FunctionView, ...]
    panels: tuple[PanelView, ...]
    ledgers: tuple[Ledger, ...]
    incidents: tuple[IncidentView, ...]
    maintenance: tuple[MaintenanceView, ...]
    articles: tuple[ArticleView, ...]
    stages: tuple[StageView, ...] = ()
    forwarding: tuple[ForwardingView, ...] = ()
    monitoring_impaired: bool = False
    next_change_at: datetime | None = None
    site: UUID = NIL
    cancelled: tuple[MaintenanceView, ...] = ()
    latency: tuple[LatencyView, ...] = ()
    sizes: tuple[SizeView, ...] = ()
    marks: tuple[MarkView, ...] = ()

    def changing_at(self, at: datetime | None) -> "Snapshot":
        """The same, knowing when time alone will change it."""
        return replace(self, next_change_at=at)

    def keeping(self, before: "Snapshot") -> "Snapshot":
        """The same, made of what it shares with the snapshot `before`: equal parts are looked at only once."""
        return replace(
            self,
            brand=before.brand if before.brand == self.brand else self.brand,
            functions=kept(self.functions, before.functions, lambda one: one.slug),
            panels=tuple(one.keeping(before.panel_by_slug.get(one.slug)) for one in self.panels),
            ledgers=kept(self.ledgers, before.ledgers, lambda one: (one.kind, one.subject)),
            incidents=kept(self.incidents, before.incidents, lambda one: one.public_id),
            maintenance=kept(self.maintenance, before.maintenance, lambda one: one.public_id),
            articles=kept(self.articles, before.articles, lambda one: one.slug),
            cancelled=kept(self.cancelled, before.cancelled, lambda one: one.public_id),
            marks=kept(self.marks, before.marks, lambda one: (one.panel, one.stage, one.percent)),
        )

    def with_figures_of(self, before: "Snapshot") -> "Snapshot":
        """The same with the days and curves of `before`: counted all the time, they stand on nearly every page."""
        panels = tuple(one.with_days_of(before.panel_by_slug.get(one.slug)) for one in self.panels)
        return replace(self, panels=panels, latency=before.latency)

    def without_past(self) -> "Snapshot":
        """The same without what is over: enough to answer a reader's question, and small in memory."""
        return replace(
            self,
            panels=tuple(one.without_days for one in self.panels),
            incidents=tuple(one for one in self.incidents if one.is_open),
            maintenance=tuple(one for one in self.maintenance if one.phase is not Phase.COMPLETED),
            cancelled=(),
            latency=(),
            marks=(),
        )

    def at_a_glance(self) -> "Snapshot":
        """Panels, functions and restoration alone, as of no moment: it stays the same while these do."""
        told = ("ledgers", "incidents", "maintenance", "articles", "cancelled", "latency", "marks")
        nothing: dict[str, Any] = dict.fromkeys(told, ())
        return replace(self, revision=0, as_of=EPOCH, next_change_at=None, **nothing)

    @cached_property
    def stamp(self) -> datetime:
        return slot(self.as_of)

    @cached_property
    def panel_by_slug(self) -> dict[str, PanelView]:
        return {panel.slug: panel for panel in self.panels}

    @cached_property
    def function_by_slug(self) -> dict[str, FunctionView]:
        return {function.slug: function for function in self.functions}

    @cached_property
    def incident_by_id(self) -> dict[str, IncidentView]:
        return {incident.public_id: incident for incident in self.incidents}

    @cached_property
    def open_incidents(self) -> tuple[IncidentView, ...]:
        """Open ones, the gravest first, then the newest."""
        found = [incident for incident in self.incidents if incident.is_open]
        rank = list(Impact)
        return tuple(sorted(found, key=lambda one: (-rank.index(one.impact), -one.started_at.timestamp())))

    @cached_property
    def digest(self) -> str:
        """Names what readers can see: the same for as long as nothing but the moment itself moves on."""
        return digest(replace(self, revision=0, as_of=EPOCH, story_offset_seconds=0.0)).hex()

    def ledger(self, kind: Subject, subject: str) -> Ledger | None:
        return next((one for one in self.ledgers if one.kind is kind and one.subject == subject), None)


ADAPTER = TypeAdapter(Snapshot)


def dump(snapshot: Snapshot) -> bytes:
    return ADAPTER.dump_json(snapshot)


def load(body: bytes) -> Snapshot:
    return ADAPTER.validate_json(body)
