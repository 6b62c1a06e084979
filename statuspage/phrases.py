"""Sentences that pages and feeds share: what a thing is called, when it is expected, how a promise moved."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage import i18n
from statuspage.estimates.rules import Closing, Precision, Subject, run, slips
from statuspage.i18n import noop, translate, translate_plural
from statuspage.incidents.rules import Stage
from statuspage.maintenance.rules import Phase
from statuspage.panels.rules import Status
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import PromiseView
from statuspage.recovery.rules.progress import MarkView

STAGES = {
    Stage.INVESTIGATING: noop("investigating"),
    Stage.IDENTIFIED: noop("cause found"),
    Stage.MONITORING: noop("fixed, being watched"),
    Stage.RESOLVED: noop("resolved"),
    Stage.POSTMORTEM: noop("what happened and why"),
}
PHASES = {
    Phase.SCHEDULED: noop("planned"),
    Phase.IN_PROGRESS: noop("in progress"),
    Phase.VERIFYING: noop("being checked"),
    Phase.COMPLETED: noop("done"),
}
STATUSES = {
    Status.OPERATIONAL: noop("works"),
    Status.UNDER_MAINTENANCE: noop("planned work"),
    Status.UNKNOWN: noop("no data"),
    Status.DEGRADED: noop("works slowly"),
    Status.PARTIAL: noop("works in part"),
    Status.MAJOR: noop("down"),
}
RECOVERY_STAGES = {
    "access": noop("access to accounts"),
    "orders": noop("orders"),
    "archive": noop("order archive"),
    "warehouse": noop("warehouse"),
    "shipments": noop("shipments"),
    "invoices": noop("invoices"),
}
CLOSINGS = {
    Closing.MET: noop("back as promised (%(when)s)"),
    Closing.MISSED: noop("not back by the promised date (%(when)s)"),
    Closing.WITHDRAWN: noop("the date is withdrawn (%(when)s); there is no new one yet"),
}
BLINK = timedelta(microseconds=1)


def subject(locale: str, snapshot: Snapshot, kind: Subject, public_id: str) -> str:
    """What an estimate is about, in words: "Panel C", "Panel A: Magazyn", an incident's title."""
    if kind is Subject.INCIDENT:
        titles = (one.title for one in snapshot.incidents if one.public_id == public_id)
        return next((title.read(locale).text for title in titles), public_id)
    slug, _, part = public_id.partition(".")
    panel = snapshot.panel_by_slug.get(slug)
    name = panel.name.read(locale).text if panel else slug
    if not part:
        return name
    if kind is Subject.STAGE:
        return f"{name}: {translate(locale, RECOVERY_STAGES.get(part, part))}"
    function = snapshot.function_by_slug.get(part)
    return f"{name}: {function.name.read(locale).text if function else part}"


def restored(locale: str, snapshot: Snapshot, mark: MarkView) -> str:
    """That a stage came to a tenth: "Panel C, orders: back for 60 % of accounts"."""
    panel = snapshot.panel_by_slug.get(mark.panel)
    values = {
        "panel": panel.name.read(locale).text if panel else mark.panel,
        "stage": translate(locale, RECOVERY_STAGES.get(mark.stage, mark.stage)),
    }
    if mark.percent == 100:
        return translate(locale, "%(panel)s, %(stage)s: back for all accounts", **values)
    share = i18n.percent(locale, mark.percent / 100, 0)
    return translate(locale, "%(panel)s, %(stage)s: back for %(share)s of accounts", share=share, **values)


def expected(locale: str, promises: Sequence[PromiseView], zone: ZoneInfo) -> str:
    """ "expected back on 22 March, according to the hosting provider; moved twice (15 → 19 → 22 March)"."""
    chain = run(promises)
    last = chain[-1]
    source = last.source.read(locale).text
    said = translate(locale, "expected back %(when)s, %(source)s", when=when(locale, last, zone), source=source)
    slipped = moved(locale, chain, zone)
    return f"{said}; {slipped}" if slipped else said


