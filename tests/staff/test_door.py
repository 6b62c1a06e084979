"""The door of the desk: passwords, one-time links, sessions."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from statuspage import clock
from statuspage.accounts import actions, queries
from statuspage.accounts.models import Staff, StaffSession
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.audit.queries import latest
from statuspage.db import reading, transaction
from tests.staff.desks import PASSWORD, Desk, desk_of, person, stranger

DOOR = "/staff/sign-in/"


def try_in(desk: Desk, email: str, password: str = PASSWORD, **more: str) -> int:
    return desk.post(DOOR, {"email": email, "password": password, **more}, page=DOOR).status_code


def new_link(staff_id: int) -> str:
    with transaction(quiet=True) as session:
        return f"{DOOR}{actions.make_link(session, session.get_one(Staff, staff_id), SYSTEM)}"


def acts() -> list[str]:
    with reading() as session:
        return [one.action for one in latest(session)]


def test_signing_in_changes_the_session_and_is_written_down(app: Flask) -> None:
    desk = desk_of(app, Role.VIEWER)
    first = desk.cookie()
    assert desk.get("/staff/").status_code == 200
    assert try_in(desk, "viewer@example.com") == 303
    assert desk.cookie() not in ("", first)
    assert acts().count("staff.sign-in") == 2
    with reading() as session:
        assert len(session.scalars(select(StaffSession)).all()) == 1


def test_a_session_of_the_attackers_choice_is_not_taken_over(app: Flask) -> None:
    person()
    desk = stranger(app)
    desk.client.set_cookie("staff", "chosen-by-somebody-else", domain="127.0.0.1", path="/staff")
    assert try_in(desk, "anna@example.com") == 303
    assert desk.cookie() not in ("", "chosen-by-somebody-else")


def test_known_and_unknown_people_get_the_same_answer(app: Flask) -> None:
    person("known@example.com")
    person("nopass@example.com", password=None)
    desk = stranger(app)
    tries = [("known@example.com", "wrong"), ("who@example.com", "wrong"), ("nopass@example.com", ""), ("x", "y" * 99)]
    answers = {
        (answer.status_code, answer.data)
        for email, password in tries
        if (answer := desk.post(DOOR, {"email": email, "password": password or "a"}, page=DOOR))
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert acts().count("staff.sign-in.refused") == 4


def test_the_cookie_is_for_the_desk_alone(app: Flask) -> None:
    person()
    desk = stranger(app)
    answer = desk.post(DOOR, {"email": "anna@example.com", "password": PASSWORD}, page=DOOR)
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("staff="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/staff"} <= set(cookie.split("; "))


def test_the_secret_of_a_session_is_not_in_the_database(app: Flask) -> None:
    desk = desk_of(app)
    with reading() as session:
        row = session.scalars(select(StaffSession)).one()
        assert desk.cookie().encode() not in row.token_hash
        assert row.csrf != desk.cookie()


def test_a_password_of_a_megabyte_is_refused_quickly(app: Flask) -> None:
    person()
    assert 400 <= try_in(stranger(app), "anna@example.com", "x" * 1_000_000) < 500
    assert try_in(stranger(app), "anna@example.com", "x" * 100_000) == 401


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/staff/panels/", "/staff/panels/"),
        ("/staff/audit/?before=7", "/staff/audit/?before=7"),
        ("https://elsewhere.example/", "/staff/"),
        ("//elsewhere.example/", "/staff/"),
        ("/staff//elsewhere.example/", "/staff/"),
        ("/\\elsewhere.example", "/staff/"),
        ("/staff/\\..\\elsewhere", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
        ("/", "/staff/"),
        ("/staff/\nX: y", "/staff/"),
    ],
)
def test_after_signing_in_one_stays_at_the_desk(app: Flask, asked: str, given: str) -> None:
    person()
    desk = stranger(app)
    form = {"email": "anna@example.com", "password": PASSWORD, "next": asked}
    answer = desk.post(DOOR, form, page=DOOR)
    if answer.status_code == 303:
        assert answer.headers["Location"] == given
    else:
        assert answer.status_code == 422  # control characters are refused by the gate


def test_a_link_shows_a_button_and_signs_in_once(app: Flask) -> None:
    link = new_link(person())
    desk = stranger(app)
    for _ in range(3):  # previews in mail and chat
        assert desk.get(link).status_code == 200
    assert desk.post(link, page=link).status_code == 303
    assert desk.get("/staff/").status_code == 200
    late = stranger(app)
    assert late.get(link).status_code == 404
    token = late.token(DOOR)
    assert late.send(link, {"csrf_token": token}).status_code == 404
    assert late.get("/staff/").status_code == 303


def test_a_link_ends_after_half_an_hour_and_with_a_newer_one(app: Flask) -> None:
    staff_id = person()
    older, link = new_link(staff_id), new_link(staff_id)
    desk = stranger(app)
    assert desk.get(older).status_code == 404
    with time_machine.travel(clock.wall() + timedelta(minutes=31)):
        assert desk.get(link).status_code == 404
    assert desk.get(link).status_code == 200


def test_a_link_of_somebody_shut_out_is_dead(app: Flask) -> None:
    staff_id = person()
    person("admin@example.com", Role.ADMIN)
    link = new_link(staff_id)
    with transaction(quiet=True) as session:
        session.get_one(Staff, staff_id).disabled_at = clock.wall()
    assert stranger(app).get(link).status_code == 404


def test_a_new_password_ends_all_other_sessions(app: Flask) -> None:
    one = desk_of(app)
    other = stranger(app)
    assert try_in(other, "editor@example.com") == 303
    form = {"old": PASSWORD, "password": "quite another sentence"}
    assert one.post("/staff/me/password", form).status_code == 303
    assert one.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 303
    assert try_in(stranger(app), "editor@example.com") == 401
    assert try_in(stranger(app), "editor@example.com", "quite another sentence") == 303


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("not mine", "quite another sentence", "This is not your password."),
        (PASSWORD, "short", "Use at least 12 characters"),
        (PASSWORD, "x" * 2000, "Use at most 1,024 characters."),
        (PASSWORD, "editor@example.com", "This is too easy to guess"),
        (PASSWORD, "a" * 20, "This is too easy to guess"),
    ],
)
def test_a_bad_change_of_password_is_refused_at_its_field(app: Flask, old: str, new: str, words: str) -> None:
    answer = desk_of(app).post("/staff/me/password", {"old": old, "password": new})
    assert answer.status_code == 422
    assert re.search(rf'class="error"[^>]*><span>{re.escape(words)}', answer.text)


def test_who_came_by_a_link_sets_a_password_without_the_old_one(app: Flask) -> None:
    link = new_link(person())
    desk = stranger(app)
    desk.post(link, page=link)
    assert desk.post("/staff/me/password", {"password": "quite another sentence"}).status_code == 303
    assert desk.post("/staff/me/password", {"password": "and yet another one"}).status_code == 422


def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days(app: Flask) -> None:
    desk = desk_of(app)
    begun = clock.wall()
    with time_machine.travel(begun + timedelta(hours=11)):
        assert desk.get("/staff/").status_code == 200
    with time_machine.travel(begun + timedelta(hours=22)):
        assert desk.get("/staff/").status_code == 200
    with time_machine.travel(begun + timedelta(hours=35)):
        assert desk.get("/staff/").status_code == 303
    again = desk_of(app, email="again@example.com")
    for hours in range(0, 7 * 24, 11):
        with time_machine.travel(begun + timedelta(hours=hours)):
            assert again.get("/staff/").status_code == 200
    with time_machine.travel(begun + timedelta(days=7, minutes=5)):
        assert again.get("/staff/").status_code == 303


def test_signing_out_ends_the_session_itself(app: Flask) -> None:
    desk = desk_of(app)
    kept = desk.cookie()
    assert desk.post("/staff/sign-out").status_code == 303
    with reading() as session:
        assert queries.signed_in(session, kept, clock.wall()) is None


def test_guessing_is_slowed_down_and_says_for_how_long(app: Flask) -> None:
    person()
    desk = stranger(app)
    codes = [try_in(desk, "anna@example.com", "wrong") for _ in range(11)]
    assert codes == [401] * 10 + [429]
    answer = desk.post(DOOR, {"email": "anna@example.com", "password": "wrong"}, page=DOOR)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # Another person at the same address still gets in, and so does this one by a link.
    person("other@example.com")
    assert try_in(desk, "other@example.com") == 303
