"""`statuspage staff` and `statuspage token`."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.cli import main
from tests.staff.desks import desk_of, stranger
from tests.staff.phones import set_up


@pytest.fixture(autouse=True)
def environment(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_adding_a_person_prints_a_link_that_works(app: Flask) -> None:
    answer = run("staff", "add", "anna@example.com", "--role", "editor")
    assert answer.exit_code == 0, answer.output
    found = re.search(r"http://127\.0\.0\.1:8000(/staff/sign-in/\S+)", answer.output)
    assert found is not None
    assert app.test_client().get(found[1], buffered=True).status_code == 200
    assert json.loads(run("staff", "list", "--json").output) == [
        {"email": "anna@example.com", "name": "", "role": "editor", "disabled": False}
    ]


def test_errors_say_the_next_step() -> None:
    run("staff", "add", "anna@example.com")
    for words, step in (
        (("staff", "add", "anna@example.com"), "statuspage staff reset anna@example.com"),
        (("staff", "reset", "who@example.com"), "statuspage staff list"),
        (("staff", "add", "anna"), "anna@example.com"),
        (("token", "revoke", "sp_zzzzzzzz_x"), "statuspage token list"),
    ):
        answer = run(*words)
        assert answer.exit_code == 1
        assert step in answer.output


def test_a_reset_prints_a_new_link() -> None:
    first = run("staff", "add", "anna@example.com").output
    again = run("staff", "reset", "Anna@example.com")
    assert again.exit_code == 0
    assert "/staff/sign-in/" in again.output
    assert first != again.output


def test_a_reset_lets_in_who_lost_the_phone_and_nobody_who_took_it(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    set_up(admin)
    printed = run("staff", "reset", "admin@example.com").output
    assert admin.get("/staff/").status_code == 303
    assert "their second factor is off" in printed
    link = re.findall(r"/staff/sign-in/[\w-]{43}", printed)[0]
    desk = stranger(app)
    assert desk.post(link, page=link).status_code == 303
    assert desk.get("/staff/me/factor").status_code == 200
    assert "Turn the second factor on" in desk.get("/staff/me/factor").text


def test_a_token_is_shown_once_and_can_be_revoked() -> None:
    made = run("token", "create", "recovery job", "--scope", "recovery:write", "--days", "30")
    plain = made.output.strip()
    assert re.fullmatch(r"sp_[a-z0-9]{8}_\S{43}", plain)
    assert plain not in run("token", "list").output
    rows = json.loads(run("token", "list", "--json").output)
    assert [(one["name"], one["scopes"], one["revoked_at"]) for one in rows] == [
        ("recovery job", ["recovery:write"], None)
    ]
    assert run("token", "revoke", plain).exit_code == 0
    assert json.loads(run("token", "list", "--json").output)[0]["revoked_at"] is not None


def test_a_token_is_rotated_and_both_secrets_work_for_a_while() -> None:
    first = run("token", "create", "deploys", "--scope", "incidents:write", "--days", "30").output.strip()
    before = json.loads(run("token", "list", "--json").output)[0]
    second = run("token", "rotate", first).output.strip()
    assert re.fullmatch(r"sp_[a-z0-9]{8}_\S{43}", second)
    assert (second == first, second[:11] == first[:11]) == (False, True)
    row = json.loads(run("token", "list", "--json").output)[0]
    assert (row["old_until"] > row["created_at"], row["expires_at"]) == (True, before["expires_at"])
    run("token", "rotate", first, "--overlap", "0")
    assert json.loads(run("token", "list", "--json").output)[0]["old_until"] is None