def closed(locale: str, promise: PromiseView, zone: ZoneInfo) -> str:
    """How a promise ended: "back as promised (22 March)"."""
    assert promise.closing is not None
    return translate(locale, CLOSINGS[promise.closing], when=_plain(locale, promise, zone))


def when(locale: str, promise: PromiseView, zone: ZoneInfo) -> str:
    """When it was promised, after "expected back": "on 22 March", "between 22 and 24 March"."""
    first, last = _days(promise, zone)
    if promise.precision is Precision.INSTANT:
        return translate(locale, "on %(day)s", day=_plain(locale, promise, zone))
    if first == last and not _whole_days(promise, zone):
        times = (i18n.clock_time(locale, at, zone) for at in (promise.starts_at, promise.ends_at))
        begin, end = times
        return translate(
            locale,
            "on %(day)s between %(start)s and %(end)s",
            day=i18n.plain_day(locale, first),
            start=begin.split(i18n.NBSP)[0],
            end=end,
        )
    if first == last:
        return translate(locale, "on %(day)s", day=i18n.plain_day(locale, first))
    start = str(first.day) if first.month == last.month else i18n.plain_day(locale, first)
    return translate(locale, "between %(start)s and %(end)s", start=start, end=i18n.plain_day(locale, last))


def moved(locale: str, promises: Sequence[PromiseView], zone: ZoneInfo) -> str:
    """ "moved twice (15 → 19 → 22 March)", or nothing when it never slipped."""
    chain = run(promises)
    times = slips(chain)
    if not times:
        return ""
    if times == 1:
        how_often = translate(locale, "moved once")
    elif times == 2:
        how_often = translate(locale, "moved twice")
    else:
        how_often = translate_plural(locale, "moved %(num)s time", "moved %(num)s times", times)
    return f"{how_often} ({arrows(locale, chain, zone)})"


def arrows(locale: str, promises: Sequence[PromiseView], zone: ZoneInfo) -> str:
    """The promised ends in a row: "15 → 19 → 22 March", "28 February → 3 March", "14:00 → 16:00 CET"."""
    days = [_days(one, zone)[1] for one in promises]
    if len(set(days)) == 1:
        clocks = [i18n.clock_time(locale, one.ends_at, zone) for one in promises]
        return " → ".join([*(one.split(i18n.NBSP)[0] for one in clocks[:-1]), clocks[-1]])
    labels = [
        i18n.plain_day(locale, day) if index + 1 == len(days) or days[index + 1].month != day.month else str(day.day)
        for index, day in enumerate(days)
    ]
    return " → ".join(labels)


def _plain(locale: str, promise: PromiseView, zone: ZoneInfo) -> str:
    """The promise as a date alone: "22 March", "22 March, 14:05 CET"."""
    first, last = _days(promise, zone)
    if promise.precision is Precision.INSTANT:
        at = promise.ends_at
        return f"{i18n.plain_day(locale, at.astimezone(zone).date())}, {i18n.clock_time(locale, at, zone)}"
    if first == last:
        return i18n.plain_day(locale, last)
    return f"{i18n.plain_day(locale, first)} – {i18n.plain_day(locale, last)}"


def _days(promise: PromiseView, zone: ZoneInfo) -> tuple[date, date]:
    """First and last day of a promise; a day ends at the midnight that begins the next."""
    last: datetime = promise.ends_at
    if promise.precision is not Precision.INSTANT:
        last = max(promise.starts_at, promise.ends_at - BLINK)
    return promise.starts_at.astimezone(zone).date(), last.astimezone(zone).date()


def _whole_days(promise: PromiseView, zone: ZoneInfo) -> bool:
    edges = (promise.starts_at.astimezone(zone), promise.ends_at.astimezone(zone))
    return promise.precision is Precision.DAY or all((edge.hour, edge.minute) == (0, 0) for edge in edges)
