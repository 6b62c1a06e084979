"""What is told late at the desk changes the spans and the uptime of the days that it touches."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.panels.rules import Status
from statuspage.status.models import Span
from statuspage.uptime.models import DayUptime
from statuspage.web.site import Site
from tests import scenes
from tests.probing.cases import component_id
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import open_form

UPDATE = f"/staff/incidents/{scenes.FIRE}/update"
HOUR = 3600


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def spans(public_id: str) -> list[tuple[Status, datetime, datetime | None]]:
    with db.reading() as session:
        found = select(Span).where(Span.component_id == component_id(session, public_id)).order_by(Span.started_at)
        return [(one.status, one.started_at, one.ended_at) for one in session.scalars(found)]


def down(public_id: str) -> dict[date, int]:
    with db.reading() as session:
        found = select(DayUptime).where(DayUptime.component_id == component_id(session, public_id))
        return {row.day: row.major for row in session.scalars(found)}


def tell(anna: Desk, when: str, **fields: str) -> None:
    answer = open_form(anna, UPDATE).filled(
        {"act": "publish", "stage": "identified", "body-pl": "Już wiemy.", "told_at": when, **fields}
    )
    assert answer.status_code == 303


def test_an_outage_told_late_and_then_its_end_are_counted_on_their_days_and_on_no_others(anna: Desk) -> None:
    other = down("panel-b.login"), spans("panel-b.login")
    tell(anna, "2021-03-20T22:00", **{"components-panel-d.login": "major_outage"})
    assert spans("panel-d.login") == [(Status.MAJOR, scenes.at("2021-03-20 22:00"), None)]
    assert down("panel-d.login")[date(2021, 3, 21)] == 24 * HOUR
    tell(anna, "2021-03-21T03:00", **{"components-panel-d.login": "operational"})
    assert [status for status, _, _ in spans("panel-d.login")] == [Status.MAJOR, Status.OPERATIONAL]
    counted = down("panel-d.login")
    assert [counted[date(2021, 3, day)] for day in (19, 20, 21, 22)] == [0, 2 * HOUR, 3 * HOUR, 0]
    assert (down("panel-b.login"), spans("panel-b.login")) == other


def test_an_end_told_late_ends_the_outage_of_every_component_that_the_incident_named(anna: Desk) -> None:
    assert spans("panel-c.login")[-1][::2] == (Status.MAJOR, None)
    tell(anna, "2021-03-22T13:00", stage="resolved")
    assert [status for status, _, _ in spans("panel-c.login")] == [Status.OPERATIONAL]
    assert spans("panel-d.login")[-1][1] > scenes.at("2021-03-22 13:00")
