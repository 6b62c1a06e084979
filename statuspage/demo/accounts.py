"""How far each account of panel C has come: one order of turns, and the scenario's curves laid over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from statuspage.demo.story import Row, read, value
from statuspage.recovery.rules.reports import Report, State

PANEL = "panel-c"
COUNT = 20_000
FIRST_NUMBER = 62_001
STRIDE = 7919  # a prime that does not divide COUNT, so that every number comes up once
# Two shops that moved orders from their temporary accounts. At the opening the first one's orders are back, its
# archive is on the way, and it owes the choice about its warehouse.
SPECIAL = {5400: "C-81254", 4000: "C-77016"}
RUNNING = 40
# The order in which an account passes through the states; the place is the report's sequence, so a repeat is equal.
COURSE = (State.WAITING, State.RUNNING, State.NEEDS_CHOICE, State.FAILED, State.RESTORED)
TOTALS = {
    "access": (1, 1),
    "orders": (40, 900),
    "archive": (200, 5000),
    "warehouse": (10, 400),
    "shipments": (30, 700),
    "invoices": (30, 800),
}
# The panel's servers report what they have done a little later.
LAG = timedelta(minutes=5)


@cache
def by_turn() -> tuple[str, ...]:
    """The account whose turn it is, from the first that comes back to the last."""
    accounts = [f"C-{FIRST_NUMBER + turn * STRIDE % COUNT}" for turn in range(COUNT)]
    for turn, account in SPECIAL.items():
        other = accounts.index(account)
        accounts[other], accounts[turn] = accounts[turn], account
    return tuple(accounts)


@dataclass(frozen=True)
class Front:
    """How far a stage has come: the turn at which each state ends, the furthest state first."""

    restored: int
    failed: int
    choosing: int
    running: int

    def state(self, turn: int) -> State:
        if turn < self.restored:
            return State.RESTORED
        if turn < self.failed:
            return State.FAILED
        if turn < self.choosing:
            return State.NEEDS_CHOICE
        return State.RUNNING if turn < self.running else State.WAITING

    def counts(self) -> dict[State, int]:
        return {
            State.RESTORED: self.restored,
            State.FAILED: self.failed - self.restored,
            State.NEEDS_CHOICE: self.choosing - self.failed,
            State.RUNNING: self.running - self.choosing,
        }


NOT_BEGUN = Front(0, 0, 0, 0)


def stages() -> list[Row]:
    """The stages of the restoration, each with its curves."""
    return list(read("simulation")["stages"])


def front(stage: Row, now: datetime) -> Front:
    """How far a stage is at `now`."""
    if now <= stage["restored"][0][0]:
        return NOT_BEGUN
    restored, failed, choosing = (value(stage[name], now) for name in ("restored", "failed", "needs_choice"))
    busy = restored + failed + choosing
    return Front(restored, restored + failed, busy, min(COUNT, busy + RUNNING))


def report(stage: str, turn: int, state: State, at: datetime) -> Report:
    """What the servers say of one stage of the account whose turn it is."""
    least, spread = TOTALS[stage]
    total = least + turn * 37 % spread
    done = {State.RESTORED: total, State.NEEDS_CHOICE: total // 2, State.FAILED: total // 3, State.RUNNING: total // 4}
    return Report(
        panel=PANEL,
        account=by_turn()[turn],
        stage=stage,
        state=state,
        done=done.get(state, 0),
        total=total,
        sequence=COURSE.index(state) + 1,
        at=at,
    )


def reports(stage: Row, before: Front, after: Front, at: datetime) -> Iterator[Report]:
    """What is new between two moments. Access is reported of every account, the rest from when it runs."""
    for turn in range(before.restored, max(before.running, after.running)):
        state = after.state(turn)
        if state is not before.state(turn):
            yield report(stage["stage"], turn, state, at)
