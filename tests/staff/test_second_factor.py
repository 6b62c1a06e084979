"""The second factor: set up, asked for, each code once, and gone when somebody needs to come in without it."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from statuspage import clock
from statuspage.accounts.models import StaffSession
from statuspage.accounts.rules import Role
from statuspage.audit.queries import latest
from statuspage.db import Model, db, reading, transaction
from statuspage.factors.actions import accept
from statuspage.factors.models import SecondFactor
from tests.staff.desks import PASSWORD, Desk, desk_of, stranger
from tests.staff.phones import FACTOR, Phone, read_key, set_up

DOOR = "/staff/sign-in/"
CODE = "/staff/code"
ANNA = "editor@example.com"
SECRET = "test" * 8


def with_password(app: Flask, email: str = ANNA) -> Desk:
    """A browser in which the password was right, and nothing else was done."""
    desk = stranger(app)
    answer = desk.post(DOOR, {"email": email, "password": PASSWORD, "next": "/staff/panels/"}, page=DOOR)
    assert answer.status_code == 303, answer.text
    return desk


def give(desk: Desk, code: str) -> int:
    return desk.post(CODE, {"code": code}, page=CODE).status_code


def test_after_the_password_the_code_is_asked_for_and_then_one_is_where_one_wanted_to_be(app: Flask) -> None:
    phone, _ = set_up(desk_of(app))
    desk = with_password(app)
    sent_on = desk.get("/staff/panels/?a=1").headers["Location"]
    assert sent_on == f"{CODE}?next=%2Fstaff%2Fpanels%2F%3Fa%3D1"
    form = {"code": phone.code(), "csrf_token": desk.token(CODE), "next": "/staff/panels/"}
    half = desk.cookie()
    answer = desk.send(CODE, form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/panels/")
    assert desk.get("/staff/panels/").status_code == 200
    assert desk.cookie() != half, "a session known before the code must not be the one that is let in"


def test_without_the_code_nothing_is_reached_but_its_page_and_the_way_out(app: Flask) -> None:
    set_up(desk_of(app, Role.ADMIN))
    desk = with_password(app, "admin@example.com")
    for path in ("/staff/", "/staff/me/", FACTOR, "/staff/accounts/", "/staff/audit/"):
        assert desk.get(path).headers["Location"].startswith(CODE), path
    refused = desk.post("/staff/me/password", {"password": "quite another sentence"}, page=CODE)
    assert refused.status_code == 401
    assert "Your code is missing" in refused.text
    page = desk.get(CODE).text
    assert "/staff/incidents/" not in page, "no menu yet"
    assert "admin@example.com" not in page
    assert desk.post("/staff/sign-out", page=CODE).status_code == 303
    assert desk.get(CODE).headers["Location"].startswith(DOOR)


def test_a_wrong_code_is_refused_and_written_down(app: Flask) -> None:
    set_up(desk_of(app))
    desk = with_password(app)
    for wrong in ("000000", "", "x" * 39, "é" * 6):
        assert give(desk, wrong) in (401, 422)
    assert desk.get("/staff/").status_code == 303
    with reading() as session:
        assert "staff.sign-in.code-refused" in [one.action for one in latest(session)]


def test_a_code_is_taken_once(app: Flask) -> None:
    phone, _ = set_up(desk_of(app))
    code = phone.code()
    assert give(with_password(app), code) == 303
    replay = with_password(app)
    assert give(replay, code) == 401
    assert give(replay, phone.code(0)) == 401, "nor is one from before it"
    with time_machine.travel(clock.wall() + timedelta(seconds=60)):
        assert give(replay, phone.code()) == 303


def test_the_code_that_turned_the_factor_on_signs_nobody_in(app: Flask) -> None:
    desk = desk_of(app)
    page = desk.get(FACTOR).text
    phone, salt = read_key(page), re.findall(r'name="salt"[^>]*value="([0-9a-f]{32})"', page)[0]
    code = phone.code(0)
    assert desk.post(FACTOR, {"salt": salt, "code": code}).status_code == 200
    assert give(with_password(app), code) == 401


def test_of_two_who_send_one_code_at_once_one_gets_in(app: Flask) -> None:
    desk = desk_of(app)
    phone, _ = set_up(desk)
    code, gate, taken = phone.code(), threading.Barrier(2), []

    def send() -> None:
        with app.app_context():
            gate.wait()
            with transaction(quiet=True) as session:
                taken.append(accept(session, SECRET, desk.staff_id, code, clock.wall()))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.engine.dispose()
    assert sorted(taken) == [False, True]


def test_each_recovery_code_signs_in_once(app: Flask) -> None:
    desk = desk_of(app)
    _, codes = set_up(desk)
    assert give(with_password(app), codes[0].upper()) == 303
    second = with_password(app)
    assert give(second, codes[0]) == 401
    assert give(second, codes[1].replace("-", "")) == 303
    assert "8 recovery codes are left" in desk.get(FACTOR).text


def test_new_recovery_codes_replace_the_old_ones_and_belong_to_one_person(app: Flask) -> None:
    desk = desk_of(app)
    _, codes = set_up(desk)
    _, foreign = set_up(desk_of(app, Role.VIEWER))
    made = re.findall(r"<code>([a-z2-9-]{11})</code>", desk.post(f"{FACTOR}/codes").text)
    assert len(made) == 10
    half = with_password(app)
    assert give(half, codes[3]) == 401
    assert give(half, foreign[3]) == 401
    assert give(half, made[3]) == 303


def test_turning_it_on_or_off_ends_every_other_session(app: Flask) -> None:
    desk, other = desk_of(app), with_password_of_a_new(app)
    set_up(desk)
    assert desk.get("/staff/").status_code == 200
    assert other.get("/staff/").status_code == 303
    assert desk.post(f"{FACTOR}/off").status_code == 303
    assert desk.get("/staff/").status_code == 200
    assert with_password(app).get("/staff/").status_code == 200


def with_password_of_a_new(app: Flask) -> Desk:
    """Another browser of the same person, let in before there was a second factor."""
    other = with_password(app)
    assert other.get("/staff/").status_code == 200
    return other


def test_a_wrong_first_code_turns_nothing_on_and_keeps_the_key(app: Flask) -> None:
    desk = desk_of(app)
    page = desk.get(FACTOR).text
    salt = re.findall(r'name="salt"[^>]*value="([0-9a-f]{32})"', page)[0]
    again = desk.post(FACTOR, {"salt": salt, "code": "123"})
    assert again.status_code == 422
    assert "type the one that the app shows now" in again.text
    assert read_key(again.text) == read_key(page)
    assert desk.post(FACTOR, {"salt": "short", "code": "123456"}).status_code == 422
    assert with_password(app).get("/staff/").status_code == 200


def test_a_half_session_ends_after_ten_minutes(app: Flask) -> None:
    phone, _ = set_up(desk_of(app))
    desk = with_password(app)
    with time_machine.travel(clock.wall() + timedelta(minutes=11)):
        assert desk.post(CODE, {"code": phone.code()}, page=DOOR).status_code == 401
        assert desk.get("/staff/").headers["Location"].startswith(DOOR)


def test_a_link_asks_for_the_code_as_well(app: Flask) -> None:
    admin, editor = desk_of(app, Role.ADMIN), desk_of(app)
    phone, _ = set_up(editor)
    made = admin.post(f"/staff/accounts/{editor.staff_id}/link").text
    link = re.findall(r"(/staff/sign-in/[\w-]{43})", made)[0]
    desk = stranger(app)
    assert desk.post(link, page=link).status_code == 303
    assert desk.get("/staff/").headers["Location"].startswith(CODE)
    assert give(desk, phone.code()) == 303


def test_what_is_stored_makes_no_code(app: Flask) -> None:
    desk = desk_of(app)
    phone, codes = set_up(desk)
    with reading() as session:
        rows = [
            str(tuple(row)) for table in Model.metadata.sorted_tables for row in session.execute(select(table)).all()
        ]
        salt = session.scalars(select(SecondFactor.salt)).one()
    stored = "\n".join(rows)
    assert repr(phone.key)[2:-1] not in stored
    assert Phone(salt).code() != phone.code()
    assert not [one for one in codes if one in stored or one.replace("-", "") in stored]


@pytest.mark.usefixtures("app")
def test_sessions_from_before_the_column_are_whole() -> None:
    with transaction(quiet=True) as session:
        session.execute(
            text(
                "INSERT INTO staff (id, email, name, role, locale, created_at)"
                " VALUES (9, 'a@b.pl', '', 'viewer', 'en', :at)"
            ),
            {"at": "2026-01-01 00:00:00"},
        )
        session.execute(
            text(
                "INSERT INTO staff_session (token_hash, staff_id, csrf, created_at, seen_at, expires_at, by_link)"
                " VALUES (:hash, 9, 'x', :at, :at, :at, false)"
            ),
            {"at": "2026-01-01 00:00:00", "hash": b"x" * 32},
        )
    with reading() as session:
        assert session.scalars(select(StaffSession)).one().needs_code is False
