"""Reads what customers have to choose."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from statuspage.recovery.models import Choice


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
    session: Session, wanted: ChoiceFilter | None, after: int, limit: int, now: datetime
) -> Sequence[Choice]:
    """The next choices by id, those of one state or all."""
    found = select(Choice).where(Choice.id > after, *([_is(wanted, now)] if wanted else []))
    found = found.options(selectinload(Choice.steps), joinedload(Choice.account))
    return session.scalars(found.order_by(Choice.id).limit(limit)).all()


def _is(wanted: ChoiceFilter, now: datetime) -> ColumnElement[bool]:
    settled = or_(Choice.chosen.is_not(None), Choice.deadline <= now)
    if wanted is ChoiceFilter.CARRIED_OUT:
        return Choice.carried_at.is_not(None)
    return and_(Choice.carried_at.is_(None), settled if wanted is ChoiceFilter.SETTLED else ~settled)
