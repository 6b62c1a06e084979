"""The incident of two weeks: shifts that hand over, summaries that change, relapses, and what was learnt at its end."""

import feedparser
import pytest
from flask import Flask
from lxml import html

from statuspage.accounts.rules import Role
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import nothing_written, open_form

FIRE = f"/staff/incidents/{scenes.FIRE}/"
SECRET = "Dostawca mówi nieoficjalnie o 25 marca"


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def test_a_handover_is_seen_by_staff_with_who_and_when_and_by_no_reader(app: Flask, anna: Desk, scene: Site) -> None:
    assert open_form(anna, f"{FIRE}handover").send(body=f"{SECRET}.").status_code == 303
    ewa = desk_of(app, Role.ADMIN)
    sheet = open_form(ewa, f"{FIRE}handover")
    assert sheet.fields["body"] == f"{SECRET}."  # most of it still holds
    assert sheet.send(body="Oddzwonił: 22 marca.").status_code == 303
    page = desk_of(app, Role.VIEWER).get(FIRE).text
    for words in (SECRET, "Oddzwonił: 22 marca.", "editor@example.com", "admin@example.com", "One earlier note"):
        assert words in page
    scene.publisher.publish()
    published = scene.store.current.pages
    assert not [path for path, one in published.items() if SECRET.encode() in one.body() or b"Oddzwoni" in one.body()]


def test_a_viewer_hands_nothing_over(app: Flask, scene: Site) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert nothing_written(lambda: viewer.post(f"{FIRE}handover", {"body": "x"})).status_code == 403


def test_the_summary_has_its_history_at_the_desk_with_who_replaced_it(anna: Desk) -> None:
    open_form(anna, f"{FIRE}summary").send(summary__pl="Nowe.", summary__en="New.")
    page = html.fromstring(anna.get(FIRE).text)
    (old,) = page.xpath("//details[summary[contains(., 'One earlier summary')]]")
    assert "Panels A and B run from backups." in old.text_content()
    assert "replaced by editor@example.com" in old.text_content()


def test_what_was_learnt_stands_above_the_story_and_is_news_of_its_own(anna: Desk) -> None:
    say = {"act": "publish", "stage": "resolved", "body-pl": "Koniec.", "body-en": "Over."}
    assert open_form(anna, f"{FIRE}update").filled(say).status_code == 303
    learnt = {"act": "publish", "stage": "postmortem", "body-pl": "Kopie obok ognia.", "body-en": "Copies too near."}
    assert open_form(anna, f"{FIRE}update").filled(learnt).status_code == 303
    page = anna.get(f"/en/incidents/{scenes.FIRE}/").text
    assert page.count("Copies too near.") == 1  # in the story there is a link to it
    assert page.index("Copies too near.") < page.index('id="updates"')
    assert 'href="#post-mortem"' in page
    entry = feedparser.parse(anna.get("/en/history.atom").data).entries[0]
    assert entry.link.endswith(f"/en/incidents/{scenes.FIRE}/#post-mortem")
    assert entry.title == "Data centre fire — what happened and why"
    assert "post-mortem" in [tag.term for tag in entry.tags]


def test_a_relapse_is_found_from_both_sides_by_staff_and_by_readers(anna: Desk) -> None:
    say = {"act": "publish", "stage": "resolved", "body-pl": "Koniec.", "body-en": "Over."}
    assert open_form(anna, f"{FIRE}update").filled(say).status_code == 303
    again = {"act": "publish", "title-pl": "Znowu", "title-en": "Again", "impact": "minor", "body-pl": "Wróciło."}
    more = {"relapse_of": scenes.FIRE, "stage": "investigating"}
    place = open_form(anna, "/staff/incidents/new").filled({**again, **more}).headers["Location"].partition("?")[0]
    public_id = place.split("/")[3]
    assert "it came back as this" in anna.get(FIRE).text
    assert "this one came back after it" in anna.get(place).text
    assert f'href="/en/incidents/{public_id}/"' in anna.get(f"/en/incidents/{scenes.FIRE}/").text
    assert f'href="/en/incidents/{scenes.FIRE}/"' in anna.get(f"/en/incidents/{public_id}/").text
