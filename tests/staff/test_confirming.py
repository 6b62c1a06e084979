"""Dangerous acts ask again who is there, and what was typed waits."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from lxml import html
from sqlalchemy import update

from statuspage import clock
from statuspage.accounts import actions
from statuspage.accounts.models import Staff, StaffSession
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.audit.queries import latest
from statuspage.db import reading, transaction
from statuspage.staff.confirming import DANGERS
from statuspage.tokens import queries as tokens
from tests.staff.desks import PASSWORD, Desk, desk_of, person, stranger
from tests.staff.phones import set_up

CONFIRM = "/staff/confirm"
NEW_TOKEN = {"name": 'nightly — job\n2 & "3"', "scopes": ["recovery:read", "probes:read"], "expires_at": ""}
ASKED = "Is it you?"


def a_while_later() -> None:
    """Twenty minutes after everybody signed in."""
    with transaction(quiet=True) as session:
        session.execute(update(StaffSession).values(confirmed_at=clock.wall() - timedelta(minutes=20)))


@pytest.fixture
def admin(app: Flask) -> Desk:
    desk = desk_of(app, Role.ADMIN)
    a_while_later()
    return desk


def fields_of(page: str) -> list[tuple[str, str]]:
    """What the browser would send with the page's form, but for what a person types."""
    forms = [one for one in html.fromstring(page).forms if "act" not in (one.get("class") or "").split()]
    return [(name, value) for name, value in forms[0].form_values() if name != "confirm-proof"]


def confirm(desk: Desk, page: str, proof: str, to: str) -> int:
    """Answer the page that asks, and let the browser follow where it is sent."""
    fields: dict[str, object] = {}
    for name, value in fields_of(page):
        fields.setdefault(name, []).append(value)  # type: ignore[attr-defined]  # a list of our own
    answer = desk.send(f"{CONFIRM}?to={to}", {**fields, "confirm-proof": proof})
    if answer.status_code == 307:
        assert answer.headers["Location"] == to
        return desk.send(to, {**fields, "confirm-proof": proof}).status_code
    return answer.status_code


def names() -> list[str]:
    with reading() as session:
        return [one.name for one in tokens.all_tokens(session)]


def test_a_form_that_was_sent_too_late_waits_and_is_sent_on_whole(admin: Desk) -> None:
    asked = admin.post("/staff/tokens/", NEW_TOKEN)
    assert asked.status_code == 403
    assert ASKED in asked.text
    assert names() == []
    assert confirm(admin, asked.text, "wrong", "/staff/tokens/") == 401
    assert names() == []
    assert confirm(admin, asked.text, PASSWORD, "/staff/tokens/") == 200
    assert names() == ['nightly — job\n2 & "3"']
    with reading() as session:
        assert tokens.all_tokens(session)[0].scopes == ["probes:read", "recovery:read"]


def test_a_wrong_answer_keeps_what_waits(admin: Desk) -> None:
    asked = admin.post("/staff/tokens/", NEW_TOKEN)
    fields = {**dict(fields_of(asked.text)), "confirm-proof": "wrong"}
    again = admin.send(f"{CONFIRM}?to=/staff/tokens/", fields)
    assert again.status_code == 401
    assert dict(fields_of(again.text))["name"] == NEW_TOKEN["name"]
    assert "What you sent is kept" in again.text


def test_it_holds_for_a_quarter_of_an_hour(app: Flask) -> None:
    desk = desk_of(app, Role.ADMIN)
    with time_machine.travel(clock.wall() + timedelta(minutes=14)):
        assert desk.post("/staff/tokens/", NEW_TOKEN).status_code == 200
    with time_machine.travel(clock.wall() + timedelta(minutes=16)):
        asked = desk.post("/staff/tokens/", NEW_TOKEN)
        assert asked.status_code == 403
        assert confirm(desk, asked.text, PASSWORD, "/staff/tokens/") == 200
    with time_machine.travel(clock.wall() + timedelta(minutes=30)):
        assert desk.post("/staff/tokens/", NEW_TOKEN).status_code == 200
        assert desk.get("/staff/me/password").status_code == 200


def test_a_code_will_do_and_once(app: Flask) -> None:
    desk = desk_of(app, Role.ADMIN)
    phone, _ = set_up(desk)
    a_while_later()
    code = phone.code()
    asked = desk.post("/staff/tokens/", NEW_TOKEN)
    assert confirm(desk, asked.text, code, "/staff/tokens/") == 200
    a_while_later()
    asked = desk.post("/staff/tokens/", NEW_TOKEN)
    assert confirm(desk, asked.text, code, "/staff/tokens/") == 401


