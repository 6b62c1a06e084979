"""What one stage of one account was before: the last few changes, kept in the row itself.

A row for each change would cost a bulk load an insert a line and need an end of its own; here ten are kept for good.
"""

from dataclasses import dataclass
from datetime import datetime

from statuspage.recovery.rules.reports import Standing, State

KEPT = 10


@dataclass(frozen=True)
class Change:
    """What a stage once was: `at` as its source said; `by` is who corrected it by hand, None for a report."""

    state: State
    done: int
    total: int
    sequence: int
    at: datetime
    reason: str | None
    by: str | None


def remembered(before: Standing, state: State, by: str | None) -> str | None:
    """The past of a row that becomes `state`: what it was is added when the state changes or a hand was in it."""
    if before.state is state and by is None and before.by is None:
        return before.past
    sequence, at, was, done, total, reason = before.rank
    line = f"{was}\t{done}\t{total}\t{sequence}\t{at.isoformat()}\t{reason}\t{before.by or ''}"
    return "\n".join([*(before.past.split("\n")[1 - KEPT :] if before.past else ()), line])


def past(words: str | None) -> list[Change]:
    """The changes of a row, the newest first."""
    return [_change(line) for line in reversed((words or "").split("\n")) if line]


def _change(line: str) -> Change:
    state, done, total, sequence, at, reason, by = line.split("\t")
    moment = datetime.fromisoformat(at)
    return Change(State(state), int(done), int(total), int(sequence), moment, reason or None, by or None)
