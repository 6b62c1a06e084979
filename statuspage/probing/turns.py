"""What a result makes of the standing of its probe, as it is read from and written to the rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from statuspage.probing.models import Probe
from statuspage.probing.queries import STANDING, standing_of
from statuspage.probing.rules import PHASES, Look, Standing, Verdict, after_result, after_silence, is_unheard

HELD = (
    Probe.id, Probe.interval, Probe.created_at, Probe.down_after, Probe.up_after, Probe.last_result_at,
    Probe.heard_since, *STANDING,
)  # fmt: skip
MOVED = (
    "verdict", "verdict_since", "streak", "streak_ok", "streak_from", "last_result_at", "last_error", "heard_since",
)  # fmt: skip
# On the table, not the class: many rows in one statement, each found by its own `of`.
PROBES = cast("Table", Probe.__table__)
MOVE = update(PROBES).where(PROBES.c.id == bindparam("of")).values({one: bindparam(one) for one in MOVED})


@dataclass(frozen=True)
class Seen:
    """A look, with whose it is, which slot it fills, and the fencing number under which it began."""

    probe_id: int
    slot: int
    at: datetime
    look: Look
    fence: int | None = 0


def as_row(seen: Seen) -> dict[str, Any]:
    """The columns of a `ProbeResult`."""
    look = seen.look
    return {
        "probe_id": seen.probe_id,
        "slot": seen.slot,
        "lag": round((seen.at.timestamp() - seen.slot) * 1000),
        "ok": look.ok,
        "degraded": look.degraded,
        "total_ms": look.total_ms,
        **{phase: look.phases.get(phase) for phase in PHASES},
        "error": look.error,
    }


@dataclass(frozen=True)
class Turn:
    """What one result made of a probe's standing."""

    seen: Seen
    before: Standing
    after: Standing
    heard_since: datetime
    was_unheard: bool

    @property
    def was_down(self) -> bool:
        return self.before.verdict is Verdict.DOWN

    @property
    def is_down(self) -> bool:
        return self.after.verdict is Verdict.DOWN

    @property
    def shows(self) -> bool:
        """Whether a reader would see a difference."""
        return self.was_unheard or self.after.verdict is not self.before.verdict


def turn_of(row: Any, seen: Seen, impaired_from: datetime | None) -> Turn | None:
    """What the result makes of a probe whose `HELD` columns these are; None if newer results have had their say."""
    if row.last_result_at is not None and seen.at <= row.last_result_at:
        return None
    was_unheard = is_unheard(row.last_result_at, row.created_at, row.interval, seen.at, impaired_from)
    before = after_silence(standing_of(row)) if was_unheard else standing_of(row)
    after = after_result(
        before,
        ok=seen.look.ok,
        degraded=seen.look.degraded,
        at=seen.at,
        down_after=row.down_after,
        up_after=row.up_after,
    )
    heard_since = seen.at if was_unheard or row.last_result_at is None else row.heard_since
    return Turn(seen, before, after, heard_since, was_unheard)


def moved(turn: Turn) -> dict[str, Any]:
    """The values of `MOVE`."""
    after = turn.after
    return {
        "of": turn.seen.probe_id,
        "verdict": after.verdict,
        "verdict_since": after.since,
        "streak": after.streak,
        "streak_ok": after.streak_ok,
        "streak_from": after.streak_from,
        "last_result_at": turn.seen.at,
        "last_error": turn.seen.look.error,
        "heard_since": turn.heard_since,
    }
