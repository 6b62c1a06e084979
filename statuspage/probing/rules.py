"""When results make a verdict, and when silence does."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from statuspage.errors import FieldError
from statuspage.i18n import noop

SILENT_INTERVALS = 3
LONGEST_RETRY = 10
TALLIED = 120
HOUR = 3600
KEPT = timedelta(days=7)
PHASES = ("dns", "connect", "tls", "first_byte")


class Kind(StrEnum):
    """The ways to look at a target."""

    HTTP = "http"
    TCP = "tcp"
    TLS = "tls"
    DNS = "dns"
    PING = "ping"
    HEARTBEAT = "heartbeat"


class Verdict(StrEnum):
    """What a probe's results say of its component."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class Standing:
    """What a probe is held to be, and the run of equal results that may change it."""

    verdict: Verdict = Verdict.UNKNOWN
    since: datetime | None = None
    streak: int = 0
    streak_ok: bool = True
    streak_from: datetime | None = None

    @property
    def is_in_doubt(self) -> bool:
        """The last results speak against what it is held to be: worth looking again soon."""
        speaks_against = self.verdict is Verdict.DOWN if self.streak_ok else self.verdict is not Verdict.DOWN
        return self.streak > 0 and speaks_against


def after_result(
    before: Standing, *, ok: bool, degraded: bool, at: datetime, down_after: int, up_after: int
) -> Standing:
    """The standing after one more result. A change dates from the first result of its run, not the n-th."""
    runs_on = before.streak > 0 and before.streak_ok == ok
    streak = before.streak + 1 if runs_on else 1
    began = before.streak_from if runs_on and before.streak_from else at
    good = Verdict.DEGRADED if degraded else Verdict.UP
    verdict, since = before.verdict, before.since
    if not ok and streak >= down_after and verdict is not Verdict.DOWN:
        verdict, since = Verdict.DOWN, began
    elif ok and verdict in (Verdict.UP, Verdict.DEGRADED):
        verdict, since = (good, at) if good is not verdict else (verdict, since)
    elif ok and (verdict is Verdict.UNKNOWN or streak >= up_after):
        verdict, since = good, began
    return Standing(verdict, since, streak, ok, began)


def after_silence(before: Standing) -> Standing:
    """What is left of a standing when nobody looked for a while: good news is stale, an outage goes on until seen."""
    return replace(before, streak=0, streak_from=None) if before.verdict is Verdict.DOWN else Standing()


def is_unheard(
    last_result_at: datetime | None,
    created_at: datetime,
    interval: int,
    now: datetime,
    impaired_from: datetime | None = None,
) -> bool:
    """Nobody knows: it is silent, or was not heard since our own network was cut."""
    cut_off = impaired_from is not None and (last_result_at is None or last_result_at < impaired_from <= now)
    return cut_off or is_silent(last_result_at, created_at, interval, now)


def is_silent(last_result_at: datetime | None, created_at: datetime, interval: int, now: datetime) -> bool:
    """No result for three intervals: unknown, never up. A result from the future tells of a clock set back, no more."""
    return abs(now - (last_result_at or created_at)) > timedelta(seconds=SILENT_INTERVALS * interval)


def slot(at: datetime, interval: int, shift: int = 0, *, in_doubt: bool = False) -> int:
    """The second at which a probe was due last: a result per probe and slot, however many workers run.

    Each interval begins a slot; in doubt there are more within it, a short while apart.
    """
    second = int(at.timestamp())
    since = (second - shift) % interval
    return second - (since % retry_after(interval) if in_doubt else since)


def hour_of(second: int) -> int:
    """The second at which its hour began; in UTC, so that a change of summer time neither skips nor doubles one."""
    return second - second % HOUR


def kept_from(now: datetime) -> int:
    """The slot from which results are kept: whole hours stay or go."""
    return hour_of(int((now - KEPT).timestamp()))


def retry_after(interval: int) -> int:
    """Seconds until a probe in doubt is looked at again."""
    return max(1, min(interval // 3, LONGEST_RETRY))


class Tally:
    """How many looks were begun in each of the last seconds, and how many of them failed."""

    def __init__(self) -> None:
        self.begun: Counter[int] = Counter()
        self.failed: Counter[int] = Counter()

    def note(self, at: datetime, *, ok: bool) -> None:
        second = int(at.timestamp())
        if second not in self.begun:
            for old in [one for one in self.begun if one < second - TALLIED]:
                del self.begun[old], self.failed[old]
        self.begun[second] += 1
        self.failed[second] += not ok

    def most_failed(self, since: datetime) -> bool:
        """Whether most looks begun since then failed: at most one target in two works, or nobody else was asked."""
        seconds = [one for one in self.begun if one >= int(since.timestamp())]
        return sum(self.failed[one] for one in seconds) * 2 > sum(self.begun[one] for one in seconds)


def phase(probe_id: int, interval: int) -> int:
    """Seconds by which a probe's slots are shifted, so that probes of one interval do not all look at once."""
    return probe_id * 7919 % interval


def beat_is_missed(beat_at: datetime, interval: int, grace: int, now: datetime) -> bool:
    """A heartbeat is late: nothing came for its interval and its grace (seconds)."""
    return now - beat_at > timedelta(seconds=interval + grace)


@dataclass(frozen=True)
class Target:
    """Where to look, and what is expected there; `timeout` in seconds."""

    kind: Kind
    address: str
    timeout: float
    expect: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The host and port as they are written: who is asked by all that share it."""
        return self.address.partition("//")[2].partition("/")[0] or self.address


@dataclass(frozen=True)
class Look:
    """What one look saw; milliseconds in all and per phase. `error` says why it is not as expected, or degraded."""

    ok: bool
    error: str | None = None
    degraded: bool = False
    total_ms: float | None = None
    phases: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """A probe as staff want it."""

    name: str
    kind: Kind
    target: str = ""
    interval: int = 30
    timeout: float = 10.0
    down_after: int = 2
    up_after: int = 2
    enabled: bool = True
    gateway: bool = False
    publishes_itself: bool = False
    expect: Mapping[str, Any] = field(default_factory=dict)


def faults(wish: Wish) -> tuple[FieldError, ...]:
    """What is wrong with a wish whatever its kind, field by field."""
    found = [
        *_outside(wish.interval, 1, 86_400, "/interval", noop("1 to 86400 seconds")),
        *_outside(wish.down_after, 1, 100, "/down_after", noop("1 to 100")),
        *_outside(wish.up_after, 1, 100, "/up_after", noop("1 to 100")),
    ]
    if not wish.name.strip() or len(wish.name) > 100:
        found.append(FieldError("/name", noop("Give the probe a name of at most 100 characters.")))
    if wish.kind is not Kind.HEARTBEAT and not 0.1 <= wish.timeout <= wish.interval:
        found.append(FieldError("/timeout", noop("At most the interval, and not under 0.1 seconds.")))
    return tuple(found)


def _outside(number: float, least: int, most: int, path: str, reason: str) -> list[FieldError]:
    return [] if least <= number <= most else [FieldError(path, reason)]
