"""Requests of customers at the desk, and merges of their accounts."""

from datetime import date

import pytest
from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.recovery.actions.accounts import link_temporary, open_account
from statuspage.recovery.actions.backlog import Wish, ask
from statuspage.recovery.actions.merging import plan_merge, run_merge
from statuspage.recovery.queries.backlog import request_named
from statuspage.recovery.rules.backlog import BacklogKind, BacklogState
from statuspage.recovery.rules.merging import Example, Plan
from tests import scenes
from tests.staff.desks import desk_of

QUEUE = "/staff/recovery/requests/"


@pytest.fixture
def wish(app: Flask) -> str:
    """The id of a request of account 10423, whose temporary account is being merged."""
    with transaction() as session:
        scenes.panels(session)
        owner, temporary = open_account(session, "panel-c", "10423"), open_account(session, "panel-d", "D-7")
        link_temporary(session, owner, temporary, SYSTEM)
        plan = Plan(310, 940, 2, (Example("A-1", "two orders have <this> number"),), 1, scenes.NOW)
        merge = plan_merge(session, owner, temporary, plan, SYSTEM)
        run_merge(session, merge.public_id, "caught up", actor=SYSTEM, now=scenes.NOW)
        wish = Wish(BacklogKind.ORDERS, date(2021, 3, 9), "<b>all</b> of them")
        return ask(session, owner, wish, scenes.NOW).public_id


def test_a_request_is_read_and_moved_on_until_it_leaves_the_queue(app: Flask, wish: str) -> None:
    desk = desk_of(app)
    queue = desk.get(QUEUE).text.replace("\u00a0", " ")
    assert "since Tuesday 9 March" in queue
    assert "&lt;b&gt;all&lt;/b&gt; of them" in queue
    page = f"{QUEUE}{wish}/"
    assert desk.post(page, {"state": "working"}, page=page).status_code == 303
    assert "being worked on" in desk.get(QUEUE).text
    assert desk.post(page, {"state": "done"}, page=page).status_code == 303
    assert "Nobody waits." in desk.get(QUEUE).text
    again = desk.post(page, {"state": "working"}, page="/staff/me/")
    assert again.status_code == 409
    assert desk.get(f"{QUEUE}nothing/").status_code == 404


def test_to_decline_needs_a_reason_and_the_words_stay(app: Flask, wish: str) -> None:
    desk = desk_of(app)
    page = f"{QUEUE}{wish}/"
    refused = desk.post(page, {"state": "declined"}, page=page)
    assert refused.status_code == 422
    assert "Say why it is declined" in refused.text
    assert desk.post(page, {"state": "received"}, page=page).status_code == 422
    assert desk.post(page, {"state": "declined", "reason": "It is there."}, page=page).status_code == 303
    with reading() as session:
        found = request_named(session, wish)
        assert found is not None
        assert (found.state, found.reason) == (BacklogState.DECLINED, "It is there.")


def test_merges_stand_with_plan_and_result_and_why_the_gap_was_passed_over(app: Flask, wish: str) -> None:
    page = desk_of(app, Role.VIEWER).get("/staff/recovery/merges/").text
    assert "310 / 940 / 2" in page
    assert "two orders have &lt;this&gt; number" in page
    assert "caught up" in page


def test_a_viewer_changes_no_request(app: Flask, wish: str) -> None:
    desk = desk_of(app, Role.VIEWER)
    assert desk.get(QUEUE).status_code == 200
    assert desk.post(f"{QUEUE}{wish}/", {"state": "done"}).status_code == 403
