"""Requests sent at the same moment do not pass the bound, and plans of the same pair are one."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.errors import RuleBroken
from statuspage.recovery.actions.accounts import link_temporary, open_account
from statuspage.recovery.actions.backlog import Wish, ask
from statuspage.recovery.actions.merging import plan_merge
from statuspage.recovery.models import AccountRecovery, BacklogRequest, Merge
from statuspage.recovery.rules.backlog import MOST_OPEN, BacklogKind, BacklogState, may_become
from statuspage.recovery.rules.merging import Plan
from tests import scenes
from tests.races import together


@pytest.fixture
def accounts(app: Flask) -> tuple[int, int]:
    """An original account and its temporary one."""
    with transaction() as session:
        scenes.panels(session)
        original, temporary = open_account(session, "panel-c", "1"), open_account(session, "panel-d", "D-1")
        link_temporary(session, original, temporary, SYSTEM)
        return original.id, temporary.id


def test_of_many_requests_at_once_three_are_kept(app: Flask, accounts: tuple[int, int]) -> None:
    def one(day: int):  # type: ignore[no-untyped-def]
        wish = Wish(BacklogKind.ORDERS, date(2021, 3, day), "")
        return lambda session: ask(session, session.get_one(AccountRecovery, accounts[0]), wish, scenes.NOW).id

    answers = together(app, *[one(day) for day in range(9, 15)])
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 6 - MOST_OPEN
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(BacklogRequest)) == MOST_OPEN


def test_of_two_first_plans_at_once_the_greater_counts(app: Flask, accounts: tuple[int, int]) -> None:
    def one(sequence: int):  # type: ignore[no-untyped-def]
        def act(session: Session) -> str:
            pair = [session.get_one(AccountRecovery, key) for key in accounts]
            return plan_merge(session, *pair, Plan(sequence, 0, 0, (), sequence, scenes.NOW), SYSTEM).public_id

        return act

    names = together(app, *[one(sequence) for sequence in (3, 1, 2)])
    assert len({str(name) for name in names}) == 1
    with reading() as session:
        assert [one.to_create for one in session.scalars(select(Merge))] == [3]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (BacklogState.RECEIVED, BacklogState.WORKING, True),
        (BacklogState.RECEIVED, BacklogState.DONE, True),
        (BacklogState.WORKING, BacklogState.DECLINED, True),
        (BacklogState.WORKING, BacklogState.RECEIVED, False),
        (BacklogState.DONE, BacklogState.WORKING, False),
        (BacklogState.DECLINED, BacklogState.DONE, False),
    ],
)
def test_what_has_ended_stays_ended(before: BacklogState, after: BacklogState, *, allowed: bool) -> None:
    assert may_become(before, after) is allowed
