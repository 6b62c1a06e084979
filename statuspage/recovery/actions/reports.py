"""Takes batches of reports; the counters stay equal to a recount at any moment."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BigInteger, String, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from statuspage.recovery.actions.upserts import moment, upsert
from statuspage.recovery.models import AccountRecovery, PanelRecovery, StageCount, StageState
from statuspage.recovery.queries.accounts import accounts_by_name, standing
from statuspage.recovery.queries.lists import is_postgresql, packed, plan_afresh, rows
from statuspage.recovery.rules.history import remembered
from statuspage.recovery.rules.reports import Decision, Key, Report, Standing, State, Tally, decide

STATES = cast("Table", StageState.__table__)
COUNTS = cast("Table", StageCount.__table__)
ACCOUNTS = cast("Table", AccountRecovery.__table__)
FIELDS = ("account_id", "stage", "state", "done", "total", "sequence", "at", "reason", "by", "past")
MOVE = (
    update(COUNTS)
    .where(
        COUNTS.c.panel_id == bindparam("of_panel"),
        COUNTS.c.stage == bindparam("of_stage"),
        COUNTS.c.state == bindparam("of_state"),
    )
    .values(accounts=COUNTS.c.accounts + bindparam("change"), changed_at=bindparam("now"))
)
# Statements are built once: to put one together takes longer than to run it for one report.
TURNS = (
    select(PanelRecovery)
    .where(PanelRecovery.panel_id.in_(bindparam("panels", expanding=True)))
    .order_by(PanelRecovery.panel_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def take_turn(session: Session, panels: Collection[int]) -> dict[int, PanelRecovery]:
    """Lock the panels until the transaction ends. In order of their ids, so that two writers never wait in a ring."""
    locked = {one.panel_id: one for one in session.scalars(TURNS, {"panels": [*panels]})}
    if missing := sorted(set(panels) - set(locked)):
        session.execute(
            new_rows(session, PanelRecovery).on_conflict_do_nothing(), [{"panel_id": one} for one in missing]
        )
        return take_turn(session, panels)
    return locked


def new_rows(session: Session, model: Any) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say ON CONFLICT, in the dialect at hand."""
    return postgresql.insert(model) if is_postgresql(session) else sqlite.insert(model)


def apply(
    session: Session, panels: Mapping[str, int], reports: Sequence[Report], now: datetime, by: str | None = None
) -> Tally:
    """Take a batch of valid reports. `panels` gives the id of each slug that they name; `by` corrects by hand."""
    tally = Tally()
    by_panel: defaultdict[int, list[Report]] = defaultdict(list)
    for report in reports:
        by_panel[panels[report.panel]].append(report)
    plan_afresh(session)
    turns = take_turn(session, by_panel)
    for panel_id, mine in by_panel.items():
        accounts = accounts_by_name(session, panel_id, {one.account for one in mine})
        before = standing(session, accounts, {one.stage for one in mine})
        decision = decide(before, mine)
        missing = sorted({account for account, _ in decision.winners} - set(accounts))
        accounts |= open_accounts(session, turns[panel_id], missing)
        _keep(session, accounts, before, decision, by)
        _count(session, panel_id, decision.moves, now)
        tally.add(decision.tally)
    return tally


def open_accounts(session: Session, turn: PanelRecovery, names: list[str]) -> dict[str, int]:
    """Make accounts that were not known; returns their ids."""
    if not names:
        return {}
    sent = {"panel": turn.panel_id, "names": packed(names)}
    turn.seen += len(names)
    return {one.account: one.id for one in session.execute(_new_accounts(is_postgresql(session)), sent)}


@lru_cache
def _new_accounts(on_postgresql: bool) -> Any:  # noqa: FBT001  # said by its only caller
    names = rows(bindparam("names", type_=String), on_postgresql)
    owned = names.add_columns(bindparam("panel", type_=BigInteger))
    into = insert(ACCOUNTS).from_select(["account", "panel_id"], owned)
    return into.returning(ACCOUNTS.c.account, ACCOUNTS.c.id)


def _keep(
    session: Session, accounts: Mapping[str, int], before: Mapping[Key, Standing], decision: Decision, by: str | None
) -> None:
    """Write the winners."""
    kept = []
    for key, one in decision.winners.items():
        known, figures = before.get(key), (one.done, one.total, one.sequence)
        past = remembered(known, one.state, by) if known else None
        row = (accounts[one.account], one.stage, one.state.value, *figures, moment(one.at), one.reason, by, past)
        kept.append(row)
    upsert(session, STATES, FIELDS, sorted(kept, key=itemgetter(0, 1)))


def _count(session: Session, panel_id: int, moves: Mapping[tuple[str, State], int], now: datetime) -> None:
    """Move the counters; safe because the panel is locked."""
    found = select(StageCount.stage, StageCount.state).where(StageCount.panel_id == panel_id)
    known = {(stage, state) for stage, state in session.execute(found)}
    for (stage, state), change in sorted(moves.items()):
        if (stage, state) in known:
            session.execute(
                MOVE, {"of_panel": panel_id, "of_stage": stage, "of_state": state, "change": change, "now": now}
            )
        else:
            row = {"panel_id": panel_id, "stage": stage, "state": state, "accounts": change, "changed_at": now}
            session.execute(insert(COUNTS), row)


def recount(session: Session, panel_id: int, now: datetime) -> None:
    """Count the rows of a panel anew: after rows were loaded past `apply`."""
    turn = take_turn(session, [panel_id])[panel_id]
    mine = select(func.count()).select_from(AccountRecovery).where(AccountRecovery.panel_id == panel_id)
    turn.seen = session.scalar(mine) or 0
    session.execute(delete(StageCount).where(StageCount.panel_id == panel_id))
    for (stage, state), accounts in counted(session, panel_id).items():
        session.add(StageCount(panel_id=panel_id, stage=stage, state=state, accounts=accounts, changed_at=now))
    session.flush()


def counted(session: Session, panel_id: int) -> Counter[tuple[str, State]]:
    """How many accounts are in which state, from the rows themselves."""
    found = (
        select(StageState.stage, StageState.state, func.count())
        .join(AccountRecovery, AccountRecovery.id == StageState.account_id)
        .where(AccountRecovery.panel_id == panel_id)
        .group_by(StageState.stage, StageState.state)
    )
    return Counter({(stage, state): number for stage, state, number in session.execute(found)})
