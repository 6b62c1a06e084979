"""Uptime and promises as JSON: what the pages say, for programs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from statuspage import db
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing
from statuspage.uptime.models import DayUptime
from statuspage.web.site import Site
from tests import scenes

PATHS = ("/api/v1/uptime", "/api/v1/estimates")
DAY = 24 * 3600


def read(site: Site, name: str) -> Any:
    return json.loads(site.store.current.pages[f"/api/v1/{name}"].body())


def uptime(site: Site, slug: str) -> Any:
    (panel,) = (one for one in read(site, "uptime")["panels"] if one["panel"] == slug)
    return panel


def test_uptime_says_its_formula_in_both_languages(scene: Site) -> None:
    formula = read(scene, "uptime")["formula"]
    assert set(formula) == {"pl", "en", "source"}
    assert formula["en"].startswith("Share of time in which functions worked")
    assert formula["pl"] != formula["en"]


def test_uptime_has_90_days_and_their_months(scene: Site) -> None:
    panel = uptime(scene, "panel-a")
    assert panel["name"] == {"pl": "Panel A", "en": "Panel A", "source": "pl"}
    assert panel["ninety_days"] == {"share": round(1 - 20 / (90 * 24), 6), "known_seconds": 90 * DAY}
    days = {one["day"]: one for one in panel["days"]}
    assert (len(days), panel["days"][-1]["day"]) == (90, "2021-03-22")
    burning = {"day": "2021-03-10", "share": round(4 / 24, 6), "known_seconds": DAY, "worst": "major_outage"}
    assert days["2021-03-10"] == burning
    months = {one["month"]: one for one in panel["months"]}
    assert list(months) == ["2020-12", "2021-01", "2021-02", "2021-03"]
    assert (months["2020-12"]["from"], months["2020-12"]["until"]) == ("2020-12-23", "2020-12-31")
    assert months["2021-02"] == {
        "month": "2021-02",
        "from": "2021-02-01",
        "until": "2021-02-28",
        "share": 1.0,
        "known_seconds": 28 * DAY,
    }
    assert months["2021-03"]["share"] == round(1 - 20 / (22 * 24), 6)


def test_where_nobody_looked_the_share_is_null_and_not_zero(scene: Site) -> None:
    panel = uptime(scene, "panel-d")
    assert panel["days"][0] == {"day": "2020-12-23", "share": None, "known_seconds": 0, "worst": "unknown"}
    assert panel["months"][0]["share"] is None
    assert panel["ninety_days"] == {"share": 1.0, "known_seconds": 12 * DAY}


def test_planned_work_and_silence_are_not_known_seconds(scene: Site) -> None:
    with db.transaction() as session:
        row = session.query(DayUptime).order_by(DayUptime.component_id, DayUptime.day.desc()).first()
        assert row is not None
        row.operational, row.maintenance, row.unknown = 10 * 3600, 8 * 3600, 6 * 3600
    scene.publisher.publish()
    assert uptime(scene, "panel-a")["days"][-1]["known_seconds"] == 10 * 3600


def test_every_promise_is_told_with_its_source_and_its_end(scene: Site) -> None:
    (ledger,) = read(scene, "estimates")["estimates"]
    assert ledger["subject"] == {"kind": "panel", "id": "panel-c"}
    assert (ledger["slips"], ledger["overdue"]) == (2, False)
    assert [one["closing"] for one in ledger["promises"]] == ["superseded", "superseded", None]
    last = ledger["promises"][-1]
    assert ledger["current"] == last
    assert last["source"] == {
        "pl": "według dostawcy serwerów",
        "en": "according to the hosting provider",
        "source": "pl",
    }
    assert (last["starts_at"], last["ends_at"]) == ("2021-03-21T23:00:00Z", "2021-03-22T23:00:00Z")
    assert (last["said_at"], last["confidence"], last["quote"]) == ("2021-03-18T19:15:00Z", "low", None)


def test_a_promise_that_passed_is_overdue_and_one_that_is_closed_is_not(scene: Site) -> None:
    scenes.live_at(scenes.at("2021-03-23 00:00"))
    scene.publisher.publish()
    (ledger,) = read(scene, "estimates")["estimates"]
    assert ledger["overdue"] is True
    with db.transaction() as session:
        for one in session.query(Estimate).filter(Estimate.closing.is_(None)):
            one.closing, one.closed_at = Closing.MISSED, scenes.at("2021-03-23 09:00")
    scene.publisher.publish()
    (ledger,) = read(scene, "estimates")["estimates"]
    assert (ledger["overdue"], ledger["current"], ledger["promises"][-1]["closing"]) == (False, None, "missed")
    assert ledger["promises"][-1]["closed_at"] == "2021-03-23T08:00:00Z"


def test_a_translation_that_is_older_than_its_source_is_left_out(scene: Site) -> None:
    with db.transaction() as session:
        for one in session.query(Estimate):
            one.source = one.source.revised({"pl": "według nas"})
    scene.publisher.publish()
    (ledger,) = read(scene, "estimates")["estimates"]
    assert ledger["promises"][0]["source"] == {"pl": "według nas", "source": "pl"}


@pytest.mark.parametrize("path", PATHS)
def test_time_alone_renders_neither_anew(scene: Site, path: str) -> None:
    before = scene.store.current.pages[path].entry.fingerprint
    scenes.live_at(scenes.NOW + timedelta(minutes=10))
    assert scene.publisher.publish().pages[path].entry.fingerprint == before


@pytest.mark.parametrize("path", PATHS)
def test_any_page_of_the_web_may_read_them(scene: Site, client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_they_are_described(scene: Site, client: FlaskClient) -> None:
    description = client.get("/api/openapi.json").json
    assert description is not None
    validate(description)
    assert all("security" not in description["paths"][path]["get"] for path in PATHS)
