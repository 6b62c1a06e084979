"""Default deny at the desk: every route, for every kind of caller."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.app import create_app
from statuspage.settings import Settings
from statuspage.web import policy
from tests.staff.desks import ORIGIN, Desk, desk_of, stranger

OPEN = {"staff.sign_in", "staff.link"}
# For who has a session, even one that still owes a code.
HALF_OPEN = {"staff.code", "staff.sign_out"}


def routes(app: Flask) -> Iterator[tuple[str, str, str, policy.Policy]]:
    """(endpoint, method, a path of the route, its policy)."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff"):
            path = re.sub(r"<[^>]*>", "1", rule.rule.replace("<uuid:uuid>", str(UUID(int=1))))
            declared = policy.of(app, rule.endpoint)
            assert declared is not None, rule.rule
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, path, declared


def test_only_the_door_is_open_to_strangers(app: Flask) -> None:
    assert {endpoint for endpoint, _, _, declared in routes(app) if declared.kind == "public"} == OPEN
    assert {endpoint for endpoint, _, _, declared in routes(app) if declared.kind == "session"} == HALF_OPEN


def test_a_stranger_is_sent_to_the_door_or_refused(app: Flask) -> None:
    browser = stranger(app)
    for endpoint, method, path, declared in routes(app):
        if declared.kind == "public":
            continue
        answer = browser.get(path) if method == "GET" else browser.send(path, {})
        assert answer.status_code == (303 if method == "GET" else 401), (endpoint, method)
        if method == "GET":
            assert answer.headers["Location"].startswith("/staff/sign-in/?next=%2Fstaff%2F")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:8000.elsewhere.example"},
        {"Sec-Fetch-Site": "same-origin"},
        {**ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {**ORIGIN, "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused_with_words(app: Flask, headers: dict[str, str]) -> None:
    desk = desk_of(app, Role.ADMIN)
    form = {"csrf_token": desk.token("/staff/me/"), "locale": "pl"}
    answer = desk.send("/staff/me/", form, headers)
    assert answer.status_code == 403
    assert "your text is still there when you go back" in answer.text
    assert desk.send("/staff/me/", form).status_code == 303


def test_every_form_wants_the_token_of_the_session(app: Flask) -> None:
    desk, other = desk_of(app, Role.ADMIN), desk_of(app, Role.ADMIN, "other@example.com")
    foreign = other.token("/staff/me/")
    for endpoint, method, path, _ in routes(app):
        if method == "POST" and endpoint != "staff.link":
            for token in ("", foreign, "é" * 40):
                status = desk.send(path, {"csrf_token": token}).status_code
                # A row that does not exist is a 404 before its form is looked at.
                assert status in (403, 404), (endpoint, status)


def test_a_page_older_than_the_sign_in_keeps_its_text(app: Flask) -> None:
    desk = desk_of(app, Role.ADMIN)
    answer = desk.send("/staff/panels/new", {"csrf_token": "old", "slug": "panel-x", "name-pl": "Panel X"})
    assert answer.status_code == 403
    assert "Panel X" in answer.text
    assert "Your text is below" in answer.text


def test_pages_of_the_desk_are_never_stored_and_tell_no_other_site(app: Flask) -> None:
    desk = desk_of(app)
    home, door = desk.get("/staff/"), stranger(app).get("/staff/sign-in/")
    assert home.headers["Cache-Control"] == "no-store"
    # `no-referrer` would turn the Origin of our own forms into `null`.
    assert home.headers["Referrer-Policy"] == "same-origin"
    assert door.headers["Referrer-Policy"] == "strict-origin"
    assert "session=" not in str(door.headers.getlist("Set-Cookie"))


def test_sizes_beyond_all_forms_are_refused(app: Flask) -> None:
    desk = desk_of(app, Role.ADMIN)
    many = desk.client.post(
        "/staff/panels/new",
        data="&".join(f"a{i}=" for i in range(100_000)),
        content_type="application/x-www-form-urlencoded",
        headers=ORIGIN,
        base_url="http://127.0.0.1:8000",
    )
    assert 400 <= many.status_code < 500
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="a{i}"\r\n\r\n\r\n' for i in range(20_000))
    answer = desk.client.post(
        "/staff/panels/new",
        data=f"{parts}--x--",
        content_type="multipart/form-data; boundary=x",
        headers=ORIGIN,
        base_url="http://127.0.0.1:8000",
    )
    assert answer.status_code == 413


def test_the_desk_answers_on_its_own_host_alone(app: Flask, settings: Settings) -> None:
    browser: Desk = stranger(create_app(settings.model_copy(update={"staff_host": "desk.example"})))
    assert browser.get("/staff/sign-in/").status_code == 404
    assert browser.client.get("/staff/sign-in/", base_url="http://desk.example").status_code == 200
