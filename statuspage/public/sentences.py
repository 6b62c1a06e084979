"""Sentences made from data: the headline, the state of a panel, what a promise says and how it moved.

Plain functions of views and a locale; `Sentences` binds them to one locale for the templates.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from statuspage import i18n, phrases
from statuspage.estimates.rules import Precision
from statuspage.faq.rules import Kind
from statuspage.i18n import noop, translate, translate_plural
from statuspage.incidents.rules import Stage
from statuspage.latency.rules import Curve
from statuspage.maintenance.rules import Phase
from statuspage.panels.rules import Created, Status, Window, worst
from statuspage.phrases import RECOVERY_STAGES
from statuspage.public import curves, measured
from statuspage.public.bars import Run, look, runs, troubled
from statuspage.public.charts import Chart, chart
from statuspage.publishing.views import ArticleView, Change, Ledger, PanelView, PromiseView
from statuspage.recovery.rules.pace import Pace
from statuspage.recovery.rules.progress import SizeCause, SizeView, StageView
from statuspage.uptime.rules import Bar, Month, months

MOST_NAMES = 4
MOMENT = timedelta(microseconds=1)


class Standing(StrEnum):
    """How a panel as a whole stands, the worst first."""

    DOWN = "down"
    PARTLY = "partly"
    LIMITED = "limited"
    SLOW = "slow"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    WORKS = "works"


STANDING = {
    Status.MAJOR: Standing.DOWN,
    Status.PARTIAL: Standing.LIMITED,
    Status.DEGRADED: Standing.SLOW,
    Status.UNKNOWN: Standing.UNKNOWN,
    Status.UNDER_MAINTENANCE: Standing.MAINTENANCE,
    Status.OPERATIONAL: Standing.WORKS,
}
ALL = {
    Standing.DOWN: noop("No panel works."),
    Standing.PARTLY: noop("All panels work only in part."),
    Standing.LIMITED: noop("All panels work, with limits."),
    Standing.SLOW: noop("All panels work, slower than usual."),
    Standing.UNKNOWN: noop("We have no data about any panel now."),
    Standing.MAINTENANCE: noop("All panels are under planned work."),
    Standing.WORKS: noop("All panels work."),
}


def standing(panel: PanelView, keys: Collection[str]) -> Standing:
    """The state of a panel in one word; a key function that works in part is more than a limit."""
    if panel.status is Status.PARTIAL:
        partly = any(cell.function in keys and cell.status is Status.PARTIAL for cell in panel.cells)
        return Standing.PARTLY if partly else Standing.LIMITED
    return STANDING[panel.status]


def state(locale: str, one: Standing, count: int, who: str) -> str:
    """What `who` (one panel or `count` of them, the verb agrees) does: "Panel C nie działa."."""
    told = {
        Standing.DOWN: lambda: translate_plural(locale, "%(who)s is down.", "%(who)s are down.", count, who=who),
        Standing.PARTLY: lambda: translate_plural(
            locale, "%(who)s works only in part.", "%(who)s work only in part.", count, who=who
        ),
        Standing.LIMITED: lambda: translate_plural(
            locale, "%(who)s works, with limits.", "%(who)s work, with limits.", count, who=who
        ),
        Standing.SLOW: lambda: translate_plural(
            locale, "%(who)s works, slower than usual.", "%(who)s work, slower than usual.", count, who=who
        ),
        Standing.UNKNOWN: lambda: translate(locale, "No data about %(who)s.", who=who),
        Standing.MAINTENANCE: lambda: translate(locale, "Planned work: %(who)s.", who=who),
        Standing.WORKS: lambda: translate_plural(
            locale, "%(who)s works normally.", "%(who)s work normally.", count, who=who
        ),
    }
    return told[one]()


def headline(locale: str, panels: Sequence[PanelView], keys: Collection[str]) -> str:
    """The state of the whole in a few words: "Panel C is down. A and B work, with limits. D works normally."."""
    groups: dict[Standing, list[PanelView]] = {}
    for panel in panels:
        groups.setdefault(standing(panel, keys), []).append(panel)
    if not groups:
        return translate(locale, "There are no panels yet.")
    if len(groups) == 1:
        only = next(iter(groups))
        return (
            translate(locale, ALL[only])
            if len(panels) > 1
            else state(locale, only, 1, panels[0].name.read(locale).text)
        )
    ordered = [one for one in Standing if one in groups]
    subjects = [
        _subject(locale, groups[one], first=i == 0, rest=i == len(ordered) - 1) for i, one in enumerate(ordered)
    ]
    return " ".join(state(locale, one, number, who) for one, (who, number) in zip(ordered, subjects, strict=True))


def _subject(locale: str, panels: Sequence[PanelView], *, first: bool, rest: bool) -> tuple[str, int]:
    """The panels as the subject of a sentence, and the number its verb agrees with.

    Many are counted, and the last many are "the others".
    """
    count = len(panels)
    if count > MOST_NAMES and rest:
        return translate(locale, "The others"), 2
    if count > MOST_NAMES:
        return translate_plural(locale, "1 panel", "%(num)s panels", count), count
    names = [panel.name.read(locale).text for panel in panels]
    if not all(name.startswith("Panel ") for name in names):
        return i18n.listing(locale, names), count
    letters = i18n.listing(locale, [name.removeprefix("Panel ") for name in names])
    if not first:
        return letters, count
    return translate_plural(locale, "Panel %(letters)s", "Panels %(letters)s", count, letters=letters), count


def window(locale: str, panel: Window) -> str:
    """Whose panel it is: "accounts created from 27 August 2020 to 10 March 2021"."""
    first = panel.accounts_from and i18n.date_of(locale, panel.accounts_from)
    last = panel.accounts_until and i18n.date_of(locale, panel.accounts_until)
    if first and last:
        return translate(locale, "accounts created from %(first)s to %(last)s", first=first, last=last)
    if first:
        return translate(locale, "accounts created since %(first)s", first=first)
    if last:
        return translate(locale, "accounts created up to and including %(last)s", last=last)
    return translate(locale, "all accounts")


def promised(locale: str, zone: ZoneInfo, promise: PromiseView) -> str:
    """When: a day, a range of days, or a day and a time."""
    if promise.precision is Precision.INSTANT:
        return i18n.moment(locale, promise.ends_at, zone)
    return i18n.days(locale, *_days(zone, promise))


def _days(zone: ZoneInfo, promise: PromiseView) -> tuple[date, date]:
    """First and last day; the end of a day is the next midnight, which is not part of it."""
    first = promise.starts_at.astimezone(zone).date()
    last = (promise.ends_at - MOMENT).astimezone(zone).date()
    return first, max(first, last)


def created(locale: str, named: Created) -> str:
    """The day or month of which a reader asked, after "created": "on 27 August 2020", "in August 2020"."""
    if named.is_month:
        return translate(locale, "in %(month)s", month=i18n.month_of(locale, named.first))
    return translate(locale, "on %(date)s", date=i18n.date_of(locale, named.first))


def stage(locale: str, name: str) -> str:
    """What a stage of the restoration is called; a site's own stages keep their name."""
    return translate(locale, RECOVERY_STAGES[name]) if name in RECOVERY_STAGES else name


