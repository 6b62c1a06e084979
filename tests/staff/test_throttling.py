"""Guessing passwords and codes is slow from anywhere, and shuts nobody out of their own desk."""

import re

import pytest
from argon2 import PasswordHasher
from flask import Flask

from statuspage.accounts import rules
from statuspage.app import create_app
from statuspage.db import db
from statuspage.settings import Settings
from statuspage.web.limits import network
from tests.staff.desks import ORIGIN, PASSWORD, Desk, person, stranger
from tests.staff.phones import set_up
from tests.staff.test_second_factor import DOOR, give, with_password

ANNA = "anna@example.com"


def attempt(desk: Desk, address: str, email: str, password: str = "wrong") -> int:
    """One try from an address, as the proxy or the socket tells it."""
    form = {"csrf_token": desk.token(DOOR), "email": email, "password": password}
    return desk.client.post(
        DOOR, data=form, headers=ORIGIN, base_url="http://127.0.0.1:8000", environ_base={"REMOTE_ADDR": address}
    ).status_code


def known_browser(app: Flask, email: str = ANNA) -> Desk:
    """A browser that signed this person in once, and out again."""
    desk = stranger(app)
    assert attempt(desk, "192.0.2.1", email, PASSWORD) == 303
    assert desk.post("/staff/sign-out").status_code == 303
    return desk


def test_many_addresses_together_get_ten_tries_a_minute_at_one_account(app: Flask) -> None:
    person(ANNA)
    guesser = stranger(app)
    codes = [attempt(guesser, f"198.51.100.{number}", ANNA) for number in range(40)]
    assert codes == [401] * 10 + [429] * 30
    # Also when the guess is right at last: the answer says nothing about it.
    assert attempt(guesser, "198.51.100.99", ANNA, PASSWORD) == 429


def test_guessers_do_not_shut_the_owner_out(app: Flask) -> None:
    person(ANNA)
    owner, guesser = known_browser(app), stranger(app)
    for number in range(40):
        attempt(guesser, f"198.51.100.{number}", ANNA)
        attempt(guesser, "192.0.2.1", f"somebody{number}@example.com")
    assert attempt(guesser, "203.0.113.9", ANNA, PASSWORD) == 429
    assert attempt(owner, "192.0.2.1", ANNA, PASSWORD) == 303, "even from the guesser's own address"


def test_a_known_browser_has_a_budget_too_and_for_its_own_person_alone(app: Flask) -> None:
    person(ANNA)
    person("bert@example.com")
    owner = known_browser(app)
    assert [attempt(owner, f"192.0.2.{number}", ANNA) for number in range(12)] == [401] * 10 + [429] * 2
    berts = known_browser(app, "bert@example.com")
    guesser = stranger(app)
    for number in range(11):
        attempt(guesser, f"198.51.100.{number}", ANNA)
    assert attempt(berts, "192.0.2.77", ANNA, PASSWORD) == 429


@pytest.mark.parametrize("forged", ["", ".", "x.y", "é.é", "nonce." + "0" * 64])
def test_a_forged_mark_of_a_known_browser_is_worth_nothing(app: Flask, forged: str) -> None:
    person(ANNA)
    guesser = stranger(app)
    guesser.client.set_cookie("staff-device", forged, domain="127.0.0.1", path="/staff")
    codes = [attempt(guesser, f"198.51.100.{number}", ANNA) for number in range(11)]
    assert codes == [401] * 10 + [429]


def test_one_network_of_ipv6_counts_as_one_address(app: Flask) -> None:
    guesser = stranger(app)
    codes = [attempt(guesser, f"2001:db8:0:1::{number:x}", f"somebody{number}@example.com") for number in range(1, 41)]
    assert codes == [401] * 30 + [429] * 10
    assert attempt(guesser, "2001:db8:0:2::1", "another@example.com") == 401


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_who_counts_as_one(app: Flask, address: str, counted: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert network() == counted


def test_codes_get_fewer_tries_and_known_browsers_their_own(app: Flask) -> None:
    person(ANNA)
    owner = stranger(app)
    assert attempt(owner, "192.0.2.1", ANNA, PASSWORD) == 303
    phone, _ = set_up(owner)
    guesser = with_password(app, ANNA)
    assert [give(guesser, f"{number:06d}") for number in range(6)] == [401] * 5 + [429]
    assert give(with_password(app, ANNA), phone.code()) == 429, "another session buys no more tries"
    assert owner.post("/staff/sign-out").status_code == 303
    assert attempt(owner, "192.0.2.1", ANNA, PASSWORD) == 303
    assert give(owner, phone.code()) == 303


def test_the_password_alone_makes_no_browser_known(app: Flask) -> None:
    person(ANNA)
    owner = stranger(app)
    assert attempt(owner, "192.0.2.1", ANNA, PASSWORD) == 303
    set_up(owner)
    half = with_password(app, ANNA)
    assert half.client.get_cookie("staff-device", domain="127.0.0.1", path="/staff") is None


class Counting:
    """The real hasher, which remembers what it was asked to verify."""

    def __init__(self, really: PasswordHasher) -> None:
        self.really = really
        self.verified: list[str] = []

    def hash(self, words: str) -> str:
        return self.really.hash(words)

    def verify(self, kept: str, words: str) -> bool:
        self.verified.append(kept)
        return self.really.verify(kept, words)


def test_known_and_unknown_people_cost_the_same_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person("known@example.com")
    person("nopass@example.com", password=None)
    counting = Counting(rules._hasher)
    monkeypatch.setattr(rules, "_hasher", counting)
    for email in ("known@example.com", "nopass@example.com", "who@example.com"):
        counting.verified.clear()
        assert attempt(stranger(app), "192.0.2.1", email) == 401
        assert len(counting.verified) == 1, email
        assert counting.verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$"), "a hash of nobody costs as much"


def test_the_cookies_of_the_desk_go_over_https_alone(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://desk.example"}))
    with app.app_context():
        person(ANNA)
        client, base = app.test_client(), "https://desk.example"
        page = client.get(DOOR, base_url=base, buffered=True).text
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
        form = {"csrf_token": token, "email": ANNA, "password": PASSWORD}
        answer = client.post(DOOR, data=form, headers={"Origin": base}, base_url=base, buffered=True)
        db.engine.dispose()
    cookies = {one.partition("=")[0]: set(one.split("; ")[1:]) for one in answer.headers.getlist("Set-Cookie")}
    assert {"__Secure-staff", "__Secure-staff-device"} <= set(cookies)
    for name, flags in cookies.items():
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/staff"} <= flags, name
