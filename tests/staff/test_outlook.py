"""What readers will get, shown before it is published: exactly what they get then, and nothing of it is kept."""

import re

import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from statuspage import db
from statuspage.incidents.actions import rows as incident_rows
from statuspage.publishing.queries import revision
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import PUBLISH, open_form, rows

UPDATE = f"/staff/incidents/{scenes.FIRE}/update"
ETA = {"about": "panel:panel-c", "precision": "day", "first_day": "2021-03-25", "source-pl": "według dostawcy"}
SAID = {
    "stage": "monitoring",
    "body-pl": "Konta **wracają**.",
    "body-en": "Accounts *return*.",
    "next_update_by": "2021-03-22T18:30",
    "components-panel-a.warehouse": "partial_outage",
}


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def preview(desk: Desk, path: str = UPDATE, **changes: object) -> TestResponse:
    """What the preview says of the form at `path` with these values; nothing may stay of it."""
    sheet, before, seen = open_form(desk, path), rows(), revised()
    answer = desk.send(f"{path}/preview", {**sheet.fields, **changes})
    assert (rows(), revised()) == (before, seen)
    return answer


def revised() -> int:
    with db.reading() as session:
        return revision(session)


def plain(markup: str) -> str:
    return re.sub(r"\s+", " ", html.fromstring(markup).text_content()).strip()


def parts(answer: TestResponse, name: str) -> list[str]:
    """What stands in the boxes of one kind (page-pl, feed-en, text-pl)."""
    boxes = html.fromstring(answer.text).xpath(f"//details[@data-part='{name}']//*[contains(@class, 'preview')]")
    return [re.sub(r"\s+", " ", box.text_content()).strip() for box in boxes]


def test_the_preview_is_what_readers_get_after_it_is_published(anna: Desk) -> None:
    answer = preview(anna, **SAID, **ETA)
    assert answer.status_code == 200
    (page,), feed = parts(answer, "page-en"), parts(answer, "feed-en")
    assert open_form(anna, UPDATE).filled({**PUBLISH, **SAID, **ETA}).status_code == 303
    published = html.fromstring(anna.get(f"/en/incidents/{scenes.FIRE}/").text)
    told = re.sub(r"\s+", " ", published.get_element_by_id("u-4").text_content()).strip()
    assert told in page
    assert "18:30" in page
    assert "25 March" in page
    entries = html.fromstring(anna.get("/en/history.atom").data).xpath("//entry")[:2]
    told = [(entry.xpath("string(title)"), plain(entry.xpath("string(content)"))) for entry in entries]
    assert sorted(feed) == sorted(re.sub(r"\s+", " ", f"{title}{words}") for title, words in told)


def test_it_says_which_pages_feeds_and_promises_it_touches_and_the_button_says_what_it_does(anna: Desk) -> None:
    answer = preview(anna, **SAID, **ETA, **{"components-panel-b.archive": "operational"})
    facts = plain(answer.text)
    assert "Panel A, Panel B" in facts
    assert 'data-act="Publish to the page and 4 feeds"' in answer.text
    assert "Panel C: expected back on 25 March" in facts.replace("\u00a0", " ")
    assert "moved 3 times" in facts.replace("\u00a0", " ")
    assert "English: not translated" in facts  # the source is named in Polish alone
    later = preview(anna, **{**SAID, "publish_at": "2021-03-22T19:00", "next_update_by": ""})
    assert "Have it go out: Monday 22 March, 19:00 CET" in later.text.replace("\u00a0", " ")
    assert "nothing is promised" in later.text
    late = preview(anna, **{**SAID, "stage": "identified", "told_at": "2021-03-12T08:00", "next_update_by": ""})
    assert 'data-act="Put it into the history"' in late.text


