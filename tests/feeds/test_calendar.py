"""Planned work as a calendar that other programs understand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from statuspage import db
from statuspage.audit.actions import Actor
from statuspage.maintenance.actions import Window, cancel, edit, post_update
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.rules import Phase
from statuspage.publishing.store import Version
from statuspage.texts.rules import prose, texts
from statuspage.web.site import Site
from tests import scenes

ANNA = Actor("staff:1")


def raw(version: Version, path: str = "/calendar.ics") -> bytes:
    return version.pages[path].body()


def events(version: Version, path: str = "/calendar.ics") -> list[Event]:
    return [one for one in Calendar.from_ical(raw(version, path)).walk("VEVENT") if isinstance(one, Event)]


def only(version: Version, path: str = "/calendar.ics") -> Event:
    (event,) = events(version, path)
    return event


def test_planned_work_is_an_event_in_each_language(scene: Site) -> None:
    event = only(scene.store.current, "/en/calendar.ics")
    assert event["SUMMARY"] == "Planned work: New storage for panels A and B"
    assert event.decoded("DTSTART") == datetime(2021, 3, 27, 23, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2021, 3, 28, 2, 0, tzinfo=UTC)
    assert (event["STATUS"], event["URL"]) == ("CONFIRMED", "http://127.0.0.1:8000/en/maintenance/storage2021/")
    assert list(event["CATEGORIES"].cats) == ["planned work", "Panel A", "Panel B"]
    assert event["DESCRIPTION"].replace("\u00a0", " ") == (
        "Latest update, Friday 19 March, 12:00 CET:\nPrint your labels on Saturday.\n\n"
        "There is no archive during this time.\n\nhttp://127.0.0.1:8000/en/maintenance/storage2021/"
    )
    polish = only(scene.store.current)
    assert (polish["UID"], polish["SUMMARY"]) == (event["UID"], "Prace planowe: Nowe dyski na panelach A i B")


def test_the_calendar_has_a_name_and_says_when_to_ask_again(scene: Site) -> None:
    calendar = Calendar.from_ical(raw(scene.store.current))
    assert calendar["X-WR-CALNAME"] == "Acme · Prace planowe"
    assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=1)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in raw(scene.store.current)


def test_lines_end_as_the_standard_says_and_are_folded(scene: Site, client: FlaskClient) -> None:
    lines = raw(scene.store.current).split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    answer = client.get("/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_hard_words_survive(scene: Site) -> None:
    title = "Zażółć gęślą jaźń; dyski, „szybkie” \\ i ciche: część 2"
    body = (
        "Pierwszy wiersz, z przecinkiem; i średnikiem.\n\n- żółw\n- **gęś**\n\n"
        + "Długie zdanie ze znakami ąęłóśżź. " * 9
    )
    with db.transaction() as session:
        work = session.query(Maintenance).one()
        work.title, work.body = texts({"pl": title}), prose({"pl": body})
    event = only(scene.publisher.publish())
    assert event["SUMMARY"] == f"Prace planowe: {title}"
    assert "Pierwszy wiersz, z przecinkiem; i średnikiem.\nżółw\ngęś\nDługie zdanie" in event["DESCRIPTION"]


def test_a_missing_translation_is_the_original_and_says_so(scene: Site) -> None:
    with db.transaction() as session:
        session.query(Maintenance).one().body = prose({"pl": "Bez archiwum."})
    said = only(scene.publisher.publish(), "/en/calendar.ics")["DESCRIPTION"]
    assert "There is no translation yet. The original (Polski):\nBez archiwum." in said


def test_the_same_facts_give_the_same_bytes_whatever_the_time(scene: Site) -> None:
    before = raw(scene.store.current)
    scenes.live_at(scenes.NOW + timedelta(days=1))
    scene.publisher.build = "another build, so that all is rendered anew"
    assert raw(scene.publisher.publish()) == before


def test_a_change_keeps_the_uid_and_grows_the_sequence(scene: Site) -> None:
    first = only(scene.store.current)
    scenes.live_at(scenes.at("2021-03-23 09:00"))
    night = Window(scenes.at("2021-03-29 00:30"), scenes.at("2021-03-29 04:00"), ("panel-a.archive",))
    with db.transaction() as session:
        edit(session, ANNA, "storage2021", title={}, body={}, window=night)
    second = only(scene.publisher.publish())
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second.decoded("DTSTAMP") == second.decoded("LAST-MODIFIED")
    assert second.decoded("DTSTAMP").replace(second=0) == datetime(2021, 3, 23, 8, tzinfo=UTC)
    assert second.decoded("DTSTART") == datetime(2021, 3, 28, 22, 30, tzinfo=UTC)
    scenes.live_at(scenes.at("2021-03-29 03:00"))
    with db.transaction() as session:
        post_update(session, ANNA, "storage2021", phase=Phase.COMPLETED, body=prose({"pl": "Gotowe."}))
    third = only(scene.publisher.publish())
    assert (third["UID"], third["STATUS"]) == (first["UID"], "CONFIRMED")
    assert third["SEQUENCE"] > second["SEQUENCE"]
    assert "Gotowe." in third["DESCRIPTION"]


def test_the_uid_is_the_works_own_and_does_not_depend_on_the_address_of_the_site(scene: Site) -> None:
    first = only(scene.store.current)
    UUID(first["UID"])
    publisher = scene.publisher
    publisher.brand = replace(publisher.brand, base_url="https://status.example.org")
    moved = only(publisher.publish())
    assert moved["UID"] == first["UID"]
    assert moved["URL"].startswith("https://status.example.org/")


def test_cancelled_work_is_cancelled_in_calendars_and_gone_from_the_pages(scene: Site) -> None:
    first = only(scene.store.current)
    scenes.live_at(scenes.at("2021-03-23 09:00"))
    with db.transaction() as session:
        cancel(session, ANNA, "storage2021")
    version = scene.publisher.publish()
    last = only(version, "/en/calendar.ics")
    assert (last["UID"], last["STATUS"], last["DESCRIPTION"]) == (first["UID"], "CANCELLED", "This work was cancelled.")
    assert last["SEQUENCE"] > first["SEQUENCE"]
    assert "URL" not in last
    assert "/maintenance/storage2021/" not in version.pages


def test_work_of_long_ago_stays(scene: Site) -> None:
    scenes.live_at(scenes.at("2023-03-23 09:00"))
    version = scene.publisher.publish()
    assert only(version)["STATUS"] == "CONFIRMED"
    assert "/maintenance/storage2021/" in version.pages


@pytest.mark.parametrize("path", ["/en/", "/en/maintenance/storage2021/", "/en/subscribe/"])
def test_the_pages_about_planned_work_lead_to_it(scene: Site, path: str) -> None:
    assert b'href="/en/calendar.ics"' in raw(scene.store.current, path)
