"""Reads what customers have to choose."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from statuspage.panels.models import Panel
from statuspage.recovery.models import AccountRecovery, Choice, StageState
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceKind
from statuspage.recovery.rules.reports import State
from statuspage.texts.rules import Texts


class ChoiceFilter(StrEnum):
    """`open`: nobody has chosen and there is time; `settled`: to be carried out; `carried_out`: it was."""

    OPEN = "open"
    SETTLED = "settled"
    CARRIED_OUT = "carried_out"


def choices_of(session: Session, accounts: Collection[int]) -> Sequence[Choice]:
    """All choices of some accounts with their steps, the one that is due first in front."""
    found = select(Choice).where(Choice.account_id.in_(accounts)).order_by(Choice.deadline, Choice.id)
    return session.scalars(found.options(selectinload(Choice.steps), joinedload(Choice.account))).all()


def choice_of(session: Session, accounts: Collection[int], public_id: str) -> Choice | None:
    """A choice, if it is of one of these accounts."""
    found = select(Choice).where(Choice.public_id == public_id, Choice.account_id.in_(accounts))
    return session.scalar(found.options(selectinload(Choice.steps), joinedload(Choice.account)))


def choice_named(session: Session, public_id: str) -> Choice | None:
    found = select(Choice).where(Choice.public_id == public_id)
    return session.scalar(found.options(selectinload(Choice.steps), joinedload(Choice.account)))


def choices_after(
    session: Session, wanted: ChoiceFilter | None, after: int, limit: int, now: datetime, panel: str | None = None
) -> Sequence[Choice]:
    """The next choices by id, those of one state or all, of the panel with this slug or of all."""
    found = select(Choice).where(Choice.id > after, *([_is(wanted, now)] if wanted else []))
    if panel is not None:
        found = found.join(Choice.account).join(Panel, Panel.id == AccountRecovery.panel_id).where(Panel.slug == panel)
    found = found.options(selectinload(Choice.steps), joinedload(Choice.account))
    return session.scalars(found.order_by(Choice.id).limit(limit)).all()


def _is(wanted: ChoiceFilter, now: datetime) -> ColumnElement[bool]:
    settled = or_(Choice.chosen.is_not(None), Choice.deadline <= now)
    if wanted is ChoiceFilter.CARRIED_OUT:
        return Choice.carried_at.is_not(None)
    return and_(Choice.carried_at.is_(None), settled if wanted is ChoiceFilter.SETTLED else ~settled)


@dataclass(frozen=True)
class PanelChoices:
    """How many choices of a panel are in which state, and how many accounts wait for one that nobody has opened."""

    slug: str
    name: Texts
    choices: dict[ChoiceFilter, int]
    unasked: int


def counts(session: Session, kind: ChoiceKind, now: datetime) -> list[PanelChoices]:
    """The panels with any choice of a kind, made or still to be asked for."""
    by_panel = select(AccountRecovery.panel_id, func.count()).group_by(AccountRecovery.panel_id)
    of_kind = by_panel.join(Choice, Choice.account_id == AccountRecovery.id).where(Choice.kind == kind)
    found = {wanted: _numbers(session, of_kind.where(_is(wanted, now))) for wanted in ChoiceFilter}
    waiting = _numbers(session, _waiting(by_panel, kind))
    panels = session.scalars(select(Panel).order_by(Panel.position, Panel.id))
    rows = [
        PanelChoices(
            one.slug, one.name, {wanted: found[wanted].get(one.id, 0) for wanted in found}, waiting.get(one.id, 0)
        )
        for one in panels
    ]
    return [row for row in rows if row.unasked or any(row.choices.values())]


def unasked(session: Session, panel_id: int, kind: ChoiceKind, limit: int) -> Sequence[str]:
    """The names of accounts of a panel whose stage waits for a choice that nobody has opened yet."""
    found = select(AccountRecovery.account).where(AccountRecovery.panel_id == panel_id)
    return session.scalars(_waiting(found, kind).order_by(AccountRecovery.id).limit(limit)).all()


def count_unasked(session: Session, panel_id: int, kind: ChoiceKind) -> int:
    found = select(func.count()).select_from(AccountRecovery).where(AccountRecovery.panel_id == panel_id)
    return session.scalar(_waiting(found, kind)) or 0


def _waiting(accounts: Any, kind: ChoiceKind) -> Any:
    """Those of the accounts that wait for this choice and were not asked."""
    asked = exists().where(Choice.account_id == AccountRecovery.id, Choice.kind == kind)
    stuck = StageState.stage == QUESTIONS[kind].stage, StageState.state == State.NEEDS_CHOICE
    return accounts.join(StageState, StageState.account_id == AccountRecovery.id).where(*stuck, ~asked)


def _numbers(session: Session, counted: Any) -> dict[int, int]:
    rows: list[Any] = list(session.execute(counted))
    return dict(tuple(row) for row in rows)
