"""From an outage to one draft, which staff alone see and nobody overwrites."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from statuspage.db import reading, transaction
from statuspage.incidents.jobs import draft_from_outages, publish_due
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.jobs import begin_late_outages
from statuspage.status.queries import effective_now
from tests.probing.cases import START, component_id, saw, stored, with_probes
from tests.scenes import WARSAW, both, texts, told

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START + timedelta(seconds=21), tick=False) as traveller:
        yield traveller


def draft() -> int:
    return draft_from_outages(("pl", "en"), WARSAW)


def incidents() -> list[Incident]:
    options = selectinload(Incident.updates).selectinload(IncidentUpdate.affected).selectinload(Affected.component)
    with reading() as session:
        found = list(session.scalars(select(Incident).options(options).order_by(Incident.id)))
        session.expunge_all()
        return found


def test_an_outage_becomes_one_draft_that_says_what_is_down_in_both_languages() -> None:
    login, api, fine = with_probes("panel-b.login", "panel-b.api", "panel-b.archive")
    stored(*saw(login, True, False, False), *saw(api, True, False, False), *saw(fine, True, True, True))
    assert draft() == 1
    assert draft() == 0
    (incident,) = incidents()
    assert (incident.title.read("pl").text, incident.title.read("en").text) == (
        "Problemy: Panel B",
        "Problems on Panel B",
    )
    assert incident.impact is Impact.CRITICAL
    assert incident.started_at == START + timedelta(seconds=10)
    (update,) = incident.updates
    assert {one.component.public_id: one.status for one in update.affected} == {
        "panel-b.login": Status.MAJOR,
        "panel-b.api": Status.MAJOR,
    }
    assert "Logging in, API" in update.body.read("en").text
    assert "01:47" in update.body.read("pl").text


def test_the_draft_is_for_staff_alone_and_the_component_is_red_by_its_probe() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True, False, False))
    draft()
    (incident,) = incidents()
    assert incident.published_at is None
    assert incident.updates[0].published_at is None
    with reading() as session:
        claim = effective_now(session, START + timedelta(seconds=21))[component_id(session, "panel-b.login")]
    assert (claim.status, claim.source) == (Status.MAJOR, "probe")


def test_a_draft_waits_until_it_is_known_which_probes_are_down_but_not_for_ever(now: time_machine.Traveller) -> None:
    login, api = with_probes("panel-b.login", "panel-b.api")
    stored(*saw(login, True, False, False), *saw(api, True, True, False))
    assert draft() == 0, "the other probe is about to fall"
    now.shift(timedelta(seconds=30))
    assert draft() == 1


def test_two_panels_make_two_drafts_and_a_relapse_a_third(now: time_machine.Traveller) -> None:
    one, other = with_probes("panel-a.api", "panel-b.login")
    stored(*saw(one, False, False, True), *saw(other, False, False, True))
    assert draft() == 2
    assert [incident.impact for incident in incidents()] == [Impact.MAJOR, Impact.CRITICAL]
    stored(*saw(one, True, False, False, first=3))
    now.shift(timedelta(seconds=30))
    assert draft() == 1


def test_what_staff_wrote_is_never_touched(now: time_machine.Traveller) -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, False, False))
    draft()
    with transaction() as session:
        session.scalars(select(Incident)).one().title = both("Pożar", "Fire")
    stored(*saw(one, False, True, True, first=2))
    now.shift(timedelta(hours=1))
    draft()
    (incident,) = incidents()
    assert incident.title == texts({"pl": "Pożar", "en": "Fire"})
    assert incident.resolved_at is None


def test_what_fails_during_maintenance_is_no_news_unless_it_stays_down_after(now: time_machine.Traveller) -> None:
    one, other = with_probes("panel-b.login", "panel-a.login")
    with transaction() as session:
        components = [session.get_one(Component, component_id(session, f"panel-{name}.login")) for name in "ab"]
        session.add(
            Maintenance(
                public_id="work",
                title=both("Prace", "Work"),
                body=told("Prace", "Work"),
                starts_at=START,
                ends_at=START + timedelta(minutes=2),
                announced_at=START,
                changed_at=START,
                components=components,
            )
        )
    stored(*saw(one, False, False), *saw(other, False, False, True, True))
    assert draft() == 0
    now.shift(timedelta(minutes=3))
    assert begin_late_outages() == 1
    assert begin_late_outages() == 0
    assert draft() == 1
    (incident,) = incidents()
    assert incident.title.read("en").text == "Problems on Panel B"
    assert incident.started_at == START + timedelta(minutes=3, seconds=21), "the time of the work is not counted"


def test_two_workers_that_draft_at_once_make_one_draft(app: Flask) -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, False, False))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                draft()
        except BaseException as error:  # noqa: BLE001  # shown in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(incidents()) == 1


def test_with_nothing_scheduled_nothing_is_published() -> None:
    with_probes("panel-b.login")
    assert publish_due() == 0
