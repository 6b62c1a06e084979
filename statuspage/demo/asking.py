"""Writes what the shops of the scenario are asked and ask for, as far as it had happened."""

from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor
from statuspage.demo.accounts import PANEL
from statuspage.demo.story import Row, read, until
from statuspage.recovery.actions.accounts import link_temporary, open_account
from statuspage.recovery.actions.backlog import Wish, ask, set_state
from statuspage.recovery.actions.choices import open_choices
from statuspage.recovery.actions.merging import end_merge, plan_merge, run_merge
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.rules.backlog import BacklogKind, BacklogState
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceKind, Opening
from statuspage.recovery.rules.merging import Example, Plan, Result

ACTOR = Actor("system:demo")
TEMPORARY_PANEL = "panel-d"
CAUGHT_UP = "This account has imported the orders of its gap already."


def write(session: Session, now: datetime) -> None:
    """Choices, merges and requests of the accounts that have been reported by `now`."""
    rows = read("asking")
    for row in rows["temporary"]:
        original = account(session, PANEL, row["account"])
        if original is not None:
            temporary = open_account(session, TEMPORARY_PANEL, row["temporary"])
            link_temporary(session, original, temporary, ACTOR)
    session.flush()
    open_choices(session, [_opening(row) for row in rows["choices"]], now)
    for row in until(rows["merges"], now, "planned"):
        _merge(session, row, now)
    for row in until(rows["requests"], now):
        _request(session, row, now)


def _opening(row: Row) -> Opening:
    kind = ChoiceKind(row["kind"])
    return Opening(PANEL, row["account"], kind, tuple(QUESTIONS[kind].options), row["default"], row["deadline"])


def _merge(session: Session, row: Row, now: datetime) -> None:
    temporary = account(session, TEMPORARY_PANEL, row["temporary"])
    if temporary is None or temporary.original_id is None:
        return
    original = session.get_one(AccountRecovery, temporary.original_id)
    examples = tuple(Example(one["order"], one["reason"]) for one in row["examples"])
    plan = Plan(row["create"], row["merge"], row["conflict"], examples, 1, row["planned"])
    merge = plan_merge(session, original, temporary, plan, ACTOR)
    if row["run"] <= now:
        run_merge(session, merge.public_id, CAUGHT_UP, actor=ACTOR, now=row["run"])
        session.flush()
    if "end" in row and row["end"] <= now:
        created, merged, failed = row["result"]
        end_merge(session, merge.public_id, Result(created, merged, failed, row["end"]), ACTOR)


def _request(session: Session, row: Row, now: datetime) -> None:
    owner = account(session, PANEL, row["account"])
    if owner is None:
        return
    wish = Wish(BacklogKind(row["kind"]), row["since"], row["note"])
    asked = ask(session, owner, wish, row["at"])
    if row["working"] <= now:
        set_state(session, asked.public_id, BacklogState.WORKING, None, actor=ACTOR, now=row["working"])
