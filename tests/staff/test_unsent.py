"""Typed at four in the morning: kept as one types, offered back, sent once, and side by side with what others said."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.incidents.models import IncidentUpdate
from statuspage.unsent.models import Unsent
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of, stranger
from tests.staff.pages import PUBLISH, Sheet, open_form, values

FIRE = f"/staff/incidents/{scenes.FIRE}/"
UPDATE = f"{FIRE}update"


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def typed(sheet: Sheet, **words: object) -> int:
    """What keep.js sends while somebody types; returns the status of the answer."""
    fields = {**sheet.fields, **{name.replace("__", "-"): value for name, value in words.items()}}
    return sheet.desk.send("/staff/unsent", {**fields, "unsent-place": sheet.path, "unsent-title": "x"}).status_code


def offered(desk: Desk, path: str = UPDATE) -> list[str]:
    """The addresses under which the form at `path` offers what was typed before."""
    return re.findall(rf'href="({path}\?unsent=[0-9a-f-]+)"', desk.get(path).text)


def updates() -> list[IncidentUpdate]:
    with db.reading() as session:
        return list(session.scalars(select(IncidentUpdate).order_by(IncidentUpdate.id)))


def test_what_was_typed_is_offered_back_after_signing_in_again(app: Flask, anna: Desk) -> None:
    typed(open_form(anna, UPDATE), stage="monitoring", body__pl="Niedokończone zda", next_update_by="2021-03-2")
    anna.post("/staff/sign-out")
    again = stranger(app)
    form = {"email": "editor@example.com", "password": "four words in a row"}
    assert again.post("/staff/sign-in/", form, page="/staff/sign-in/").status_code == 303
    (address,) = offered(again)
    sheet = open_form(again, address)
    assert (sheet.fields["body-pl"], sheet.fields["stage"]) == ("Niedokończone zda", "monitoring")
    assert sheet.fields["next_update_by"] == "2021-03-2"
    sheet.path = UPDATE
    assert sheet.send(act="publish", body__pl="Dokończone zdanie.", next_update_by="").status_code == 303
    assert offered(again) == []
    assert updates()[-1].body.by_locale["pl"] == "Dokończone zdanie."


def test_a_text_that_was_sent_is_not_offered_and_sending_it_anew_publishes_nothing(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    typed(sheet, body__pl="Raz.")
    assert sheet.send(act="publish", body__pl="Raz.").status_code == 303
    assert typed(sheet, body__pl="Raz.") == 200  # what the browser still had in hand
    assert offered(anna) == []
    assert sheet.send(act="publish", body__pl="Raz.").status_code == 303
    assert len(updates()) == 4


def test_a_text_taken_up_after_others_published_meets_the_conflict_with_both(app: Flask, anna: Desk) -> None:
    typed(open_form(anna, UPDATE), body__pl="Moje słowa.")
    open_form(desk_of(app, Role.ADMIN), UPDATE).send(act="publish", body__pl="Słowa Ewy.", body__en="Eva's words.")
    sheet = open_form(anna, offered(anna)[0])
    sheet.path = UPDATE
    answer = sheet.send(act="publish")
    assert answer.status_code == 409
    for words in ("Słowa Ewy.", "Eva&#39;s words.", "Published while you were writing"):
        assert words in answer.text
    assert values(answer)["body-pl"] == "Moje słowa."
    assert anna.send(UPDATE, {**values(answer), **PUBLISH}).status_code == 303


def test_who_writes_into_the_same_form_is_seen(app: Flask, anna: Desk) -> None:
    ewa = desk_of(app, Role.ADMIN)
    typed(open_form(ewa, UPDATE), body__pl="Ewa pisze.")
    page = anna.get(UPDATE).text
    assert "admin@example.com is writing here too" in page
    assert "Ewa pisze." not in page
    assert offered(anna) == []


def test_a_text_is_thrown_away_and_only_by_its_writer(app: Flask, anna: Desk) -> None:
    typed(open_form(anna, UPDATE), body__pl="Nie.")
    uuid = offered(anna)[0].partition("=")[2]
    ewa = desk_of(app, Role.ADMIN)
    assert "Nie." not in ewa.get(f"{UPDATE}?unsent={uuid}").text
    assert ewa.post(f"/staff/unsent/{uuid}/discard").headers["Location"] == "/staff/"
    assert len(offered(anna)) == 1
    assert anna.post(f"/staff/unsent/{uuid}/discard").headers["Location"] == UPDATE
    assert offered(anna) == []


def test_letters_that_are_broken_are_left_out_and_the_rest_is_kept(anna: Desk) -> None:
    assert typed(open_form(anna, UPDATE), body__pl="a\x00b\x1bc") == 200
    assert open_form(anna, offered(anna)[0]).fields["body-pl"] == "abc"


@pytest.mark.parametrize("place", ["https://evil.example/", "/staff/../", ""])
def test_no_form_of_ours_is_no_place_to_keep_for(anna: Desk, place: str) -> None:
    sheet = open_form(anna, UPDATE)
    sheet.path = place
    assert typed(sheet, body__pl="x") == 422
    with db.reading() as session:
        assert session.scalars(select(Unsent)).all() == []


def test_an_address_with_a_text_that_is_not_there_opens_an_empty_form(anna: Desk) -> None:
    for wished in ("x", "00000000-0000-0000-0000-000000000000"):
        assert open_form(anna, f"{UPDATE}?unsent={wished}").fields["body-pl"] == ""


def test_whoever_asks_who_is_signed_in_learns_the_token_to_come_with(anna: Desk) -> None:
    told = anna.get("/staff/unsent").json
    assert told == {"me": anna.staff_id, "csrf_token": anna.token(UPDATE)}


@pytest.mark.parametrize("path", [f"{FIRE}summary", "correct"])
def test_a_double_click_on_a_correction_or_a_summary_is_no_conflict(anna: Desk, path: str) -> None:
    path = f"{FIRE}updates/{updates()[2].uuid}" if path == "correct" else path
    sheet = open_form(anna, path)
    name = "summary-pl" if "summary" in path else "body-pl"
    for _ in range(2):
        assert sheet.filled({name: "Nowe słowa."}).status_code == 303


def test_a_draft_that_another_changed_shows_both_versions_part_by_part(app: Flask, anna: Desk) -> None:
    open_form(anna, UPDATE).send(act="draft", body__pl="Szkic.", body__en="Draft.")
    path = f"{FIRE}drafts/{updates()[-1].uuid}"
    mine, theirs = open_form(anna, path), open_form(desk_of(app, Role.ADMIN), path)
    theirs.filled({"act": "draft", "body-pl": "Szkic Ewy.", "stage": "monitoring", "components-panel-d.api": "unknown"})
    answer = mine.filled({**PUBLISH, "body-pl": "Mój szkic.", "components-panel-d.api": "major_outage"})
    assert answer.status_code == 409
    saved = re.findall(r'<p class="saved-now">(.*?)</p>', answer.text, re.DOTALL)
    assert len([one for one in saved if "Szkic Ewy." in one]) == 1
    assert any("unknown" in one for one in saved)
    assert any("it is mended, we keep watching" in one for one in saved)
    assert values(answer)["body-pl"] == "Mój szkic."
    assert anna.send(path, {**values(answer), **PUBLISH}).status_code == 303


def test_each_opening_of_a_draft_keeps_what_is_typed_anew(anna: Desk) -> None:
    open_form(anna, UPDATE).send(act="draft", body__pl="Szkic.")
    path = f"{FIRE}drafts/{updates()[-1].uuid}"
    assert open_form(anna, path).send(act="draft", body__pl="Szkic drugi.").status_code == 303
    typed(open_form(anna, path), body__pl="Szkic trze")
    assert len(offered(anna, path)) == 1