def alike(changes: Sequence[Change]) -> list[tuple[tuple[Status | None, Status], list[Change]]]:
    """The changes of one panel, those from and to the same status together."""
    groups: dict[tuple[Status | None, Status], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.before, change.status), []).append(change)
    return list(groups.items())


def by_panel(components: Sequence[str]) -> dict[str, list[str]]:
    """Public ids like `panel-a.archive` as functions by panel."""
    found: dict[str, list[str]] = {}
    for one in components:
        panel, _, function = one.partition(".")
        found.setdefault(panel, []).append(function)
    return found


def shelves(locale: str, articles: Sequence[ArticleView]) -> list[tuple[str, list[ArticleView]]]:
    """Articles under headings: guides, then questions without a category, then each category."""
    found: dict[str, list[ArticleView]] = {translate(locale, "Guides"): [], translate(locale, "Questions"): []}
    guides, questions = found
    for one in articles:
        name = guides if one.kind is Kind.GUIDE else one.category.read(locale).text if one.category else questions
        found.setdefault(name, []).append(one)
    return [(name, shelf) for name, shelf in found.items() if shelf]


@dataclass(frozen=True)
class Sentences:
    """The sentences in one locale and zone: `say` in the templates."""

    locale: str
    zone: ZoneInfo

    def window(self, panel: Window) -> str:
        return window(self.locale, panel)

    def promised(self, promise: PromiseView) -> str:
        return promised(self.locale, self.zone, promise)

    def moved(self, ledger: Ledger) -> str:
        return phrases.moved(self.locale, ledger.promises, self.zone).replace(" → ", f"{i18n.NBSP}→{i18n.NBSP}")

    def headline(self, panels: Sequence[PanelView], keys: Collection[str]) -> str:
        return headline(self.locale, panels, keys)

    def standing(self, panel: PanelView, keys: Collection[str]) -> Standing:
        return standing(panel, keys)

    def state(self, panel: PanelView, keys: Collection[str]) -> str:
        """One panel with its name: "Panel C is down."."""
        return state(self.locale, standing(panel, keys), 1, panel.name.read(self.locale).text)

    def worst(self, panels: Sequence[PanelView]) -> Status:
        return worst([panel.status for panel in panels])

    def status(self, status: Status) -> str:
        return translate(self.locale, phrases.STATUSES[status])

    def progress(self, stage: Stage) -> str:
        return translate(self.locale, phrases.STAGES[stage])

    def phase(self, phase: Phase) -> str:
        return translate(self.locale, phrases.PHASES[phase])

    def stage(self, name: str) -> str:
        return stage(self.locale, name)

    def days(self, first: date, last: date) -> str:
        return i18n.days(self.locale, first, last)

    def alike(self, changes: Sequence[Change]) -> list[tuple[tuple[Status | None, Status], list[Change]]]:
        return alike(changes)

    def runs(self, bars: Sequence[Bar]) -> tuple[Run, ...]:
        return runs(bars)

    def look(self, bar: Bar) -> Status:
        return look(bar)

    def troubled(self, bars: Sequence[Bar]) -> tuple[Bar, ...]:
        return troubled(bars)

    def by_panel(self, components: Sequence[str]) -> list[tuple[str, list[str]]]:
        return list(by_panel(components).items())

    def shelves(self, articles: Sequence[ArticleView]) -> list[tuple[str, list[ArticleView]]]:
        return shelves(self.locale, articles)

    def bound(self, articles: Sequence[ArticleView], panel: str) -> list[ArticleView]:
        return [one for one in articles if panel in one.panels]

    def created(self, named: Created) -> str:
        return created(self.locale, named)

    def of(self, moment: datetime) -> str:
        return i18n.moment_of(self.locale, moment, self.zone)

    def took(self, milliseconds: float) -> str:
        return curves.took(self.locale, milliseconds)

    def ceiling(self, curve: Curve) -> str:
        return self.took(curves.ceiling(curve))

    def half(self, curve: Curve) -> tuple[str, ...]:
        return curves.half(curve)

    def most(self, curve: Curve) -> tuple[str, ...]:
        return curves.most(curve)

    def months(self, bars: Sequence[Bar]) -> list[Month]:
        """The newest first."""
        return list(months(bars))[::-1]

    def chart(self, stage: StageView, sizes: Sequence[SizeView]) -> Chart | None:
        return chart(stage, sizes)

    def paces(self, paces: Sequence[Pace]) -> str:
        return measured.paces(self.locale, paces)

    def between(self, first: datetime, last: datetime) -> str:
        return measured.between(self.locale, self.zone, first, last)

    def cause(self, cause: SizeCause) -> str:
        return measured.cause(self.locale, cause)