def test_a_text_in_one_language_is_shown_to_the_others_with_its_mark(anna: Desk) -> None:
    answer = preview(anna, **{"body-pl": "Tylko po polsku."})
    assert "Tylko po polsku." in parts(answer, "page-en")[0]
    assert "Polski only" in parts(answer, "page-en")[0]
    assert "There is no translation yet" in parts(answer, "feed-en")[0]
    assert "English: not translated" in plain(answer.text)


def test_what_is_not_right_yet_is_named_and_the_rest_is_shown(anna: Desk) -> None:
    wrong = {"about": "panel:panel-c", "first_day": "", "next_update_by": "2021-02-30T10:00"}
    answer = preview(anna, **{"body-pl": "Panel {panel} wraca.", **wrong, "fragment": "1"})
    assert answer.status_code == 200
    assert "Panel {panel} wraca." in parts(answer, "page-pl")[0]
    assert {"#first_day", "#next_update_by"} <= set(re.findall(r'href="(#[^"]+)"', answer.text))
    assert "<html" not in answer.text
    assert "As soon as there are words" in preview(anna).text


def test_what_publishing_would_refuse_the_preview_refuses(anna: Desk) -> None:
    assert open_form(anna, UPDATE).filled({**PUBLISH, "stage": "resolved", "body-pl": "Koniec."}).status_code == 303
    answer = preview(anna, **{"stage": "investigating", "body-pl": "Jednak nie."})
    assert "A resolved incident stays resolved" in answer.text


def test_a_draft_and_a_new_incident_are_shown_as_they_would_be(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    place = sheet.filled({"act": "draft", "body-pl": "Szkic."}).headers["Location"]
    draft = re.findall(r"/staff/incidents/[^\"]+/drafts/[0-9a-f-]{36}(?=\")", anna.get(place).text)[0]
    assert "Inaczej." in parts(preview(anna, draft, **{"body-pl": "Inaczej."}), "page-pl")[0]
    new = preview(anna, "/staff/incidents/new", **{"body-pl": "Badamy.", "impact": "major", "stage": "investigating"})
    assert "Badamy." in parts(new, "page-pl")[0]
    assert "Title: Write it in at least one language." in plain(new.text)
    named = {"title-pl": "Etykiety", "body-pl": "Badamy.", "impact": "major", "stage": "investigating"}
    assert "Etykiety" in parts(preview(anna, "/staff/incidents/new", **named), "feed-pl")[0]


def test_the_plain_text_for_a_mail_has_title_words_and_address(anna: Desk) -> None:
    answer = preview(anna, **SAID)
    text = html.fromstring(answer.text).xpath("string(//details[@data-part='text-en']//pre)")
    assert text.splitlines()[0] == "Data centre fire — fixed, being watched"
    assert "Accounts return." in text
    assert "- Panel A (Warehouse): works in part" in text
    assert text.endswith(f"/en/incidents/{scenes.FIRE}/#u-4")


def test_markup_in_what_is_typed_is_inert(anna: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) {{ 7*7 }}"
    answer = preview(anna, **{"body-pl": evil, "body-en": evil, "components-panel-a.warehouse-note-en": evil})
    assert answer.status_code == 200
    tags = html.fromstring(answer.text)
    assert not tags.xpath("//main//script | //main//img | //*[@onerror] | //a[starts-with(@href, 'javascript')]")
    assert "{{ 7*7 }}" in answer.text


def test_the_preview_does_not_wait_for_others_who_write(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    with db.transaction(quiet=True) as session:
        incident_rows.locked(session, scenes.FIRE)
        answer = anna.send(f"{UPDATE}/preview", {**sheet.fields, "body-pl": "Cierpliwie."})
    assert "The preview cannot be made right now" in answer.text


def test_a_template_that_is_scheduled_with_its_blanks_is_refused(anna: Desk) -> None:
    sheet = open_form(anna, f"{UPDATE}?template=identified")
    assert sheet.filled({**PUBLISH, "publish_at": "2021-03-22T19:00"}).status_code == 422
