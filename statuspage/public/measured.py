"""Sentences about what was measured: paces, spans of time, and why N changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage import i18n
from statuspage.i18n import noop, translate, translate_plural
from statuspage.recovery.rules.pace import Pace
from statuspage.recovery.rules.progress import SizeCause

# Nearer than that the hour matters, further only the day.
HOURS_MATTER = timedelta(hours=36)
CAUSES = {
    SizeCause.STATED: noop("as stated"),
    SizeCause.SEEN: noop("more accounts were found"),
}


def paces(locale: str, measured: Sequence[Pace]) -> str:
    """What a range rests on: "at the pace of the last hour and the last 6 hours"."""
    # Two windows that reach back to the same beginning differ by less than can be said.
    spans = i18n.listing(locale, list(dict.fromkeys(_span(locale, one.minutes) for one in measured)))
    return translate(locale, "at the pace of %(spans)s", spans=spans)


def _span(locale: str, minutes: int) -> str:
    if minutes < 60:
        return translate_plural(locale, "the last minute", "the last %(num)s minutes", minutes)
    return translate_plural(locale, "the last hour", "the last %(num)s hours", minutes // 60)


def between(locale: str, zone: ZoneInfo, first: datetime, last: datetime) -> str:
    """From when to when: with times where it is short, in days where it is not."""
    first, last = first.astimezone(zone), last.astimezone(zone)
    if last - first >= HOURS_MATTER:
        return i18n.days(locale, first.date(), last.date())
    if first.date() == last.date():
        return f"{i18n.day(locale, first.date())}, {first:%H:%M}–{i18n.clock_time(locale, last, zone)}"
    return f"{i18n.moment(locale, first, zone)} – {i18n.moment(locale, last, zone)}"


def cause(locale: str, cause: SizeCause) -> str:
    """Why N changed, where nobody gave words for it."""
    return translate(locale, CAUSES[cause])
