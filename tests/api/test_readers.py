"""A reader written as clients of that API are: typed, strict about names, kinds and words, unaware of us."""

from datetime import datetime
from typing import Literal

import pytest
from flask.testing import FlaskClient
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from statuspage import db
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import Impact, Stage
from statuspage.maintenance.rules import Phase
from statuspage.panels.models import Component as Row
from statuspage.panels.rules import Status as Words
from statuspage.texts.rules import prose, texts
from statuspage.web.site import Site
from tests import scenes

ComponentStatus = Literal["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Model):
    id: str
    name: str
    url: str
    time_zone: str
    updated_at: AwareDatetime


class Status(Model):
    indicator: Literal["none", "minor", "major", "critical", "maintenance"]
    description: str


class Component(Model):
    id: str
    name: str
    status: ComponentStatus
    created_at: AwareDatetime
    updated_at: AwareDatetime
    position: int
    description: str | None
    showcase: bool
    start_date: datetime | None
    group_id: str | None
    page_id: str
    group: bool
    only_show_if_degraded: bool
    components: list[str] = []


class Affected(Model):
    code: str
    name: str
    old_status: ComponentStatus
    new_status: ComponentStatus


class Update(Model):
    id: str
    status: str
    body: str
    incident_id: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    display_at: AwareDatetime
    affected_components: list[Affected] | None
    deliver_notifications: bool
    custom_tweet: str | None
    tweet_id: str | None


class Anything(Model):
    id: str
    name: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    monitoring_at: AwareDatetime | None
    resolved_at: AwareDatetime | None
    shortlink: str
    started_at: AwareDatetime
    page_id: str
    incident_updates: list[Update]
    components: list[Component]
    reminder_intervals: str | None


class Told(Anything):
    status: Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
    impact: Literal["none", "minor", "major", "critical"]


class Work(Anything):
    status: Literal["scheduled", "in_progress", "verifying", "completed"]
    impact: Literal["none", "minor", "major", "critical", "maintenance"]
    scheduled_for: AwareDatetime
    scheduled_until: AwareDatetime


class StatusAnswer(Model):
    page: Page
    status: Status


class ComponentsAnswer(Model):
    page: Page
    components: list[Component]


class IncidentsAnswer(Model):
    page: Page
    incidents: list[Told]


class WorksAnswer(Model):
    page: Page
    scheduled_maintenances: list[Work]


class Summary(Model):
    page: Page
    status: Status
    components: list[Component]
    incidents: list[Told]
    scheduled_maintenances: list[Work]


class Reader:
    """Asks one status page, as such clients do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def _get(self, name: str, shape: type[BaseModel]) -> BaseModel:
        answer = self.client.get(
            f"/api/v2/{name}.json", headers={"Accept": "application/json", "Origin": "https://x.io"}
        )
        assert answer.status_code == 200
        assert answer.content_type.startswith("application/json")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return TypeAdapter(shape).validate_json(answer.data)

    def all(self) -> list[BaseModel]:
        shapes: dict[str, type[BaseModel]] = {
            "status": StatusAnswer,
            "components": ComponentsAnswer,
            "incidents": IncidentsAnswer,
            "incidents/unresolved": IncidentsAnswer,
            "scheduled-maintenances": WorksAnswer,
            "scheduled-maintenances/upcoming": WorksAnswer,
            "scheduled-maintenances/active": WorksAnswer,
        }
        return [self._get(name, shape) for name, shape in shapes.items()]

    def summary(self) -> Summary:
        found = self._get("summary", Summary)
        assert isinstance(found, Summary)
        return found

    def incidents(self, name: str) -> list[str]:
        found = self._get(name, IncidentsAnswer)
        assert isinstance(found, IncidentsAnswer)
        return [one.id for one in found.incidents]


@pytest.fixture
def reader(scene: Site, client: FlaskClient) -> Reader:
    return Reader(client)


def test_it_understands_all_eight_documents(reader: Reader) -> None:
    assert len(reader.all()) == 7
    assert reader.summary().status.indicator == "critical"


@pytest.mark.parametrize("when", ["2021-03-22 14:05", "2021-03-28 01:00", "2021-03-28 05:00"])
def test_it_understands_them_before_during_and_after_work(scene: Site, reader: Reader, when: str) -> None:
    scenes.live_at(scenes.at(when))
    scene.publisher.publish()
    reader.all()
    reader.summary()


@pytest.mark.parametrize("status", list(Words))
def test_it_understands_every_status(scene: Site, reader: Reader, status: Words) -> None:
    with db.transaction() as session:
        for row in session.query(Row):
            row.override, row.override_at = status, scenes.NOW
    scene.publisher.publish()
    expected = "degraded_performance" if status is Words.UNKNOWN else status.value
    assert expected in {one.status for one in reader.summary().components}
    reader.all()


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("impact", list(Impact))
def test_it_understands_every_incident(scene: Site, reader: Reader, stage: Stage, impact: Impact) -> None:
    with db.transaction() as session:
        incident = session.query(Incident).one()
        incident.status, incident.impact = stage, impact
        for update in incident.updates:
            update.status = stage
    scene.publisher.publish()
    reader.all()
    assert reader.incidents("incidents") == [scenes.FIRE]
    assert reader.incidents("incidents/unresolved") == ([] if stage.is_over else [scenes.FIRE])


def test_it_finds_the_newest_incident_first_and_the_groups_by_their_children(scene: Site, reader: Reader) -> None:
    with db.transaction() as session:
        said = scenes.at("2021-03-20 10:00")
        title, summary = texts({"pl": "Drobiazg"}), prose({"pl": "Drobiazg."})
        session.add(
            Incident(
                public_id="small",
                title=title,
                impact=Impact.MINOR,
                status=Stage.MONITORING,
                summary=summary,
                started_at=scenes.at("2021-03-01 10:00"),
                published_at=said,
            )
        )
    scene.publisher.publish()
    assert reader.incidents("incidents") == reader.incidents("incidents/unresolved") == ["small", scenes.FIRE]
    summary = reader.summary()
    by_id = {one.id: one for one in summary.components}
    for group in (one for one in summary.components if one.group):
        assert all(by_id[child].group_id == group.id for child in group.components)
    assert {one.id for one in summary.components if not one.group} == {
        child for one in summary.components for child in one.components
    }


def test_no_phase_of_work_is_a_word_it_does_not_know() -> None:
    assert {phase.value for phase in Phase} == {"scheduled", "in_progress", "verifying", "completed"}
