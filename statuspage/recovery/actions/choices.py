"""Opens choices, lets their owner choose, and takes the word that they were carried out."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, Invalid, NotFound
from statuspage.i18n import noop
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import take_turn
from statuspage.recovery.models import AccountRecovery, Choice, ChoiceStep, StageState
from statuspage.recovery.queries.accounts import accounts_by_name
from statuspage.recovery.rules.choices import (
    QUESTIONS,
    Carried,
    ChoiceAct,
    ChoiceKind,
    Opening,
    holds,
    new_receipt,
    objection,
)
from statuspage.recovery.rules.reports import State, Tally

Refused = list[tuple[int, FieldError]]
Place = tuple[str, str]
NO_CHOICE = noop("There is no such choice on this page.")
CHOOSE_ONE = noop("Choose one of the options.")
LIES_AHEAD = noop("must lie ahead")
KEEP_CHOSEN = noop("the customer has chosen %(option)s already: keep that option")
TOO_LATE = noop("Your choice was carried out already, so it cannot be changed any more.")


def open_choices(session: Session, openings: Sequence[Opening], now: datetime) -> tuple[Tally, Refused]:
    """Ask customers to choose. What is asked already stays, or gets its new options, default and deadline."""
    tally, refused = Tally(), []
    panels = select(Panel.slug, Panel.id).where(Panel.slug.in_({one.panel for one in openings}))
    ids: dict[str, int] = dict(iter(session.execute(panels)))
    take_turn(session, ids.values())
    known = _accounts(session, ids, openings)
    asked, waiting = _asked(session, known), _waiting(session, known)
    for place, one in enumerate(openings):
        account = known.get((one.panel, one.account))
        before = asked.get((account or 0, one.kind))
        fault = _fault(before, one, account, waiting, now)
        if fault:
            tally.rejected += 1
            refused.append((place, fault))
        elif before is None:
            assert account is not None
            asked[account, one.kind] = _ask(session, account, one, now)
            tally.applied += 1
        elif _same(before, one):
            tally.unchanged += 1
        else:
            _ask_anew(before, one, now)
            tally.applied += 1
    return tally, refused


def _accounts(session: Session, panels: Mapping[str, int], openings: Sequence[Opening]) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for slug, panel_id in panels.items():
        names = {one.account for one in openings if one.panel == slug}
        found |= {(slug, name): key for name, key in accounts_by_name(session, panel_id, names).items()}
    return found


def _asked(session: Session, known: Mapping[Place, int]) -> dict[tuple[int, ChoiceKind], Choice]:
    """The choices there are, ours until the transaction ends."""
    found = select(Choice).where(Choice.account_id.in_(known.values())).order_by(Choice.id).with_for_update()
    return {(one.account_id, one.kind): one for one in session.scalars(found.options(selectinload(Choice.steps)))}


def _waiting(session: Session, known: Mapping[Place, int]) -> set[tuple[int, str]]:
    """The accounts and stages that wait for a choice."""
    found = select(StageState.account_id, StageState.stage).where(
        StageState.account_id.in_(known.values()), StageState.state == State.NEEDS_CHOICE
    )
    return {(account, stage) for account, stage in session.execute(found)}


def _fault(
    before: Choice | None, one: Opening, account: int | None, waiting: set[tuple[int, str]], now: datetime
) -> FieldError | None:
    """Why this cannot be asked, or None."""
    if account is None:
        return FieldError("/account", "there is no such account on this panel")
    if before is not None and _same(before, one):
        return None
    if before is not None and before.carried_at is not None:
        return FieldError("", f"{before.carried_out} was carried out already")
    if before is not None and before.chosen is not None and before.chosen not in one.options:
        return FieldError.of("/options", KEEP_CHOSEN, option=before.chosen)
    stage = QUESTIONS[one.kind].stage
    if before is None and (account, stage) not in waiting:
        return FieldError("/account", f"the stage {stage} of this account is not in the state needs_choice")
    return FieldError.of("/deadline", LIES_AHEAD) if one.deadline <= now else None


def _same(before: Choice, one: Opening) -> bool:
    return (tuple(before.options), before.default, before.deadline) == (one.options, one.default, one.deadline)


def _ask(session: Session, account: int, one: Opening, now: datetime) -> Choice:
    new = Choice(
        public_id=secrets.token_hex(8),
        account_id=account,
        kind=one.kind,
        options=list(one.options),
        default=one.default,
        deadline=one.deadline,
        opened_at=now,
        steps=[ChoiceStep(act=ChoiceAct.OPENED, at=now)],
    )
    session.add(new)
    return new


def _ask_anew(before: Choice, one: Opening, now: datetime) -> None:
    before.options, before.default, before.deadline = list(one.options), one.default, one.deadline
    before.reminded_at, before.try_after, before.tries = None, None, 0
    before.steps.append(ChoiceStep(act=ChoiceAct.CHANGED, at=now))


def choose(session: Session, account: AccountRecovery, public_id: str, option: str, now: datetime) -> Choice:
    """The owner chooses, or chooses anew while it was not carried out; the same again keeps its receipt.

    `account` is the one whose page this is: its owner's other accounts are theirs too.
    """
    own = account.original_id or account.id
    family = (AccountRecovery.id == own) | (AccountRecovery.original_id == own)
    mine = select(AccountRecovery.id).where(family)
    found = _locked(session, Choice.public_id == public_id, Choice.account_id.in_(mine))
    if not found:
        raise NotFound(NO_CHOICE)
    (one,) = found
    if option not in one.options:
        raise Invalid(CHOOSE_ONE)
    if one.carried_at is not None:
        raise Conflict(TOO_LATE)
    if one.chosen != option:
        actor = Actor(f"recovery_account:{account.id}")
        before, after = {"option": one.chosen}, {"option": option}
        record(session, actor, "choice.choose", f"choice:{public_id}", before=before, after=after)
        one.chosen, one.chosen_at = option, now
        one.steps.append(ChoiceStep(act=ChoiceAct.CHOSEN, option=option, number=new_receipt(), at=now))
    return one


def _locked(session: Session, *which: ColumnElement[bool]) -> Sequence[Choice]:
    """Choices, ours until the transaction ends; in order of their ids, so that two never wait in a ring."""
    found = select(Choice).where(*which).order_by(Choice.id).with_for_update()
    fresh = found.options(selectinload(Choice.steps)).execution_options(populate_existing=True)
    return session.scalars(fresh).all()


def carry_out(session: Session, reports: Sequence[Carried], now: datetime) -> tuple[Tally, Refused]:
    """Take the word that options were carried out: in any order, any number of times."""
    tally, refused = Tally(), []
    found = {one.public_id: one for one in _locked(session, Choice.public_id.in_({one.choice for one in reports}))}
    for place, report in enumerate(reports):
        fault = _protest(found.get(report.choice), report, now)
        if fault:
            tally.rejected += 1
            refused.append((place, fault))
        elif (one := found[report.choice]).carried_at is not None:
            tally.unchanged += 1
        else:
            one.carried_out, one.carried_at = report.option, report.at
            one.steps.append(ChoiceStep(act=ChoiceAct.CARRIED_OUT, option=report.option, at=report.at))
            tally.applied += 1
    return tally, refused


def _protest(one: Choice | None, report: Carried, now: datetime) -> FieldError | None:
    if one is None:
        return FieldError("/choice", f"there is no choice {report.choice}")
    held = holds(one.chosen, one.default, one.deadline, now)
    return objection(one.carried_out, held, report.option)
