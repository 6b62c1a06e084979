"""Languages: catalogues, plurals, dates as people say them, and search without diacritics."""

import gettext
import io
import re
import unicodedata
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "translations"
NAMES = {"pl": "Polski", "en": "English"}
NBSP = "\u00a0"
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


def number(locale: str, value: float) -> str:
    return numbers.format_decimal(value, locale=locale)


def percent(locale: str, share: float, digits: int = 1) -> str:
    """A share 0 … 1 as per cent, cut and never rounded up: 0.99995 is 99.9 %, not 100 %."""
    scale = 10 ** (digits + 2)
    cut = int(share * scale + 1e-9) / scale
    return numbers.format_percent(cut, format=f"0.{'0' * digits} %", locale=locale).replace(" ", NBSP)


def day(locale: str, value: date, *, year: bool = False) -> str:
    """A day as people say it: "poniedziałek 22 marca", "Monday 22 March"."""
    pattern = "EEEE d MMMM y" if year else "EEEE d MMMM"
    return keep_together(dates.format_date(value, pattern, locale=_dated(locale)))


def plain_day(locale: str, value: date) -> str:
    """A day without its weekday: "22 marca", "22 March"."""
    return keep_together(dates.format_date(value, "d MMMM", locale=_dated(locale)))


def short_day(locale: str, value: date) -> str:
    """A day in a narrow place: "22 mar", "22 Mar"."""
    return keep_together(dates.format_date(value, "d MMM", locale=_dated(locale)))


def month(locale: str, value: date) -> str:
    """A month by name: "marzec 2021"."""
    return dates.format_date(value, "LLLL y", locale=_dated(locale))


def moment(locale: str, value: datetime, zone: ZoneInfo) -> str:
    """Day, time and zone: "poniedziałek 22 marca, 14:05 CET"."""
    local = value.astimezone(zone)
    return f"{day(locale, local.date())}, {clock_time(locale, value, zone)}"


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
