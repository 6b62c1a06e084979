"""What the public may see of each thing: immutable, free of database and locale."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from statuspage.estimates.rules import Closing, Confidence, Precision, Subject, is_overdue, slips
from statuspage.faq.rules import Kind as ArticleKind
from statuspage.incidents.rules import Impact, Stage, promise_passed
from statuspage.latency.rules import Curve
from statuspage.maintenance.rules import Phase
from statuspage.panels.rules import Status
from statuspage.status.rules import Source
from statuspage.texts.rules import Prose, Texts
from statuspage.uptime.rules import Bar

T = TypeVar("T")


def kept(new: tuple[T, ...], before: tuple[T, ...], name: Callable[[T], Hashable]) -> tuple[T, ...]:
    """The same with each part that is as it was before replaced by that very one, which knows its digest already."""
    known = {name(one): one for one in before}
    return tuple(old if (old := known.get(name(one))) == one else one for one in new)


@dataclass(frozen=True)
class Brand:
    """The site as set by its owner."""

    name: str
    accent: str
    support_contact: str
    base_url: str
    locales: tuple[str, ...]
    time_zone: str

    @property
    def default_locale(self) -> str:
        return self.locales[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class FunctionView:
    """A column of the grid."""

    slug: str
    name: Texts
    key: bool


@dataclass(frozen=True)
class Cell:
    """One function on one panel: its effective status, since when, and who says so."""

    panel: str
    function: str
    status: Status
    since: datetime | None
    source: Source
    reference: str | None
    note: Texts | None

    @property
    def public_id(self) -> str:
        return f"{self.panel}.{self.function}"


@dataclass(frozen=True)
class PanelDays:
    """The last 90 days of a panel."""

    slug: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class PanelView:
    """A row of the grid, with its account window, its data cut-off and its 90 days."""

    slug: str
    name: Texts
    description: Prose | None
    login_url: str
    status: Status
    since: datetime | None
    accounts_from: date | None
    accounts_until: date | None
    opens_temporary: bool
    cutoff_at: datetime | None
    cutoff_margin_minutes: int
    gap_from: datetime | None
    gap_until: datetime | None
    gap_closed_at: datetime | None
    cells: tuple[Cell, ...]
    bars: tuple[Bar, ...]
    uptime: float | None

    def cell(self, function: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.function == function), None)

    def keeping(self, before: "PanelView | None") -> "PanelView":
        """The same, made of what it shares with the panel `before`."""
        if before is None or self == before:
            return before or self
        cells = kept(self.cells, before.cells, lambda one: one.function)
        return replace(self, cells=cells, bars=kept(self.bars, before.bars, lambda one: one.day))

    def with_days_of(self, before: "PanelView | None") -> "PanelView":
        """The same with the days of the panel `before`."""
        if before is None:
            return self
        made = replace(self, bars=before.bars, uptime=before.uptime)
        return before if made == before else made

    @cached_property
    def days(self) -> PanelDays:
        return PanelDays(self.slug, self.bars)

    @cached_property
    def without_days(self) -> "PanelView":
        """The same without its 90 days, whose last figure changes all the time."""
        return replace(self, bars=(), uptime=None)


@dataclass(frozen=True)
class LatencyView:
    """How fast one panel answered, hour by hour."""

    panel: str
    curve: Curve


@dataclass(frozen=True)
class PromiseView:
    """One estimate of a ledger."""

    uuid: UUID
    precision: Precision
    starts_at: datetime
    ends_at: datetime
    source: Texts
    quote: Texts | None
    link: str | None
    confidence: Confidence | None
    said_at: datetime
    recorded_at: datetime
    closing: Closing | None
    closed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        return is_overdue(self, now)


@dataclass(frozen=True)
class Ledger:
    """All promises about one subject, oldest first; several runs when one was closed and another begun."""

    kind: Subject
    subject: str
    promises: tuple[PromiseView, ...]

    @property
    def current(self) -> PromiseView | None:
        last = self.promises[-1]
        return last if last.closing is None else None

    @property
    def slips(self) -> int:
        return slips(self.promises)


@dataclass(frozen=True)
class Change:
    """What an update says of one component, and what was said of it before."""

    panel: str
    function: str
    status: Status
    before: Status | None
    note: Texts | None


@dataclass(frozen=True)
class UpdateView:
    """One published update; `earlier` are its texts before each correction, oldest first."""

    uuid: UUID
    sequence: int
    status: Stage
    body: Prose
    published_at: datetime
    corrected_at: datetime | None
    earlier: tuple[Texts, ...]
    changes: tuple[Change, ...]

    @cached_property
    def as_it_stands(self) -> "UpdateView":
        """The same without its earlier texts."""
        return replace(self, earlier=())


@dataclass(frozen=True)
class IncidentView:
    """A published incident; its updates oldest first."""

    public_id: str
    title: Texts
    impact: Impact
    status: Stage
    summary: Prose | None
    summary_at: datetime | None
    started_at: datetime
    resolved_at: datetime | None
    published_at: datetime
    next_update_by: datetime | None
    relapse_of: str | None
    updates: tuple[UpdateView, ...]

    @property
    def is_open(self) -> bool:
        return not self.status.is_over

    @cached_property
    def told_at(self) -> datetime:
        """When anything was last said or corrected."""
        said = [at for one in self.updates for at in (one.published_at, one.corrected_at) if at]
        return max([self.published_at, *said])

    @cached_property
    def panels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.panel for update in self.updates for change in update.changes))

    @cached_property
    def brief(self) -> "IncidentView":
        """The same without its texts, for lists."""
        return replace(self, summary=None, summary_at=None, updates=(), next_update_by=None)

    def promise_passed(self, now: datetime) -> bool:
        return promise_passed(self.next_update_by, self.status, now)


@dataclass(frozen=True)
class MaintenanceUpdateView:
    """One word on planned work."""

    uuid: UUID
    phase: Phase
    body: Prose
    published_at: datetime


@dataclass(frozen=True)
class MaintenanceView:
    """Planned work; `components` are public ids like `panel-a.warehouse`."""

    public_id: str
    title: Texts
    body: Prose
    phase: Phase
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime
    changed_at: datetime
    components: tuple[str, ...]
    updates: tuple[MaintenanceUpdateView, ...]
    cancelled_at: datetime | None = None

    @property
    def told_at(self) -> datetime:
        """When anything was last said or changed."""
        said = [update.published_at for update in self.updates]
        return max([self.cancelled_at or self.announced_at, self.announced_at, self.changed_at, *said])


@dataclass(frozen=True)
class ArticleView:
    """A guide or a question that holds now; bound to slugs and ids."""

    uuid: UUID
    slug: str
    kind: ArticleKind
    category: Texts | None
    title: Texts
    body: Prose
    position: int
    related: tuple[str, ...]
    panels: tuple[str, ...]
    functions: tuple[str, ...]
    incidents: tuple[str, ...]
    published_at: datetime
    changed_at: datetime
