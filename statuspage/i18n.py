"""Languages: catalogues, plurals, dates as people say them, and search without diacritics."""

import gettext
import io
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "translations"
NAMES = {"pl": "Polski", "en": "English"}
TERRITORIES = {"pl": "pl_PL", "en": "en_GB"}
# Formatting a day takes ten times what looking it up does, and a page shows the same days again and again.
REMEMBERED = 4096
NBSP = "\u00a0"
GENITIVE = ("poniedziałku", "wtorku", "środy", "czwartku", "piątku", "soboty", "niedzieli")
ORPHAN = re.compile(r"(?<![\w\u00a0])([aiouwzAIOUWZ]) (?=\S)")


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The catalogue of a locale: all its .po files as one. English is the source and has none."""
    merged: gettext.NullTranslations | None = None
    for path in sorted((CATALOGUES / locale).glob("*.po")):
        binary = io.BytesIO()
        with path.open("rb") as file:
            write_mo(binary, read_po(file, locale=locale, abort_invalid=True))
        binary.seek(0)
        one = gettext.GNUTranslations(binary)
        if merged is None:
            merged = one
        else:
            merged.add_fallback(one)
    return merged or gettext.NullTranslations()


def translate(locale: str, message: str, /, **values: object) -> str:
    """One message in a locale, its `%(name)s` blanks filled in."""
    text = translations(locale).gettext(message)
    return text % values if values else text


def translate_plural(locale: str, singular: str, plural: str, n: int, /, **values: object) -> str:
    """One message by number: 1 zamówienie, 2 zamówienia, 5 zamówień; `%(num)s` is the number in words of the locale."""
    text = translations(locale).ngettext(singular, plural, n)
    return text % {"num": number(locale, n), **values}


def noop(message: str) -> str:
    """Marks a message for the catalogue where it is translated later (`noop` is a keyword of extraction)."""
    return message


@lru_cache(maxsize=REMEMBERED)
def number(locale: str, value: float) -> str:
    return numbers.format_decimal(value, locale=locale)


@lru_cache(maxsize=REMEMBERED)
def percent(locale: str, share: float, digits: int = 1) -> str:
    """A share 0 … 1 as per cent, cut and never rounded up: 0.99995 is 99.9 %, not 100 %."""
    scale = 10 ** (digits + 2)
    cut = int(share * scale + 1e-9) / scale
    return numbers.format_percent(cut, format=f"0.{'0' * digits} %", locale=locale).replace(" ", NBSP)


@lru_cache(maxsize=REMEMBERED)
def day(locale: str, value: date, *, year: bool = False) -> str:
    """A day as people say it: "poniedziałek 22 marca", "Monday 22 March"."""
    pattern = "EEEE d MMMM y" if year else "EEEE d MMMM"
    return keep_together(dates.format_date(value, pattern, locale=_dated(locale)))


@lru_cache(maxsize=REMEMBERED)
def plain_day(locale: str, value: date) -> str:
    """A day without its weekday: "22 marca", "22 March"."""
    return keep_together(dates.format_date(value, "d MMMM", locale=_dated(locale)))


@lru_cache(maxsize=REMEMBERED)
def date_of(locale: str, value: date) -> str:
    """A date without its weekday: "17 listopada 2019 r.", "17 November 2019"."""
    text = dates.format_date(value, "d MMMM y", locale=_dated(locale))
    return keep_together(f"{text}{NBSP}r." if locale == "pl" else text)


@lru_cache(maxsize=REMEMBERED)
def since_day(locale: str, value: date) -> str:
    """Since which day: "od środy 10 marca" (weekdays decline), "since Wednesday 10 March"."""
    return f"{'od' if locale == 'pl' else 'since'} {day_of(locale, value)}"


@lru_cache(maxsize=REMEMBERED)
def day_of(locale: str, value: date) -> str:
    """A day after "from", "of" or "since": "środy 10 marca", "Wednesday 10 March"."""
    if locale != "pl":
        return day(locale, value)
    return keep_together(f"{GENITIVE[value.weekday()]} {dates.format_date(value, 'd MMMM', locale=locale)}")


def moment_of(locale: str, value: datetime, zone: ZoneInfo) -> str:
    """Day, time and zone after "from" or "of": "wtorku 9 marca, 00:00 CET"."""
    return f"{day_of(locale, value.astimezone(zone).date())}, {clock_time(locale, value, zone)}"


def days(locale: str, first: date, last: date) -> str:
    """A range of days: "24–26 marca", "30 marca – 2 kwietnia"."""
    if first == last:
        return day(locale, first)
    end = dates.format_date(last, "d MMMM", locale=_dated(locale))
    if (first.year, first.month) == (last.year, last.month):
        return keep_together(f"{first.day}–{end}")
    return keep_together(f"{dates.format_date(first, 'd MMMM', locale=_dated(locale))} – {end}")


def listing(locale: str, names: Sequence[str]) -> str:
    """Names in one phrase: "A, B i D", "A, B and D"."""
    if len(names) < 2:
        return "".join(names)
    last = f"i{NBSP}{names[-1]}" if locale == "pl" else f"and {names[-1]}"
    return f"{', '.join(names[:-1])} {last}"


@lru_cache(maxsize=REMEMBERED)
def short_day(locale: str, value: date) -> str:
    """A day in a narrow place: "22 mar", "22 Mar"."""
    return keep_together(dates.format_date(value, "d MMM", locale=_dated(locale)))


def month(locale: str, value: date) -> str:
    """A month by name: "marzec 2021"."""
    return dates.format_date(value, "LLLL y", locale=_dated(locale))


def month_of(locale: str, value: date) -> str:
    """A month inside a sentence: "sierpnia 2020 r.", "August 2020"."""
    text = dates.format_date(value, "MMMM y", locale=_dated(locale))
    return f"{text}{NBSP}r." if locale == "pl" else text


def moment(locale: str, value: datetime, zone: ZoneInfo) -> str:
    """Day, time and zone: "poniedziałek 22 marca, 14:05 CET"."""
    local = value.astimezone(zone)
    return f"{day(locale, local.date())}, {clock_time(locale, value, zone)}"


def moment_in_utc(locale: str, value: datetime, zone: ZoneInfo) -> str:
    """The same for staff, who read logs beside it: "poniedziałek 22 marca, 14:05 CET (13:05 UTC)"."""
    there, local = value.astimezone(UTC), value.astimezone(zone)
    if not local.utcoffset():
        return moment(locale, value, zone)
    other_day = "" if there.date() == local.date() else f"{short_day(locale, there.date())}, "
    return f"{moment(locale, value, zone)} ({other_day}{there:%H:%M}{NBSP}UTC)"


@lru_cache(maxsize=REMEMBERED)
def clock_time(locale: str, value: datetime, zone: ZoneInfo) -> str:
    """The time of the day with its zone: "14:05 CET"."""
    local = value.astimezone(zone)
    return f"{local:%H:%M}{NBSP}{local.tzname()}"


def _dated(locale: str) -> str:
    return "en_GB" if locale == "en" else locale


def keep_together(text: str) -> str:
    """Non-breaking spaces after Polish one-letter words and inside "22 marca"."""
    return re.sub(r"(\d) (?=\w)", rf"\1{NBSP}", tie_orphans(text))


def tie_orphans(text: str) -> str:
    """No Polish line ends in a one-letter word."""
    return ORPHAN.sub(rf"\1{NBSP}", text)


def fold(text: str) -> str:
    """For search: no case, no diacritics (`ł` has no decomposition of its own)."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
