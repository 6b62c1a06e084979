"""People and keys, as administrators handle them."""

import re

from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.db import reading
from statuspage.tokens import queries as tokens
from tests.staff.desks import desk_of, person, stranger


def test_an_invitation_is_a_link_that_is_shown_once(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    form = {"email": "new@example.com", "name": "New", "role": "editor", "locale": "pl"}
    answer = admin.post("/staff/accounts/", form)
    found = re.search(r"http://127\.0\.0\.1:8000(/staff/sign-in/[^<]+)", answer.text)
    assert found is not None
    newcomer = stranger(app)
    assert newcomer.post(found[1], page=found[1]).status_code == 303
    assert '<html lang="pl">' in newcomer.get("/staff/").text
    assert newcomer.get("/staff/accounts/").status_code == 403
    twice = admin.post("/staff/accounts/", form)
    assert twice.status_code == 422
    assert "on the list already" in twice.text


def test_a_changed_role_or_a_shut_out_ends_the_sessions_at_once(app: Flask) -> None:
    admin, editor = desk_of(app, Role.ADMIN), desk_of(app, Role.EDITOR)
    here = f"/staff/accounts/{editor.staff_id}"
    assert admin.post(f"{here}/", {"role": "viewer"}).status_code == 303
    assert editor.get("/staff/").status_code == 303
    assert admin.post(f"{here}/link").status_code == 200
    assert admin.post(f"{here}/disable").status_code == 303
    assert "(shut out)" in admin.get("/staff/accounts/").text
    assert admin.post(f"{here}/enable").status_code == 303


def test_the_last_administrator_is_told_to_name_another(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    answer = admin.post(f"/staff/accounts/{admin.staff_id}/disable")
    assert answer.status_code == 422
    assert "name another one first" in answer.text


def test_a_token_is_made_shown_once_and_revoked(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    form = {"name": "recovery job", "scopes": ["recovery:write", "recovery:read"], "expires_at": ""}
    made = admin.post("/staff/tokens/", form)
    found = re.search(r"sp_[a-z0-9]{8}_[\w-]{43}", made.text)
    assert found is not None
    assert found[0] not in admin.get("/staff/tokens/").text
    with reading() as session:
        token = tokens.all_tokens(session)[0]
    assert token.scopes == ["recovery:read", "recovery:write"]
    assert admin.post(f"/staff/tokens/{token.id}/revoke").status_code == 303
    assert "revoked" in admin.get("/staff/tokens/").text
    for wrong in ({"scopes": []}, {"scopes": ["everything"]}, {"name": ""}, {"expires_at": "2001-01-01T00:00"}):
        assert admin.post("/staff/tokens/", {**form, **wrong}).status_code == 422


def test_a_token_is_rotated_and_a_page_sent_twice_rotates_once(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    made = admin.post("/staff/tokens/", {"name": "a job", "scopes": ["incidents:write"]})
    old = re.findall(r"sp_[a-z0-9]{8}_[\w-]{43}", made.text)
    page = admin.get("/staff/tokens/1/rotate").text
    version = re.findall(r'name="version"[^>]*value="(\d+)"', page)
    # A day of overlap is proposed, so that who only clicks breaks no program.
    assert re.search(r'name="old_until"[^>]*value="20\d\d-\d\d-\d\dT\d\d:\d\d"', page)
    form = {"old_until": "2099-01-01T00:00", "expires_at": "", "version": version[0]}
    answer = admin.post("/staff/tokens/1/rotate", form)
    assert answer.status_code == 200
    new = re.findall(r"sp_[a-z0-9]{8}_[\w-]{43}", answer.text)
    assert (len(new), new == old) == (1, False)
    assert "until" in answer.text
    assert admin.post("/staff/tokens/1/rotate", form).status_code == 409
    for secret in (*old, *new):
        assert (
            app.test_client().get("/api/v1/incidents", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
        )
    listed = admin.get("/staff/tokens/").text
    assert "Its old secret works until" in listed
    assert admin.post("/staff/tokens/1/end-old").status_code == 303
    assert "Its old secret works until" not in admin.get("/staff/tokens/").text
    wrong = {**form, "old_until": "2001-01-01T00:00", "version": version[0] + "9"}
    assert admin.post("/staff/tokens/1/rotate", wrong).status_code == 409
    assert admin.get("/staff/tokens/99/rotate").status_code == 404


def test_the_audit_log_goes_back_page_by_page(app: Flask) -> None:
    desk = desk_of(app, Role.VIEWER)
    for number in range(120):
        person(f"p{number}@example.com", password=None)
    page = desk.get("/staff/audit/").text
    older = re.search(r'href="(\?before=\d+)"', page)
    assert older is not None
    rest = desk.get(f"/staff/audit/{older[1]}").text
    assert "staff.sign-in" in rest
    assert "viewer@example.com" in rest
    for odd in ("x", "-1", "0", "9" * 40):
        assert desk.get(f"/staff/audit/?before={odd}").status_code == 200
