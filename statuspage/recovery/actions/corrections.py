"""Corrects one stage of one account by hand: a report like any other, with a sequence above the last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor, record
from statuspage.errors import FieldError, Invalid, RuleBroken
from statuspage.i18n import noop
from statuspage.recovery.actions.reports import apply, take_turn
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.accounts import standing
from statuspage.recovery.rules.reports import EXPLAINED, LARGEST, Report, State, contradiction

LAST = noop("The last report has the largest sequence there is, so nothing can come after it.")
WRONG = noop("Nothing was saved. Please look at the fields below.")


@dataclass(frozen=True)
class Correction:
    """What a person says of a stage, and why."""

    stage: str
    state: State
    done: int
    total: int
    reason: str


def correct(session: Session, owner: AccountRecovery, what: Correction, now: datetime, actor: Actor) -> None:
    """Take it over what was reported; the source's next report takes it over again."""
    take_turn(session, [owner.panel_id])
    before = standing(session, {owner.account: owner.id}, {what.stage}).get((owner.account, what.stage))
    sequence = before.rank[0] + 1 if before else 0
    if sequence > LARGEST:
        raise RuleBroken(LAST)
    slug, reason = owner.panel.slug, what.reason if what.state in EXPLAINED else None
    report = Report(slug, owner.account, what.stage, what.state, what.done, what.total, sequence, now, reason)
    if fault := contradiction(report):
        raise Invalid(WRONG, (FieldError(f"/{fault[0]}", fault[1]),))
    apply(session, {slug: owner.panel_id}, [report], now, by=actor.name)
    was = {"state": before.state.value, "sequence": before.rank[0]} if before else None
    after = {"stage": what.stage, "state": what.state.value, "sequence": sequence, "reason": what.reason}
    record(session, actor, "recovery.correct", f"recovery_account:{owner.id}", before=was, after=after)
