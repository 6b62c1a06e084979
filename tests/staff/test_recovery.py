"""Accounts in recovery at the desk: found, linked, and the people who asked for their link."""

import re

import pytest
from flask import Flask

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.recovery.actions.accounts import describe_account, open_account, request_link
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.queries.accounts import open_requests
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.reports import Report, State
from tests import scenes
from tests.staff.desks import desk_of


@pytest.fixture
def account(app: Flask) -> int:
    """Account 10423 of panel C; its owner and a stranger asked for a link."""
    with transaction() as session:
        scenes.panels(session)
        one = Report("panel-c", "10423", "orders", State.RUNNING, 1200, 4000, 1, scenes.NOW)
        apply(session, panel_ids(session), [one], scenes.NOW)
        owner = open_account(session, "panel-c", "10423")
        describe_account(session, owner, {"login_hash": b"a" * 32}, SYSTEM)
        session.flush()
        request_link(session, b"a" * 32, clock.wall())
        request_link(session, b"b" * 32, clock.wall())
        return owner.id


def test_an_account_is_found_by_its_name_and_shows_where_it_stands(app: Flask, account: int) -> None:
    desk = desk_of(app, Role.VIEWER)
    assert f"/staff/recovery/{account}/" in desk.get("/staff/recovery/?account=10423").text
    assert "No account of this name" in desk.get("/staff/recovery/?account=1042").text
    assert "1,200 / 4,000" in desk.get(f"/staff/recovery/{account}/").text
    assert desk.get("/staff/recovery/999/").status_code == 404


def test_a_link_made_at_the_desk_opens_the_page_and_answers_the_wish(app: Flask, account: int) -> None:
    desk = desk_of(app)
    answer = desk.post(f"/staff/recovery/{account}/link")
    found = re.search(r"/recovery/a/([\w-]+)/", answer.text)
    assert found
    assert app.test_client().get(found[0]).status_code == 303
    with reading() as session:
        assert [one.account_id for one in open_requests(session)] == [None]
    assert desk.post(f"/staff/recovery/{account}/revoke").status_code == 303
    assert app.test_client().get(found[0]).status_code == 403
    assert desk.post("/staff/recovery/999/link").status_code == 404


def test_a_wish_is_closed_once_and_for_all(app: Flask, account: int) -> None:
    desk = desk_of(app)
    for _ in range(2):
        assert desk.post("/staff/recovery/requests/2/close").status_code == 303
    with reading() as session:
        assert [one.id for one in open_requests(session)] == [1]
    assert desk.post("/staff/recovery/requests/99/close").status_code == 404


def test_a_viewer_makes_no_link(app: Flask, account: int) -> None:
    desk = desk_of(app, Role.VIEWER)
    for path in (f"{account}/link", f"{account}/revoke", "requests/1/close"):
        assert desk.post(f"/staff/recovery/{path}").status_code == 403
