"""How an estimate slips, when it is overdue, how it closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from statuspage.i18n import noop
from statuspage.texts.rules import Texts


class Subject(StrEnum):
    """What an estimate is about. Public ids: `panel-c`, `panel-a.warehouse`, an incident's id, `panel-c.archive`."""

    PANEL = "panel"
    COMPONENT = "component"
    INCIDENT = "incident"
    STAGE = "stage"


class Precision(StrEnum):
    """How exact the promise is."""

    INSTANT = "instant"
    DAY = "day"
    RANGE = "range"


class Confidence(StrEnum):
    """How sure its source is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Closing(StrEnum):
    """How a promise ended; one that was replaced by a newer is `superseded`."""

    SUPERSEDED = "superseded"
    MET = "met"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Known:
    """A subject that was seen to exist: made by the queries `known` of estimates and of incidents."""

    kind: Subject
    public_id: str


@dataclass(frozen=True)
class Said:
    """A promise as its source made it. `said_at` is when; None is now."""

    precision: Precision
    starts_at: datetime
    ends_at: datetime
    source: Texts
    quote: Texts | None = None
    link: str | None = None
    confidence: Confidence | None = None
    said_at: datetime | None = None


class Promise(Protocol):
    """What the rules need to know of an estimate."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def closing(self) -> Closing | None: ...


P = TypeVar("P", bound=Promise)


def is_overdue(promise: Promise, now: datetime) -> bool:
    """Passed, and still open."""
    return promise.closing is None and promise.ends_at <= now


def run(ledger: Sequence[P]) -> Sequence[P]:
    """The last chain of promises, each replacing the one before; what came before a closing is another story."""
    start = 0
    for index, one in enumerate(ledger[:-1]):
        if one.closing not in (None, Closing.SUPERSEDED):
            start = index + 1
    return ledger[start:]


def slips(ledger: Sequence[Promise]) -> int:
    """How often the present run of a ledger (oldest first) moved to a later end. An earlier promise is no slip."""
    return sum(later.ends_at > earlier.ends_at for earlier, later in pairwise(run(ledger)))


def closing_at(promise: Promise, back_at: datetime) -> Closing:
    """Met when the thing was back by the promised end, else missed."""
    return Closing.MET if back_at <= promise.ends_at else Closing.MISSED


def whole_days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight that begins the first day to the one that ends the last: 23 or 25 h when the clocks change."""
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def faults(said: Said, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """What is wrong with a promise, by field."""
    found = {}
    if said.ends_at < said.starts_at:
        found["/ends_at"] = noop("The end lies before the beginning.")
    elif said.precision is Precision.INSTANT and said.ends_at != said.starts_at:
        found["/ends_at"] = noop("An exact time has one moment: make the end the same.")
    elif said.precision is Precision.DAY and not _is_day(said, zone):
        found["/ends_at"] = noop("A day goes from midnight to midnight in the time zone of the site.")
    if not said.source.by_locale.get(said.source.source, "").strip():
        found["/source"] = noop("Say who promises this.")
    if said.said_at is not None and said.said_at > now:
        found["/said_at"] = noop("This lies in the future: when was it said?")
    if said.link and not _is_web_address(said.link):
        found["/link"] = noop("Give a web address that starts with https:// or http://.")
    return found


def _is_day(said: Said, zone: ZoneInfo) -> bool:
    day = said.starts_at.astimezone(zone).date()
    starts_at, ends_at = whole_days(day, day, zone)
    return (said.starts_at.timestamp(), said.ends_at.timestamp()) == (starts_at.timestamp(), ends_at.timestamp())


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not set(link) & set(' \t\n<>"')
