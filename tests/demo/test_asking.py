"""What the shops of the scenario are asked and ask for, at the opening and before it."""

from flask import Flask

from statuspage.db import reading, transaction
from statuspage.demo.load import load
from statuspage.demo.story import OPENING
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.queries.backlog import open_backlog
from statuspage.recovery.queries.choices import choices_of
from statuspage.recovery.queries.merging import family, newest_merges
from statuspage.recovery.rules.backlog import BacklogState
from tests import scenes


def test_at_the_opening_one_shop_owes_a_choice_has_a_merge_running_and_waits_for_its_backlog(app: Flask) -> None:
    with transaction() as session:
        load(session, OPENING)
    with reading() as session:
        shop = account(session, "panel-c", "C-81254")
        assert shop is not None
        assert [one.account for one in family(session, shop)] == ["C-81254", "D-20417"]
        assert [(one.default, one.chosen) for one in choices_of(session, [shop.id])] == [("keep", None)]
        assert {one.temporary.account: one.state.value for one in newest_merges(session)} == {
            "D-20417": "running",
            "D-20933": "done",
        }
        assert [one.state for one in open_backlog(session)] == [BacklogState.WORKING]


def test_on_the_twelfth_nobody_is_asked_anything(app: Flask) -> None:
    with transaction() as session:
        load(session, scenes.at("2021-03-12 14:05"))
    with reading() as session:
        assert (newest_merges(session), open_backlog(session)) == ([], [])
