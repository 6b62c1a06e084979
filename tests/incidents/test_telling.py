"""What the machine says of outages: by itself only where it may, at the end as a proposal, never over our words."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from statuspage.audit.actions import Actor
from statuspage.db import Site, reading, transaction
from statuspage.incidents import actions
from statuspage.incidents.jobs import propose_ends
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage, Word
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage
from tests.incidents.test_outages import draft, incidents
from tests.probing.cases import START, saw, stored, with_probes
from tests.scenes import WARSAW, told
from tests.staff.desks import desk_of

ANNA = Actor("staff:1")
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START + timedelta(seconds=21), tick=False) as traveller:
        yield traveller


def ends() -> int:
    return propose_ends(("pl", "en"), WARSAW)


def stages(incident: Incident, *, out: bool) -> list[Stage]:
    return [one.status for one in incident.updates if (one.published_at is not None) is out]


def revision() -> int:
    with reading() as session:
        return session.scalars(select(Site.revision)).one()


def fell(*names: str, **fields: object) -> list[int]:
    made = with_probes(*names, **fields)
    stored(*[one for probe in made for one in saw(probe, True, False, False)])
    return made


def returned(*probes: int) -> None:
    stored(*[one for probe in probes for one in saw(probe, True, True, first=3)])


def test_a_probe_that_may_publishes_its_outage_at_once() -> None:
    fell("panel-b.login", publishes_itself=True)
    before = revision()
    draft()
    (incident,) = incidents()
    assert incident.published_at is not None
    assert stages(incident, out=True) == [Stage.INVESTIGATING]
    assert revision() > before, "the page has something new to show"


def test_where_one_of_the_probes_may_not_nothing_is_published() -> None:
    (one,) = with_probes("panel-b.login", publishes_itself=True)
    (other,) = with_probes("panel-b.api")
    stored(*saw(one, True, False, False), *saw(other, True, False, False))
    draft()
    (incident,) = incidents()
    assert incident.published_at is None


def test_a_gateway_makes_one_draft_about_all_functions_and_speaks_for_the_probes_behind_it() -> None:
    (gateway,) = with_probes("panel-b.login", gateway=True, publishes_itself=True)
    (behind,) = with_probes("panel-b.api")
    stored(*saw(gateway, True, False, False), *saw(behind, True, True, False, False))
    assert draft() == 1
    (incident,) = incidents()
    assert incident.published_at is not None
    assert len(incident.updates[0].affected) == 9
    assert {one.status for one in incident.updates[0].affected} == {Status.MAJOR}
    assert "cannot be reached at all" in incident.updates[0].body.read("en").text
    assert "nie da się połączyć" in incident.updates[0].body.read("pl").text


def test_where_only_a_part_of_its_probes_fails_the_draft_says_degraded() -> None:
    failing, fine = with_probes("panel-b.login", "panel-b.login")
    stored(*saw(failing, True, False, False), *saw(fine, True, True, True))
    draft()
    (incident,) = incidents()
    assert [one.status for one in incident.updates[0].affected] == [Status.DEGRADED]
    assert incident.impact is Impact.MINOR


def test_when_all_probes_are_back_monitoring_and_resolved_are_proposed_once_in_both_languages() -> None:
    login, api = fell("panel-b.login", "panel-b.api")
    draft()
    returned(login)
    assert ends() == 0, "one is still down"
    returned(api)
    assert (ends(), ends()) == (2, 0)
    (incident,) = incidents()
    assert incident.published_at is None
    assert set(stages(incident, out=False)) == {Stage.INVESTIGATING, Stage.MONITORING, Stage.RESOLVED}
    (over,) = [one for one in incident.updates if one.status is Stage.RESOLVED]
    assert over.body.read("en").text == "Panel B works again. This outage lasted from 01:47\u00a0CET to 01:47\u00a0CET."
    assert "Awaria trwała" in over.body.read("pl").text
    assert {one.component.public_id: one.status for one in over.affected} == {
        "panel-b.login": Status.OPERATIONAL,
        "panel-b.api": Status.OPERATIONAL,
    }


def test_proposals_that_were_thrown_away_do_not_come_back() -> None:
    (one,) = fell("panel-b.login")
    draft()
    returned(one)
    ends()
    with transaction() as session:
        for update_ in session.scalars(select(IncidentUpdate).where(IncidentUpdate.status != Stage.INVESTIGATING)):
            actions.discard_draft(session, ANNA, update_.uuid)
    assert ends() == 0
    assert len(incidents()[0].updates) == 1


def test_what_published_itself_says_by_itself_that_it_is_back_but_not_that_it_is_over() -> None:
    (one,) = fell("panel-b.login", publishes_itself=True)
    draft()
    returned(one)
    ends()
    (incident,) = incidents()
    assert stages(incident, out=True) == [Stage.INVESTIGATING, Stage.MONITORING]
    assert stages(incident, out=False) == [Stage.RESOLVED]
    assert incident.resolved_at is None


def test_where_a_person_has_spoken_the_machine_only_proposes() -> None:
    (one,) = fell("panel-b.login", publishes_itself=True)
    draft()
    (incident,) = incidents()
    with transaction() as session:
        word = Word(Stage.IDENTIFIED, told("Pożar.", "Fire."))
        actions.post_update(session, ANNA, incident.public_id, word)
    returned(one)
    ends()
    (incident,) = incidents()
    assert stages(incident, out=True) == [Stage.INVESTIGATING, Stage.IDENTIFIED]
    assert [one.body.read("en").text for one in incident.updates if one.status is Stage.IDENTIFIED] == ["Fire."]


@pytest.mark.parametrize(("stage", "proposed"), [(Stage.MONITORING, [Stage.RESOLVED]), (Stage.RESOLVED, [])])
def test_what_a_person_has_said_already_is_not_proposed_again(stage: Stage, proposed: list[Stage]) -> None:
    (one,) = fell("panel-b.login", publishes_itself=True)
    draft()
    with transaction() as session:
        actions.post_update(session, ANNA, incidents()[0].public_id, Word(stage, told("Już.", "Done.")))
    returned(one)
    ends()
    assert stages(incidents()[0], out=False) == proposed


def test_an_outage_that_nobody_was_told_of_has_no_end_to_tell() -> None:
    (one,) = fell("panel-b.login")
    returned(one)
    with transaction(quiet=True) as session:
        session.execute(update(Outage).values(drafted_at=START))
    assert ends() == 0
    assert incidents() == []


def test_staff_see_which_probe_saw_what(app: Flask) -> None:
    fell("panel-b.login")
    draft()
    desk = desk_of(app)
    page = desk.get(f"/staff/incidents/{incidents()[0].public_id}/").text
    assert "probe of panel-b.login: HTTP 500" in page