def test_a_confirmation_lends_no_token_to_a_form_that_had_none(admin: Desk) -> None:
    for token in ("", "chosen"):
        asked = admin.send("/staff/tokens/", {**NEW_TOKEN, "csrf_token": token})
        assert asked.status_code == 403
        assert confirm(admin, asked.text, PASSWORD, "/staff/tokens/") == 403
        assert names() == []
        a_while_later()


def test_the_page_that_asks_wants_its_own_token(admin: Desk) -> None:
    fields = {"confirm-proof": PASSWORD, "csrf_token": admin.token("/staff/me/"), "confirm-csrf_token": "chosen"}
    assert admin.send(f"{CONFIRM}?to=/staff/tokens/", fields).status_code == 403
    assert admin.post("/staff/tokens/", NEW_TOKEN).status_code == 403


def test_a_page_with_a_secret_in_it_is_asked_for_before_it_is_shown(admin: Desk) -> None:
    for path in ("/staff/me/password", "/staff/me/factor", "/staff/recovery/export?panel=panel-c"):
        answer = admin.get(path)
        assert answer.status_code == 303, path
        to = answer.headers["Location"]
        assert to.startswith(f"{CONFIRM}?to=%2Fstaff%2F")
        assert ASKED in admin.get(to).text
    page = admin.get(to)
    sent = admin.send(to, {**dict(fields_of(page.text)), "confirm-proof": PASSWORD})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/staff/recovery/export?panel=panel-c")


def test_a_new_password_is_not_carried_from_page_to_page(admin: Desk) -> None:
    asked = admin.post("/staff/me/password", {"old": PASSWORD, "password": "a secret of tomorrow"})
    assert asked.status_code == 403
    assert "a secret of tomorrow" not in asked.text
    assert PASSWORD not in asked.text


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "/staff//x", "/", "javascript:x"])
def test_after_the_answer_one_stays_at_the_desk(admin: Desk, to: str) -> None:
    page = admin.get(f"{CONFIRM}?to={to}")
    assert "elsewhere" not in page.text
    fields = {**dict(fields_of(page.text)), "confirm-proof": PASSWORD}
    answer = admin.send(f"{CONFIRM}?to={to}", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/")


def test_guessing_here_ends_after_five(admin: Desk) -> None:
    asked = admin.post("/staff/tokens/", NEW_TOKEN)
    codes = [confirm(admin, asked.text, f"wrong {number}", "/staff/tokens/") for number in range(6)]
    assert codes == [401] * 5 + [429]
    with reading() as session:
        assert [one.action for one in latest(session)].count("staff.confirm.refused") == 5


def test_who_came_by_a_link_and_has_no_password_is_told_to_set_one(app: Flask) -> None:
    staff_id = person("new@example.com", Role.ADMIN, password=None)
    with transaction(quiet=True) as session:
        link = f"/staff/sign-in/{actions.make_link(session, session.get_one(Staff, staff_id), SYSTEM)}"
    desk = stranger(app)
    desk.post(link, page=link)
    a_while_later()
    asked = desk.post("/staff/tokens/", NEW_TOKEN)
    assert asked.status_code == 403
    assert "have no password yet" in asked.text
    assert dict(fields_of(asked.text))["name"] == NEW_TOKEN["name"]
    assert desk.post("/staff/me/password", {"password": PASSWORD}).status_code == 303
    assert desk.post("/staff/tokens/", NEW_TOKEN).status_code == 200


def dangerous(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if any(one.holds(path, method) for one in DANGERS):
                yield method, path


def test_every_dangerous_address_asks(app: Flask, admin: Desk) -> None:
    found = set(dangerous(app))
    assert {
        ("POST", "/staff/accounts/"),
        ("POST", "/staff/accounts/1/"),
        ("POST", "/staff/accounts/1/link"),
        ("POST", "/staff/accounts/1/disable"),
        ("POST", "/staff/tokens/1/revoke"),
        ("POST", "/staff/me/factor/off"),
        ("POST", "/staff/recovery/1/link"),
        ("POST", "/staff/probes/1/token"),
    } <= found
    for method, path in found:
        answer = admin.get(path) if method == "GET" else admin.post(path)
        assert answer.status_code == (303 if method == "GET" else 403), path
        assert CONFIRM in (answer.headers["Location"] if method == "GET" else answer.text), path


def test_what_the_public_reads_is_written_without_being_asked(admin: Desk) -> None:
    for path in ("/staff/incidents/new", "/staff/panels/new", "/staff/faq/new"):
        assert admin.get(path).status_code == 200
        assert admin.post(path).status_code == 422
