"""The Statuspage-compatible JSON: field for field what its readers expect."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from statuspage import db
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.publishing.store import Version
from statuspage.web.site import Site
from tests import scenes

NAMES = (
    "summary",
    "status",
    "components",
    "incidents",
    "incidents/unresolved",
    "scheduled-maintenances",
    "scheduled-maintenances/upcoming",
    "scheduled-maintenances/active",
)
COMPONENT = {
    "id",
    "name",
    "status",
    "created_at",
    "updated_at",
    "position",
    "description",
    "showcase",
    "start_date",
    "group_id",
    "page_id",
    "group",
    "only_show_if_degraded",
}
UPDATE = {
    "id",
    "status",
    "body",
    "incident_id",
    "created_at",
    "updated_at",
    "display_at",
    "affected_components",
    "deliver_notifications",
    "custom_tweet",
    "tweet_id",
}
INCIDENT = {
    "id",
    "name",
    "status",
    "created_at",
    "updated_at",
    "monitoring_at",
    "resolved_at",
    "impact",
    "shortlink",
    "started_at",
    "page_id",
    "incident_updates",
    "components",
    "reminder_intervals",
}
STATUSES = {"operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"}


@pytest.fixture
def published(site: Site) -> Version:
    scenes.live_at()
    with db.transaction() as session:
        scenes.everything(session)
    return site.publisher.publish()


def read(version: Version, name: str) -> Any:
    return json.loads(version.pages[f"/api/v2/{name}.json"].body())


def test_every_document_says_which_page_it_is_of(published: Version) -> None:
    for name in NAMES:
        page = read(published, name)["page"]
        assert set(page) == {"id", "name", "url", "time_zone", "updated_at"}
        assert (page["name"], page["url"], page["time_zone"]) == ("Acme", "http://127.0.0.1:8000", "Europe/Warsaw")


def test_each_document_has_its_parts_and_no_others(published: Version) -> None:
    parts = {name: set(read(published, name)) - {"page"} for name in NAMES}
    assert parts == {
        "summary": {"status", "components", "incidents", "scheduled_maintenances"},
        "status": {"status"},
        "components": {"components"},
        "incidents": {"incidents"},
        "incidents/unresolved": {"incidents"},
        "scheduled-maintenances": {"scheduled_maintenances"},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances"},
        "scheduled-maintenances/active": {"scheduled_maintenances"},
    }


def test_a_panel_is_a_group_and_its_functions_are_the_children(published: Version) -> None:
    components = read(published, "components")["components"]
    groups = [one for one in components if one["group"]]
    assert [one["name"] for one in groups] == ["Panel A", "Panel B", "Panel C", "Panel D"]
    for group in groups:
        children = [one for one in components if one["group_id"] == group["id"]]
        assert set(group) == COMPONENT | {"components"}
        assert [child["id"] for child in children] == group["components"]
        assert all(set(child) == COMPONENT and not child["group"] for child in children)
        assert len(children) == 9
    assert {one["status"] for one in components} <= STATUSES
    warehouse = next(one for one in components if one["id"] == "panel-a.warehouse")
    assert (warehouse["name"], warehouse["status"]) == ("Magazyn", "degraded_performance")
    assert warehouse["description"] == "działa; może potrwać dłużej"


def test_the_worst_panel_speaks_for_the_page(published: Version) -> None:
    status = read(published, "status")["status"]
    assert status["indicator"] == "critical"
    assert status["description"].startswith("Panel C: nie działa")
    assert "Panel D" not in status["description"]


def test_a_page_without_trouble_says_none(site: Site) -> None:
    with db.transaction() as session:
        scenes.panels(session)
    status = read(site.publisher.publish(), "summary")["status"]
    assert status == {"indicator": "none", "description": "Wszystkie panele działają"}


def test_unknown_is_degraded_and_says_so_in_words(site: Site) -> None:
    with db.transaction() as session:
        scenes.panels(session)
        for component in session.query(Component).filter(Component.id <= 2):
            component.override, component.override_at = Status.UNKNOWN, scenes.at("2021-03-22 13:00")
        other = session.get(Component, 3)
        assert other is not None
        other.override, other.override_at = Status.DEGRADED, scenes.at("2021-03-22 13:00")
    components = read(site.publisher.publish(), "components")["components"]
    silent = [one for one in components if (one["description"] or "").startswith("Brak danych od: ")]
    assert [one["status"] for one in silent] == ["degraded_performance"] * 2
    assert sum(one["status"] == "degraded_performance" and not one["group"] for one in components) == 3


def test_an_incident_has_its_updates_newest_first(published: Version) -> None:
    (incident,) = read(published, "incidents/unresolved")["incidents"]
    assert set(incident) == INCIDENT
    assert (incident["id"], incident["status"], incident["impact"]) == ("fire2021", "identified", "critical")
    assert incident["shortlink"] == "http://127.0.0.1:8000/incidents/fire2021/"
    updates = incident["incident_updates"]
    assert [set(one) for one in updates] == [UPDATE] * 3
    assert updates[0]["body"] == "Magazyn panelu A działa, ale wolno."
    assert updates[0]["affected_components"][0] == {
        "code": "panel-a.warehouse",
        "name": "Panel A - Magazyn",
        "old_status": "operational",
        "new_status": "degraded_performance",
    }
    assert updates[1]["updated_at"] == "2021-03-11T15:40:00.000Z"
    assert updates[1]["created_at"] == "2021-03-11T15:10:00.000Z"
    assert len(incident["components"]) == 27


def test_planned_work_is_upcoming_then_active_then_neither(published: Version, site: Site) -> None:
    (work,) = read(published, "scheduled-maintenances/upcoming")["scheduled_maintenances"]
    assert set(work) == INCIDENT | {"scheduled_for", "scheduled_until"}
    assert (work["status"], work["impact"]) == ("scheduled", "maintenance")
    assert work["scheduled_for"] == "2021-03-27T23:30:00.000Z"
    assert [set(one) for one in work["incident_updates"]] == [UPDATE] * 2
    assert read(published, "scheduled-maintenances/active")["scheduled_maintenances"] == []

    scenes.live_at(scenes.at("2021-03-28 01:00"))
    during = site.publisher.publish()
    (active,) = read(during, "scheduled-maintenances/active")["scheduled_maintenances"]
    assert active["status"] == "in_progress"
    assert read(during, "scheduled-maintenances/upcoming")["scheduled_maintenances"] == []

    scenes.live_at(scenes.at("2021-03-28 05:00"))
    after = site.publisher.publish()
    assert read(after, "scheduled-maintenances/active")["scheduled_maintenances"] == []
    (done,) = read(after, "scheduled-maintenances")["scheduled_maintenances"]
    assert (done["status"], done["resolved_at"]) == ("completed", "2021-03-28T02:00:00.000Z")
    assert read(after, "summary")["scheduled_maintenances"] == []


def test_planned_work_that_was_edited_is_updated_then(published: Version, site: Site) -> None:
    (before,) = read(published, "scheduled-maintenances")["scheduled_maintenances"]
    with db.transaction() as session:
        session.query(Maintenance).one().changed_at = scenes.at("2021-03-23 09:00")
    (after,) = read(site.publisher.publish(), "scheduled-maintenances")["scheduled_maintenances"]
    assert (before["updated_at"], after["updated_at"]) == ("2021-03-19T11:00:00.000Z", "2021-03-23T08:00:00.000Z")
    assert after["created_at"] == before["created_at"]


def test_cancelled_work_is_not_there(published: Version, site: Site) -> None:
    with db.transaction() as session:
        session.query(Maintenance).one().cancelled_at = scenes.NOW
    assert read(site.publisher.publish(), "scheduled-maintenances")["scheduled_maintenances"] == []


def test_every_time_is_in_utc(published: Version) -> None:
    words = json.dumps([read(published, name) for name in NAMES])
    times = re.findall(r'"[a-z_]+(?:_at|_for|_until)": "([^"]+)"', words)
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one) for one in times)


def test_any_page_of_the_web_may_read_it(published: Version, client: FlaskClient) -> None:
    for name in NAMES:
        response = client.get(f"/api/v2/{name}.json")
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.content_type == "application/json"


def test_time_alone_renders_only_the_summary_and_the_status_anew(published: Version, site: Site) -> None:
    scenes.live_at(scenes.NOW + timedelta(minutes=10))
    later = site.publisher.publish()
    inputs = [
        {name: version.pages[f"/api/v2/{name}.json"].entry.fingerprint for name in NAMES}
        for version in (published, later)
    ]
    assert {name for name in NAMES if inputs[0][name] != inputs[1][name]} == {"summary", "status"}
