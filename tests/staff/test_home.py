"""The desk's first page: all that needs somebody, each line a link to where it is done."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from statuspage import clock, db
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.failures import actions as failures
from statuspage.incidents.actions.cases import create, draft
from statuspage.incidents.models import IncidentUpdate
from statuspage.incidents.rules import Impact
from statuspage.leases.actions import hold
from statuspage.leases.rules import LEASE
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Panel
from statuspage.probing.models import Outage
from statuspage.recovery.models import LinkRequest
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import open_form

UPDATE = f"/staff/incidents/{scenes.FIRE}/update"


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    with db.transaction(quiet=True) as session:
        hold(session, LEASE, "a worker", 10)
    return desk_of(app)


def waiting(desk: Desk) -> dict[str, str]:
    """Each line of what needs somebody, with the address it leads to; each address opens."""
    page = html.fromstring(desk.get("/staff/").text)
    found = {}
    for line in page.xpath("//ul[@class='waiting']/li"):
        (place,) = line.xpath("a/@href") or [""]
        assert not place or desk.get(place).status_code == 200, place
        found[re.sub(r"\s+", " ", line.text_content()).strip()] = place
    return found


def lines(desk: Desk, kind: str) -> dict[str, str]:
    return {line: place for line, place in waiting(desk).items() if line.startswith(kind)}


def live_at(site: Site, words: str) -> None:
    scenes.live_at(scenes.at(words))
    site.publisher.publish()


def test_a_promise_that_passed_leads_to_the_composer(anna: Desk, scene: Site) -> None:
    assert lines(anna, "An update was promised") == {}
    live_at(scene, "2021-03-22 16:01")
    (line,) = lines(anna, "An update was promised").items()
    assert "Data centre fire" in line[0]
    assert "16:00" in line[0]
    assert line[1] == UPDATE


def test_silence_is_named_after_the_set_time_and_not_before(anna: Desk, scene: Site) -> None:
    open_form(anna, f"/staff/incidents/{scenes.FIRE}/promise").send(next_update_by="")
    live_at(scene, "2021-03-22 16:29")  # the last update is of 12:30
    assert lines(anna, "Nothing posted for long") == {}
    live_at(scene, "2021-03-22 16:30")
    assert list(lines(anna, "Nothing posted for long").values()) == [UPDATE]
    open_form(anna, UPDATE).send(act="publish", body__pl="Nadal pracujemy.", body__en="Still at it.")
    assert lines(anna, "Nothing posted for long") == {}


def test_an_overdue_estimate_leads_to_a_new_date_for_the_same_thing(anna: Desk, scene: Site) -> None:
    live_at(scene, "2021-03-23 00:01")
    overdue = lines(anna, "An estimate is overdue")
    assert "/staff/estimates/new?about=panel:panel-c" in overdue.values()
    assert "Panel C" in " ".join(overdue)


def test_drafts_of_checks_of_people_and_what_goes_out_by_itself(anna: Desk) -> None:
    with db.transaction(quiet=True) as session:
        panel = session.scalars(select(Panel)).first()
        assert panel is not None
        outage = Outage(panel_id=panel.id, started_at=clock.now())
        session.add(outage)
        session.flush()
        draft(session, SYSTEM, outage, title=scenes.both("Sonda", "A probe"), impact=Impact.MINOR)
        create(session, SYSTEM, title=scenes.both("Ręką", "By hand"), impact=Impact.MINOR, started_at=clock.now())
    open_form(anna, UPDATE).send(act="draft", body__pl="Szkic.")
    open_form(anna, UPDATE).send(act="publish", body__pl="Później.", publish_at="2021-03-22T18:00")
    assert "A probe" in " ".join(lines(anna, "A check began a draft"))
    assert "By hand" in " ".join(lines(anna, "A draft"))
    (later,) = lines(anna, "An update goes out by itself").items()
    assert "18:00" in later[0]
    with db.reading() as session:
        uuids = [str(one.uuid) for one in session.scalars(select(IncidentUpdate).order_by(IncidentUpdate.id))][-2:]
    (waits,) = lines(anna, "An update waits as a draft").values()
    assert [waits.rpartition("/")[2], later[1].rpartition("/")[2]] == uuids


def test_translations_that_readers_miss(anna: Desk) -> None:
    open_form(anna, UPDATE).send(act="publish", body__pl="Tylko po polsku.")
    missing = {line: place for line, place in lines(anna, "A translation is missing").items() if "/updates/" in place}
    assert "Data centre fire (English)" in " ".join(missing)
    open_form(anna, f"/staff/incidents/{scenes.FIRE}/summary").send(summary__pl="Panel C wraca.")
    stale = lines(anna, "A translation is older than its text").values()
    assert f"/staff/incidents/{scenes.FIRE}/summary" in stale


def test_work_that_begins_within_a_day(anna: Desk, scene: Site) -> None:
    with db.reading() as session:
        work = session.scalars(select(Maintenance).order_by(Maintenance.starts_at.desc())).first()
    assert work is not None
    scenes.live_at(work.starts_at - timedelta(hours=25))
    scene.publisher.publish()
    assert lines(anna, "Planned work begins") == {}
    scenes.live_at(work.starts_at - timedelta(hours=23))
    scene.publisher.publish()
    assert list(lines(anna, "Planned work begins").values()) == [f"/staff/maintenance/{work.public_id}/"]


def test_customers_who_wait_for_a_link_are_counted_once_a_login(anna: Desk) -> None:
    with db.transaction(quiet=True) as session:
        session.add_all(LinkRequest(login_hash=bytes([n % 2] * 32), requested_at=clock.wall()) for n in range(3))
    (line,) = lines(anna, "Customers wait for their link").items()
    assert "2 accounts" in line[0].replace("\u00a0", " ")
    assert line[1] == "/staff/recovery/"


def test_a_failing_job_is_named_until_it_works_or_its_worker_is_gone(anna: Desk) -> None:
    wall = clock.wall()
    with db.transaction(quiet=True) as session:
        failures.note(session, "mail links", "one", "OSError", wall, timedelta(minutes=1))
        failures.note(session, "mail links", "dead", "OSError", wall - timedelta(hours=1), timedelta(minutes=1))
    (line,) = lines(anna, "A job fails")
    assert "mail links (OSError)" in line
    with db.transaction(quiet=True) as session:
        failures.clear(session, "mail links", "one", wall)
    assert lines(anna, "A job fails") == {}


def test_a_worker_that_is_not_there_and_a_page_that_is_old(anna: Desk, scene: Site) -> None:
    assert "The worker is running." in anna.get("/staff/").text
    assert lines(anna, "No worker is running") == lines(anna, "The page is old") == {}
    with db.transaction(quiet=True) as session:
        hold(session, LEASE, "a worker", -1)
    assert len(lines(anna, "No worker is running")) == 1
    scenes.live_at(scenes.NOW + timedelta(minutes=3))
    assert list(lines(anna, "The page is old").values()) == ["/"]


def test_who_is_here_and_what_they_have_not_sent(app: Flask, anna: Desk) -> None:
    desk_of(app, Role.ADMIN)
    sheet = open_form(anna, UPDATE)
    anna.send(
        "/staff/unsent", {**sheet.fields, "body-pl": "x", "unsent-place": UPDATE, "unsent-title": "Post an update"}
    )
    (line,) = lines(anna, "Typed and not sent").items()
    assert "Post an update" in line[0]
    assert line[1].startswith(f"{UPDATE}?unsent=")
    page = anna.get("/staff/").text
    assert {"admin@example.com", "editor@example.com"} <= set(re.findall(r"<li>(\S+@example.com)", page))


def test_whoever_comes_on_shift_finds_what_was_handed_over_until_the_incident_is_over(anna: Desk) -> None:
    for words in ("Raz.", "Dwa."):
        open_form(anna, f"/staff/incidents/{scenes.FIRE}/handover").send(body=words)
    assert list(lines(anna, "Handed over to you").values()) == [f"/staff/incidents/{scenes.FIRE}/#handover"]
    open_form(anna, UPDATE).send(act="publish", stage="resolved", body__pl="Koniec.", body__en="Over.")
    assert lines(anna, "Handed over to you") == {}


def test_a_desk_with_nothing_to_do_says_so(app: Flask, site: Site) -> None:
    with db.transaction(quiet=True) as session:
        hold(session, LEASE, "a worker", 10)
    site.publisher.publish()
    assert "Nothing is waiting for anybody." in desk_of(app).get("/staff/").text
