"""Probes at the desk: made, changed, looked at; and a heartbeat's address that is shown once."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.accounts.rules import Role
from statuspage.db import reading
from statuspage.probing.models import Outage, Probe
from statuspage.probing.rules import Kind, Verdict
from tests.probing.cases import component_id, saw, stored, with_probes
from tests.staff.desks import Desk, desk_of

NEW = "/staff/probes/new"


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(app)


def wish(**changes: object) -> dict[str, object]:
    with reading() as session:
        component = component_id(session, "panel-a.login")
    return {
        "name": "Login of A",
        "component_id": component,
        "kind": "http",
        "target": "https://panel-a.example.com/health",
        "interval": 30,
        "timeout": 10,
        "down_after": 2,
        "up_after": 2,
        "enabled": "y",
        **changes,
    }


def all_probes() -> list[Probe]:
    with reading() as session:
        found = list(session.scalars(select(Probe).order_by(Probe.id)))
        session.expunge_all()
        return found


def test_staff_make_a_probe_and_see_it_in_the_list(desk: Desk) -> None:
    with_probes()
    answer = desk.post(NEW, wish(keyword="welcome", statuses="200,401", slow_ms="800"), page=NEW)
    assert answer.status_code == 303, answer.text
    (made,) = all_probes()
    assert (made.kind, made.interval) == (Kind.HTTP, 30)
    assert made.expect == {"keyword": "welcome", "statuses": "200,401", "slow_ms": 800}
    assert (made.gateway, made.publishes_itself) == (False, False), "what nobody asked for is off"
    assert "Login of A" in desk.get("/staff/probes/").text


def test_staff_say_what_is_a_gateway_and_what_publishes_by_itself(desk: Desk) -> None:
    with_probes()
    desk.post(NEW, wish(gateway="y", publishes_itself="y"), page=NEW)
    (made,) = all_probes()
    assert (made.gateway, made.publishes_itself) == (True, True)
    assert "gateway" in desk.get(f"/staff/probes/{made.id}/edit").text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"target": "panel-a.example.com"},
        {"target": "http://127.0.0.1/"},
        {"target": "http://169.254.169.254/latest/meta-data/"},
        {"kind": "tcp", "target": "10.0.0.1:22"},
        {"interval": 0},
        {"interval": "x"},
        {"timeout": 31},
        {"timeout": "nan"},
        {"down_after": 0},
        {"up_after": 10**9},
        {"statuses": "abc"},
        {"component_id": 10**9},
        {"kind": "carrier-pigeon"},
    ],
    ids=str,
)
def test_what_cannot_be_probed_is_refused_at_its_field_and_nothing_is_written(
    desk: Desk, changes: dict[str, object]
) -> None:
    with_probes()
    answer = desk.post(NEW, wish(**changes), page=NEW)
    assert answer.status_code == 422, answer.text
    assert 'role="alert"' in answer.text
    assert all_probes() == []


def test_a_probe_that_is_switched_off_takes_its_outage_with_it(desk: Desk) -> None:
    (one,) = with_probes("panel-a.login", target="https://panel-a.example.com/")
    stored(*saw(one, False, False))
    address = f"/staff/probes/{one}/edit"
    assert "https://panel-a.example.com/" in desk.get(address).text
    sent = wish(name="Renamed")
    del sent["enabled"]
    assert desk.post(address, sent, page=address).status_code == 303
    (changed,) = all_probes()
    assert (changed.name, changed.enabled, changed.verdict) == ("Renamed", False, Verdict.UNKNOWN)
    with reading() as session:
        assert session.scalars(select(Outage)).one().ended_at is not None


def test_the_last_results_of_a_probe_are_shown_in_words(desk: Desk) -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, True, False))
    page = desk.get(f"/staff/probes/{one}/").text
    assert "HTTP 500" in page
    assert "as expected" in page


def test_a_heartbeat_has_an_address_that_is_shown_once_and_replaced_by_the_next(desk: Desk, app: Flask) -> None:
    (one,) = with_probes("panel-a.login", kind=Kind.HEARTBEAT, target="", interval=60)
    addresses = []
    for _ in range(2):
        shown = desk.post(f"/staff/probes/{one}/token", page=f"/staff/probes/{one}/").text
        found = re.search(r"/api/v1/heartbeats/[\w-]+", shown)
        assert found
        addresses.append(found[0])
    stranger = app.test_client()
    assert stranger.post(addresses[0]).status_code == 404
    assert stranger.post(addresses[1]).status_code == 204
    assert stranger.get(addresses[1]).status_code == 405
    (beaten,) = all_probes()
    assert beaten.beat_at is not None
    assert addresses[1].rpartition("/")[2] not in desk.get(f"/staff/probes/{one}/").text


def test_a_viewer_looks_but_changes_nothing(app: Flask) -> None:
    viewer = desk_of(app, Role.VIEWER)
    (one,) = with_probes("panel-a.login")
    assert viewer.get("/staff/probes/").status_code == 200
    assert viewer.get(f"/staff/probes/{one}/").status_code == 200
    assert viewer.post(NEW, wish()).status_code == 403
    assert viewer.post(f"/staff/probes/{one}/edit", wish()).status_code == 403
    assert viewer.post(f"/staff/probes/{one}/token").status_code == 403


def test_a_probe_that_does_not_exist_is_not_found(desk: Desk) -> None:
    assert desk.get("/staff/probes/99/").status_code == 404
    assert desk.get("/staff/probes/99/edit").status_code == 404
