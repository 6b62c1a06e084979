"""What customers have to choose, at the desk: offered in bulk, changed with nothing lost, marked as carried out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.recovery.actions.accounts import open_account
from statuspage.recovery.actions.choices import choose
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.models import Choice
from statuspage.recovery.queries.choices import choices_of
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.reports import Report, State
from tests import scenes
from tests.staff.desks import Desk, desk_of

LIST = "/staff/recovery/choices/"
OFFER = f"{LIST}offer/panel-c/"
WAIT = ("10423", "10424", "10425")
TERMS: dict[str, object] = {"options": ["keep", "go_back"], "default": "keep", "deadline": "2021-03-26T18:00"}


@pytest.fixture
def desk(app: Flask) -> Desk:
    """An editor; three accounts of panel C wait for a choice, one of panel B too, and one waits for nothing."""
    scenes.live_at()
    with transaction() as session:
        scenes.panels(session)
        waits = [("panel-c", name) for name in WAIT] + [("panel-b", "7")]
        reports = [Report(*one, "warehouse", State.NEEDS_CHOICE, 5, 10, 1, scenes.NOW) for one in waits]
        reports.append(Report("panel-c", "1", "warehouse", State.RUNNING, 5, 10, 1, scenes.NOW))
        apply(session, panel_ids(session), reports, scenes.NOW)
    return desk_of(app)


def asked(desk: Desk, **changes: object) -> int:
    return desk.post(OFFER, {**TERMS, **changes}, page=OFFER).status_code


def of(name: str) -> Choice | None:
    with transaction(quiet=True) as session:
        found = choices_of(session, [open_account(session, "panel-c", name).id])
        return found[0] if found else None


def mine(name: str = "10423") -> Choice:
    found = of(name)
    assert found
    return found


def page_of(name: str = "10423") -> str:
    return f"{LIST}{mine(name).public_id}/"


def customer_chooses(option: str, name: str = "10423") -> None:
    choice = mine(name).public_id
    with transaction(quiet=True) as session:
        choose(session, open_account(session, "panel-c", name), choice, option, clock.now())


def entries(action: str) -> list[AuditEntry]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_all_accounts_of_a_panel_that_wait_are_asked_and_nobody_else(desk: Desk) -> None:
    assert "3: ask them" in desk.get(LIST).text
    assert asked(desk) == 303
    assert [sorted(mine(name).options) for name in WAIT] == [["go_back", "keep"]] * 3
    assert of("1") is None
    page = desk.get(f"{LIST}?panel=panel-c&state=open").text
    assert all(name in page for name in WAIT)
    assert "Nothing is in this state." in desk.get(f"{LIST}?panel=panel-b&state=open").text
    (entry,) = entries("choice.offer")
    assert entry.after is not None
    assert (entry.actor, entry.subject, entry.after["asked"]) == (f"staff:{desk.staff_id}", "panel:panel-c", 3)


def test_more_accounts_than_are_asked_at_once_are_asked_in_turns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.recovery.actions.offering.MOST_AT_ONCE", 2)
    assert "They are asked 2 at a time." in desk.get(OFFER).text
    assert asked(desk) == 303
    assert (of("10425"), "1: ask them" in desk.get(LIST).text) == (None, True)
    before = mine("10423").deadline
    assert asked(desk, deadline="2021-03-30T18:00") == 303
    assert (mine("10423").deadline, mine("10425").deadline) == (before, before + timedelta(days=4, hours=-1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"options": ["keep"]}, "must be at least two"),
        ({"default": "match_ean"}, "must be one of the options"),
        ({"deadline": "2021-03-21T18:00"}, "must lie ahead"),
        ({"deadline": "2021-03-28T02:30"}, "the clocks went forward"),
        ({"deadline": ""}, "Fill this in"),
    ],
)
def test_an_offer_that_cannot_be_made_asks_nobody_and_says_why(
    desk: Desk, changes: dict[str, object], words: str
) -> None:
    answer = desk.post(OFFER, {**TERMS, **changes}, page=OFFER)
    assert answer.status_code == 422
    assert words in answer.text
    assert of("10423") is None


def test_a_deadline_and_a_default_are_changed_for_one_customer_with_its_history(desk: Desk) -> None:
    asked(desk)
    page = page_of()
    changed = desk.post(page, {**TERMS, "default": "go_back", "deadline": "2021-03-30T12:00"}, page=page)
    assert changed.status_code == 303
    assert (mine().default, mine().deadline) == ("go_back", scenes.at("2021-03-30 12:00"))
    assert mine("10424").default == "keep"
    assert "options, default or deadline changed" in desk.get(page).text
    (entry,) = entries("choice.change")
    assert entry.before is not None
    assert (entry.before["default"], entry.after and entry.after["default"]) == ("keep", "go_back")


def test_what_the_customer_has_chosen_stays_among_the_options(desk: Desk) -> None:
    asked(desk)
    customer_chooses("go_back")
    page = page_of()
    answer = desk.post(page, {**TERMS, "options": ["keep", "match_ean"]}, page=page)
    assert answer.status_code == 422
    assert "the customer has chosen Go back to the products from before the outage already" in answer.text
    assert "receipt" in desk.get(page).text


def test_what_holds_is_marked_as_carried_out_and_nothing_else(desk: Desk) -> None:
    asked(desk)
    page, act = page_of(), f"{page_of()}carried-out"
    assert "nothing has been chosen yet" in desk.post(act, {"option": "keep"}, page=page).text
    customer_chooses("go_back")
    assert desk.post(act, {"option": "keep"}, page=page).status_code == 422
    assert mine().carried_out is None
    assert desk.post(act, {"option": "go_back"}, page=page).status_code == 303
    assert desk.post(act, {"option": "go_back"}, page=page).status_code == 303, "said twice is no fault"
    assert mine().carried_out == "go_back"
    assert len(entries("choice.carried_out")) == 1
    late = desk.post(page, TERMS, page="/staff/me/")
    assert (late.status_code, "nothing of it can be changed" in late.text) == (409, True)
    assert "10423" in desk.get(f"{LIST}?state=carried_out").text


def test_a_viewer_sees_how_many_have_chosen_and_changes_nothing(app: Flask, desk: Desk) -> None:
    asked(desk)
    viewer = desk_of(app, Role.VIEWER)
    assert "10423" in viewer.get(LIST).text
    assert viewer.post(OFFER, TERMS).status_code == 403
    assert viewer.post(f"{page_of()}carried-out", {"option": "keep"}).status_code == 403
    assert desk.get(f"{LIST}nothing/").status_code == 404
    assert desk.get(f"{LIST}offer/nothing/").status_code == 404
