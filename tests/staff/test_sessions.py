"""Sessions: seen and ended by their owner, by an administrator, and by every change of what lets one in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from statuspage import clock
from statuspage.accounts import queries
from statuspage.accounts.jobs import forget
from statuspage.accounts.models import SignInLink, StaffSession
from statuspage.accounts.rules import Role, browser
from statuspage.db import reading
from tests.staff.desks import ORIGIN, PASSWORD, Desk, desk_of, person, stranger
from tests.staff.phones import FACTOR, set_up

DOOR = "/staff/sign-in/"
LIST = "/staff/me/sessions/"
EDITOR = "editor@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"


def from_phone(app: Flask, email: str = EDITOR, agent: str = CHROME, address: str = "192.0.2.7") -> Desk:
    """The same person on a phone, elsewhere."""
    desk = stranger(app)
    form = {"csrf_token": desk.token(DOOR), "email": email, "password": PASSWORD}
    desk.client.post(
        DOOR,
        data=form,
        headers={**ORIGIN, "User-Agent": agent},
        base_url="http://127.0.0.1:8000",
        environ_base={"REMOTE_ADDR": address},
    )
    assert desk.get("/staff/").status_code == 200
    return desk


def handles(page: str) -> list[str]:
    return re.findall(r'name="handle" value="([0-9a-f]{16})"', page)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox · Linux"),
        (CHROME, "Chrome · Android"),
        (EDGE, "Edge · Windows"),
        (SAFARI, "Safari · iPhone"),
        ("curl/8.0", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_browsers_are_called_what_their_owners_call_them(agent: str | None, name: str) -> None:
    assert browser(agent) == name


def test_one_sees_where_one_is_signed_in_and_ends_what_one_does_not_know(app: Flask) -> None:
    desk, phone = desk_of(app), from_phone(app)
    page = desk.get(LIST).text
    assert "Chrome · Android" in page
    assert "192.0.2.7" in page
    assert page.count("this one") == 1
    assert len(handles(page)) == 1, "the session that looks is not offered"
    assert desk.post(f"{LIST}end", {"handle": handles(page)[0]}).status_code == 303
    assert phone.get("/staff/").status_code == 303
    assert desk.get("/staff/").status_code == 200
    assert "Chrome · Android" not in desk.get(LIST).text


def test_all_others_end_at_once(app: Flask) -> None:
    desk = desk_of(app)
    phones = [from_phone(app), from_phone(app)]
    assert desk.post(f"{LIST}end-others").status_code == 303
    assert [one.get("/staff/").status_code for one in (desk, *phones)] == [200, 303, 303]


def test_nobody_ends_the_session_of_another(app: Flask) -> None:
    victim, desk = desk_of(app, Role.ADMIN), desk_of(app)
    with reading() as session:
        theirs = queries.open_sessions(session, clock.wall(), victim.staff_id)[0].handle
    assert desk.post(f"{LIST}end", {"handle": theirs}).status_code == 303
    assert desk.post(f"{LIST}end", {"handle": "%"}).status_code == 403
    assert victim.get("/staff/").status_code == 200


def test_an_administrator_sees_who_is_signed_in_and_signs_them_out(app: Flask) -> None:
    admin, editor = desk_of(app, Role.ADMIN), desk_of(app)
    here = f"/staff/accounts/{editor.staff_id}/"
    from_phone(app)
    assert "Chrome · Android" in admin.get(here).text
    assert admin.post(f"{here}sessions/end").status_code == 303
    assert editor.get("/staff/").status_code == 303
    assert "Chrome · Android" not in admin.get(here).text
    assert "not signed in" in admin.get("/staff/accounts/").text


def test_who_still_owes_a_code_is_not_signed_in(app: Flask) -> None:
    desk = desk_of(app)
    set_up(desk)
    half = stranger(app)
    half.post(DOOR, {"email": EDITOR, "password": PASSWORD}, page=DOOR)
    with reading() as session:
        assert len(queries.open_sessions(session, clock.wall())) == 1


def test_a_session_that_idled_away_is_not_listed(app: Flask) -> None:
    desk_of(app)
    with time_machine.travel(clock.wall() + timedelta(hours=13)), reading() as session:
        assert queries.open_sessions(session, clock.wall()) == []


def test_what_has_ended_is_forgotten_with_its_address(app: Flask) -> None:
    admin, phone = desk_of(app, Role.ADMIN), from_phone_of_a_new(app)
    link = re.findall(r"/staff/sign-in/[\w-]{43}", admin.post(f"/staff/accounts/{admin.staff_id}/link").text)[0]
    forget()
    assert [phone.get("/staff/").status_code, stranger(app).get(link).status_code] == [200, 200], "too early"
    with time_machine.travel(clock.wall() + timedelta(hours=11)):
        assert admin.get("/staff/").status_code == 200
    with time_machine.travel(clock.wall() + timedelta(hours=13)):
        forget()
        assert admin.get("/staff/").status_code == 200
    with reading() as session:
        assert [one.staff_id for one in session.scalars(select(StaffSession))] == [admin.staff_id]
        assert session.scalars(select(SignInLink)).all() == []


def from_phone_of_a_new(app: Flask) -> Desk:
    person(EDITOR)
    return from_phone(app)


def change_password(admin: Desk, desk: Desk) -> None:
    desk.post("/staff/me/password", {"old": PASSWORD, "password": "quite another sentence"})


def turn_factor_on(admin: Desk, desk: Desk) -> None:
    set_up(desk)


def lose_the_phone(admin: Desk, desk: Desk) -> None:
    set_up(desk)
    admin.post(f"/staff/accounts/{desk.staff_id}/factor/off")


def turn_factor_off(admin: Desk, desk: Desk) -> None:
    set_up(desk)
    desk.post(f"{FACTOR}/off")


def change_role(admin: Desk, desk: Desk) -> None:
    admin.post(f"/staff/accounts/{desk.staff_id}/", {"role": "viewer"})


def shut_out(admin: Desk, desk: Desk) -> None:
    admin.post(f"/staff/accounts/{desk.staff_id}/disable")


@pytest.mark.parametrize(
    "change", [change_password, turn_factor_on, turn_factor_off, lose_the_phone, change_role, shut_out]
)
def test_every_change_of_what_lets_one_in_ends_the_sessions_and_the_links(
    app: Flask, change: Callable[[Desk, Desk], None]
) -> None:
    admin, desk = desk_of(app, Role.ADMIN), desk_of(app)
    phone = from_phone(app)
    made = admin.post(f"/staff/accounts/{desk.staff_id}/link").text
    link = re.findall(r"/staff/sign-in/[\w-]{43}", made)[0]
    change(admin, desk)
    assert phone.get("/staff/").status_code == 303
    assert stranger(app).get(link).status_code == 404


def test_an_administrator_lets_in_who_lost_the_phone(app: Flask) -> None:
    admin, desk = desk_of(app, Role.ADMIN), desk_of(app)
    lose_the_phone(admin, desk)
    assert from_phone(app).get(FACTOR).status_code == 200


@pytest.mark.parametrize(("life", "minutes", "said"), [("30m", 30, "within 30 minutes"), ("24h", 24 * 60, "24 hours")])
def test_an_invitation_works_as_long_as_it_says(app: Flask, life: str, minutes: int, said: str) -> None:
    admin = desk_of(app, Role.ADMIN)
    form = {"email": "new@example.com", "name": "", "role": "viewer", "locale": "en", "life": life}
    made = admin.post("/staff/accounts/", form).text
    assert said in made
    link = re.findall(r"/staff/sign-in/[\w-]{43}", made)[0]
    begun = clock.wall()
    with time_machine.travel(begun + timedelta(minutes=minutes - 1)):
        assert stranger(app).get(link).status_code == 200
    with time_machine.travel(begun + timedelta(minutes=minutes + 1)):
        assert stranger(app).get(link).status_code == 404


def test_nothing_longer_can_be_asked_for(app: Flask) -> None:
    admin = desk_of(app, Role.ADMIN)
    form = {"email": "new@example.com", "name": "", "role": "viewer", "locale": "en", "life": "9999h"}
    assert admin.post("/staff/accounts/", form).status_code == 422
    assert admin.post(f"/staff/accounts/{admin.staff_id}/link", {"life": "9999h"}).status_code == 403
