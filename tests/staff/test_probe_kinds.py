"""The settings of each kind of probe at the desk: kept, shown again, refused at their field without losing a word."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from statuspage.accounts.actions import speak
from statuspage.db import transaction
from statuspage.probing.actions import Seen
from statuspage.probing.rules import Look
from tests.probing.cases import START, stored, with_probes
from tests.staff.desks import Desk, desk_of
from tests.staff.test_probes import NEW, all_probes, wish


@pytest.fixture
def desk(app: Flask) -> Desk:
    with_probes()
    return desk_of(app)


KINDS = [
    (
        {"kind": "http", "target": "https://panel-a.example.com/", "method": "POST", "body": '{"a": 1}'},
        {"method": "POST", "body": '{"a": 1}'},
    ),
    (
        {"kind": "http", "json_path": "state[0]", "json_op": "!=", "json_value": "bad", "redirects": "same-host"},
        {"json_path": "state[0]", "json_op": "!=", "json_value": "bad", "redirects": "same-host"},
    ),
    ({"kind": "http", "headers": "X-Key: abc\r\nX-Two: d"}, {"headers": "X-Key: abc\nX-Two: d"}),
    (
        {"kind": "tcp", "target": "db.example.com:5432", "send": r"PING\r\n", "answer": "PONG"},
        {"send": r"PING\r\n", "answer": "PONG"},
    ),
    ({"kind": "tls", "target": "mail.example.com:465", "cert_days": "14"}, {"cert_days": 14}),
    (
        {"kind": "dns", "target": "panel-a.example.com", "record": "MX", "resolver": "9.9.9.9"},
        {"record": "MX", "resolver": "9.9.9.9"},
    ),
    ({"kind": "ping", "target": "panel-a.example.com", "port": "443"}, {"port": 443}),
    ({"kind": "heartbeat", "target": "", "grace": "5"}, {"grace": 5}),
]


@pytest.mark.parametrize(("sent", "kept"), KINDS, ids=str)
def test_each_kind_keeps_its_settings_and_shows_them_again(
    desk: Desk, sent: dict[str, object], kept: dict[str, object]
) -> None:
    answer = desk.post(NEW, wish(**sent), page=NEW)
    assert answer.status_code == 303, answer.text
    (made,) = all_probes()
    assert {name: str(value).replace("\r\n", "\n") for name, value in made.expect.items()} == {
        name: str(value) for name, value in kept.items()
    }
    address = f"/staff/probes/{made.id}/edit"
    shown = desk.get(address).text
    for value in kept.values():
        assert str(value).partition("\n")[0].replace('"', "&#34;") in shown
    assert desk.post(address, wish(**sent), page=address).status_code == 303
    assert all_probes()[0].expect == made.expect


def test_what_belongs_to_another_kind_is_not_kept(desk: Desk) -> None:
    sent = wish(kind="tcp", target="db.example.com:5432", keyword="welcome", cert_days="5", grace="3")
    assert desk.post(NEW, sent, page=NEW).status_code == 303
    assert all_probes()[0].expect == {}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"headers": "no colon"}, "headers"),
        ({"headers": "Host: other.example.com"}, "headers"),
        ({"json_path": "a..b"}, "json_path"),
        ({"json_path": "a", "json_op": "<", "json_value": "x"}, "json_value"),
        ({"redirects_most": "11"}, "redirects_most"),
        ({"cert_days": "soon"}, "cert_days"),
        ({"kind": "tcp", "target": "db.example.com"}, "target"),
        ({"kind": "tls", "target": "127.0.0.1:443"}, "target"),
        ({"kind": "tls", "target": "127.1:443"}, "target"),
        ({"kind": "http", "target": "http://2130706433/"}, "target"),
        ({"kind": "http", "target": "http://localhost./"}, "target"),
        ({"kind": "http", "target": "http://[64:ff9b::7f00:1]/"}, "target"),
        ({"kind": "dns", "target": "a.example", "resolver": "10.0.0.53"}, "resolver"),
        ({"kind": "ping", "target": "169.254.169.254"}, "target"),
        ({"kind": "ping", "target": "a.example", "port": "0"}, "port"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Desk, sent: dict[str, object], field: str
) -> None:
    typed = {"keyword": "welcome back", "body": "a body", "send": "hello there", **sent}
    answer = desk.post(NEW, wish(**typed), page=NEW)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert len(re.findall(r'id="\w+-error"', answer.text)) == 1
    for words in typed.values():
        assert str(words).replace("<", "&lt;") in answer.text
    assert all_probes() == []


def test_the_last_results_show_each_phase_and_the_reason_in_the_readers_language(app: Flask) -> None:
    (one,) = with_probes("panel-a.login")
    late = Look(False, "no answer within 5 s", total_ms=5000.4, phases={"dns": 1.25, "connect": 2.5, "tls": 33.33})
    weak = Look(True, "slower than 500 ms", degraded=True, total_ms=700, phases={"first_byte": 698.7})
    stored(Seen(one, 1615337220, START, late), Seen(one, 1615337230, START + timedelta(seconds=10), weak))
    desk = desk_of(app)
    english = desk.get(f"/staff/probes/{one}/").text
    with transaction(quiet=True) as session:
        speak(session, desk.staff_id, "pl")
    polish = desk.get(f"/staff/probes/{one}/").text
    for page in (english, polish):
        assert all(f"<td>{spent}</td>" in page for spent in ("1.2", "2.5", "33.3", "698.7", "5000.4"))
    assert "no answer within 5 s" in english
    assert "slower than 500 ms" in english
    assert "brak odpowiedzi w ciągu 5 s" in polish
    assert "wolniej niż 500 ms" in polish
