"""Who chooses and who carries out at the same moment: one wins, and the other one is told."""

import pytest
from flask import Flask

from statuspage.db import reading, transaction
from statuspage.errors import Conflict, NotFound
from statuspage.recovery.actions.choices import carry_out, choose, open_choices
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.queries.choices import choice_named, choices_of
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.choices import Carried, ChoiceAct, ChoiceKind, Opening
from statuspage.recovery.rules.reports import Report, State
from tests import scenes
from tests.races import together

OPTIONS = ("keep", "go_back", "match_ean", "match_sku")
DEADLINE = scenes.at("2021-03-26 18:00")


def opening(name: str = "10423") -> Opening:
    return Opening("panel-c", name, ChoiceKind.WAREHOUSE, OPTIONS, "keep", DEADLINE)


@pytest.fixture
def choice(app: Flask) -> str:
    """The id of the choice that account 10423 owes; account 2 waits for one that nobody has opened."""
    with transaction() as session:
        scenes.panels(session)
        reports = [
            Report("panel-c", name, "warehouse", State.NEEDS_CHOICE, 5, 10, 1, scenes.NOW) for name in ("10423", "2")
        ]
        apply(session, panel_ids(session), reports, scenes.NOW)
        tally, refused = open_choices(session, [opening()], scenes.NOW)
        assert (tally.applied, refused) == (1, [])
        return str(choices_of(session, [owner(session).id])[0].public_id)


def owner(session, name: str = "10423") -> AccountRecovery:  # type: ignore[no-untyped-def]
    found = account(session, "panel-c", name)
    assert found is not None
    return found


def test_of_a_customer_and_a_program_at_once_one_wins_and_the_other_is_told(app: Flask, choice: str) -> None:
    with transaction() as session:
        choose(session, owner(session), choice, "keep", scenes.NOW)
    changed, carried = together(
        app,
        lambda session: choose(session, owner(session), choice, "go_back", scenes.NOW).chosen,
        lambda session: carry_out(session, [Carried(choice, "keep", scenes.NOW)], scenes.NOW),
    )
    assert isinstance(carried, tuple)
    tally, refused = carried
    with reading() as session:
        one = choice_named(session, choice)
        assert one is not None
        if one.carried_out is None:
            assert (changed, one.chosen, tally.rejected) == ("go_back", "go_back", 1)
            assert "go_back has been chosen in the meantime" in refused[0][1].reason
        else:
            assert isinstance(changed, Conflict)
            assert (one.chosen, one.carried_out, tally.applied) == ("keep", "keep", 1)


def test_two_programs_at_once_carry_out_once(app: Flask, choice: str) -> None:
    with transaction() as session:
        choose(session, owner(session), choice, "keep", scenes.NOW)
    tallies = together(
        app, *[lambda session: carry_out(session, [Carried(choice, "keep", scenes.NOW)], scenes.NOW)[0]] * 4
    )
    assert sorted((one.applied, one.unchanged) for one in tallies if not isinstance(one, Exception)) == [
        (0, 1), (0, 1), (0, 1), (1, 0),
    ]  # fmt: skip


def test_two_programs_at_once_ask_once(app: Flask, choice: str) -> None:
    tallies = together(app, *[lambda session: open_choices(session, [opening("2")], scenes.NOW)[0]] * 4)
    assert sorted((one.applied, one.unchanged) for one in tallies if not isinstance(one, Exception)) == [
        (0, 1), (0, 1), (0, 1), (1, 0),
    ]  # fmt: skip
    with reading() as session:
        assert len(choices_of(session, [owner(session, "2").id])) == 1


def test_two_clicks_at_once_are_one_choice_with_one_receipt(app: Flask, choice: str) -> None:
    together(app, *[lambda session: choose(session, owner(session), choice, "keep", scenes.NOW).chosen] * 3)
    with reading() as session:
        one = choice_named(session, choice)
        assert one is not None
        assert [step.act for step in one.steps] == [ChoiceAct.OPENED, ChoiceAct.CHOSEN]


def test_the_history_keeps_what_was_chosen_before(app: Flask, choice: str) -> None:
    with transaction() as session:
        for option in ("keep", "go_back"):
            choose(session, owner(session), choice, option, scenes.NOW)
        carry_out(session, [Carried(choice, "go_back", scenes.NOW)], scenes.NOW)
    with reading() as session:
        one = choice_named(session, choice)
        assert one is not None
        assert [step.option for step in one.steps] == [None, "keep", "go_back", "go_back"]
        numbers = [step.number for step in one.steps if step.number]
        assert (len(set(numbers)), one.receipt.number if one.receipt else None) == (2, numbers[-1])


def test_nobody_chooses_for_another_account(app: Flask, choice: str) -> None:
    with transaction() as session, pytest.raises(NotFound):
        choose(session, owner(session, "2"), choice, "keep", scenes.NOW)
