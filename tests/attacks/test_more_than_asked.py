"""Fields that a form does not have change nothing, keys of one door open no other, and size breaks nothing."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import Model, reading, transaction
from statuspage.tokens.actions import create
from statuspage.tokens.models import ApiToken
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from tests.staff.desks import ORIGIN, PASSWORD, Desk, desk_of, person, stranger
from tests.staff.phones import FACTOR, set_up
from tests.staff.test_policy import routes

DOOR = "/staff/sign-in/"
# Names of columns and of what other forms have; each would be a way up if a form took what it is given.
WISHES: dict[str, object] = {
    "role": "admin",
    "roles": "admin",
    "is_admin": "1",
    "staff_id": "1",
    "id": "1",
    "email": "mallory@example.com",
    "password_hash": "x",
    "disabled_at": "",
    "needs_code": "0",
    "confirmed_at": "2999-01-01T00:00",
    "by_link": "1",
    "scopes": "recovery:write",
    "published_at": "2021-03-01T00:00",
    "public_id": "chosen",
    "_method": "DELETE",
    "staff.role": "admin",
    "role-0": "admin",
}


def people() -> list[tuple[object, ...]]:
    with reading() as session:
        columns = (Staff.id, Staff.email, Staff.role, Staff.password_hash, Staff.disabled_at)
        return [tuple(row) for row in session.execute(select(*columns).order_by(Staff.id))]


def change_language(desk: Desk) -> int:
    return desk.post("/staff/me/", {**WISHES, "locale": "pl"}).status_code


def end_others(desk: Desk) -> int:
    return desk.post("/staff/me/sessions/end-others", WISHES).status_code


def confirm(desk: Desk) -> int:
    proof = {"confirm-proof": PASSWORD, "confirm-csrf_token": desk.token("/staff/me/")}
    return desk.post("/staff/confirm?to=/staff/", {**WISHES, **proof}).status_code


@pytest.mark.parametrize("act", [change_language, end_others, confirm])
def test_fields_that_a_form_does_not_have_change_nothing(app: Flask, act: Callable[[Desk], int]) -> None:
    person("first@example.com", Role.ADMIN)
    desk = desk_of(app, Role.VIEWER)
    before = people()
    assert act(desk) in (303, 307)
    assert people() == before
    assert desk.get("/staff/accounts/").status_code == 403


def test_signing_in_takes_no_more_than_it_asks_for(app: Flask) -> None:
    desk = desk_of(app)
    set_up(desk)
    before, half = people(), stranger(app)
    form = {**WISHES, "email": "editor@example.com", "password": PASSWORD, "next": "/staff/"}
    assert half.post(DOOR, form, page=DOOR).status_code == 303
    assert half.get("/staff/").headers["Location"].startswith("/staff/code")
    assert people() == before


def test_a_role_is_what_its_own_form_says_and_only_of_the_person_in_the_address(app: Flask) -> None:
    admin, editor = desk_of(app, Role.ADMIN), desk_of(app)
    before = people()
    sent = {**WISHES, "staff_id": str(admin.staff_id), "role": "viewer"}
    assert admin.post(f"/staff/accounts/{editor.staff_id}/", sent).status_code == 303
    changed = [(one, other) for one, other in zip(before, people(), strict=True) if one != other]
    assert [(one[0], other[2]) for one, other in changed] == [(editor.staff_id, Role.VIEWER)]
    for odd in ("owner", "", "ADMIN", "admin\x00"):
        assert admin.post(f"/staff/accounts/{editor.staff_id}/", {"role": odd}).status_code == 422


def test_a_new_incident_is_published_by_its_button_alone(app: Flask) -> None:
    desk = desk_of(app)
    form = {"title-en": "A look", "body-en": "We look.", "status": "investigating", "impact": "minor", "act": "draft"}
    made = desk.post("/staff/incidents/new", {**WISHES, **form}, page="/staff/incidents/new")
    assert made.status_code in (303, 422)
    with reading() as session:
        table = Model.metadata.tables["incident"]
        assert not session.execute(select(table).where(table.c.published_at.is_not(None))).all()
        assert not session.execute(select(table).where(table.c.public_id == "chosen")).all()


def api_routes(app: Flask) -> list[tuple[str, str]]:
    """(method, path) of all that wants a token."""
    return [
        (method, re.sub(r"<[^>]+>", "1", re.sub(r"<uuid:[^>]+>", str(UUID(int=1)), rule.rule)))
        for rule in app.url_map.iter_rules()
        if (declared := policy.of(app, rule.endpoint)) is not None and declared.kind == "token"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_session_of_the_desk_opens_no_door_of_the_api(app: Flask, role: Role) -> None:
    desk = desk_of(app, role)
    cookie = f"staff={desk.cookie()}"
    for method, path in api_routes(app):
        headers = {**ORIGIN, "Cookie": cookie, "X-CSRF-Token": desk.token("/staff/me/")}
        answer = app.test_client(use_cookies=False).open(path, method=method, headers=headers, json={}, buffered=True)
        assert answer.status_code == 401, (method, path)


def test_no_token_opens_the_desk_whatever_its_scopes(app: Flask, client: FlaskClient) -> None:
    with transaction(quiet=True) as session:
        plain = create(session, name="all", scopes=[str(one) for one in Scope], expires_at=None, actor=SYSTEM)
    before = people()
    for _, method, path, declared in routes(app):
        if declared.kind != "public":
            headers = {**ORIGIN, "Authorization": f"Bearer {plain}"}
            base = "http://127.0.0.1:8000"
            answer = client.open(path, method=method, headers=headers, base_url=base, buffered=True)
            assert answer.status_code == (303 if method == "GET" else 401), (method, path)
    assert people() == before


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_gets_no_scope_by_asking(app: Flask, scope: Scope) -> None:
    admin = desk_of(app, Role.ADMIN)
    sent = {**WISHES, "name": "job", "scopes": [str(scope)], "prefix": "chosen00", "secret_hash": "x"}
    assert admin.post("/staff/tokens/", sent).status_code == 200
    with reading() as session:
        token = session.scalars(select(ApiToken)).one()
    assert (token.scopes, token.prefix != "chosen00") == ([str(scope)], True)


def test_a_hundred_thousand_fields_or_parts_are_refused(app: Flask) -> None:
    desk = desk_of(app, Role.ADMIN)
    many = "&".join(f"a{number}=" for number in range(100_000))
    parts = "".join('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' for _ in range(100_000))
    for path in ("/staff/me/", "/staff/confirm", "/staff/incidents/new"):
        for body, kind in (
            (many, "application/x-www-form-urlencoded"),
            (f"{parts}--x--", "multipart/form-data; boundary=x"),
        ):
            answer = desk.client.post(
                path, data=body, content_type=kind, headers=ORIGIN, base_url="http://127.0.0.1:8000"
            )
            assert answer.status_code in (403, 413, 422), (path, kind, answer.status_code)


def test_a_megabyte_is_refused_wherever_a_secret_is_typed(app: Flask) -> None:
    desk = desk_of(app)
    huge = "x" * 1_000_000
    assert 400 <= desk.post("/staff/me/password", {"old": huge, "password": PASSWORD}).status_code < 500
    assert 400 <= desk.post("/staff/me/password", {"old": PASSWORD, "password": huge}).status_code < 500
    proof: dict[str, object] = {"confirm-proof": huge, "confirm-csrf_token": desk.token("/staff/me/")}
    assert 400 <= desk.post("/staff/confirm?to=/staff/", proof).status_code < 500
    assert 400 <= desk.post(FACTOR, {"salt": "0" * 32, "code": huge}).status_code < 500
    set_up(desk)
    half = stranger(app)
    half.post(DOOR, {"email": "editor@example.com", "password": PASSWORD}, page=DOOR)
    assert 400 <= half.post("/staff/code", {"code": huge}, page="/staff/code").status_code < 500
    assert half.get("/staff/").status_code == 303


@pytest.mark.parametrize("asked", ["https://elsewhere.example/", "//elsewhere.example/", "/staff//elsewhere", "/\\x"])
def test_the_code_leads_nowhere_else(app: Flask, asked: str) -> None:
    phone, _ = set_up(desk_of(app))
    half = stranger(app)
    half.post(DOOR, {"email": "editor@example.com", "password": PASSWORD}, page=DOOR)
    answer = half.post("/staff/code", {"code": phone.code(), "next": asked}, page="/staff/code")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/")
    again = half.get(f"/staff/code?next={asked}")
    assert (again.status_code, again.headers["Location"]) == (303, "/staff/")
