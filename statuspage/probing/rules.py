"""When results make a verdict, and when silence does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENT_INTERVALS = 3


class Kind(StrEnum):
    """The ways to look at a target."""

    HTTP = "http"
    TCP = "tcp"
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


def is_silent(last_result_at: datetime | None, created_at: datetime, interval: int, now: datetime) -> bool:
    """No result for three intervals: unknown, never up."""
    return now - (last_result_at or created_at) > timedelta(seconds=SILENT_INTERVALS * interval)


def slot(at: datetime, interval: int) -> int:
    """The number of the interval that `at` falls into: a result per probe and slot, however many workers run."""
    return int(at.timestamp()) // interval
