"""The composer: from a form to the public page."""

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.estimates.models import Estimate
from statuspage.incidents import queries
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Stage
from statuspage.panels.rules import Status
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import PUBLISH, errors, nothing_written, open_form, values

FIRE = f"/staff/incidents/{scenes.FIRE}/"
UPDATE = f"{FIRE}update"
WAREHOUSE = "components-panel-a.warehouse"


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def incident(public_id: str = scenes.FIRE) -> Incident:
    with db.reading() as session:
        return queries.by_public_id(session, public_id)


def updates() -> list[IncidentUpdate]:
    with db.reading() as session:
        return list(session.scalars(select(IncidentUpdate).order_by(IncidentUpdate.id)))


def test_a_posted_update_is_on_the_page_at_once_in_both_languages_with_no_worker(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    answer = sheet.send(act="publish", stage="monitoring", body__pl="Konta **wracają**.", body__en="Accounts return.")
    assert answer.status_code == 303
    assert "X-Publishing" not in answer.headers
    for path, words in (("/", "Konta"), ("/en/", "Accounts return.")):
        assert words in anna.get(path).text
    polish, english = (anna.get(f"{prefix}/incidents/{scenes.FIRE}/").text for prefix in ("", "/en"))
    assert "<strong>wracają</strong>" in polish
    assert "Accounts return." in english
    assert "wracają" not in english


def test_a_text_missing_in_english_is_shown_in_polish_and_marked(anna: Desk) -> None:
    open_form(anna, UPDATE).send(act="publish", body__pl="Tylko po polsku.")
    page = anna.get(f"/en/incidents/{scenes.FIRE}/").text
    assert "Tylko po polsku." in page
    assert 'lang="pl"' in page


def test_the_composer_starts_from_the_present_state_and_sends_only_what_changed(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    assert sheet.fields["stage"] == "identified"
    assert sheet.fields[WAREHOUSE] == "degraded_performance"
    assert sheet.fields[f"{WAREHOUSE}-note-en"] == "works; may take longer"
    assert sheet.fields["components-panel-d.login"] == ""
    sheet.filled(
        {**PUBLISH, "body-pl": "x", WAREHOUSE: "operational", f"{WAREHOUSE}-note-pl": "", f"{WAREHOUSE}-note-en": ""}
    )
    told = incident().updates[-1]
    assert [(one.component.public_id, one.status, one.note) for one in told.affected] == [
        ("panel-a.warehouse", Status.OPERATIONAL, None)
    ]


def test_a_whole_panel_is_set_with_one_choice_beside_functions_set_one_by_one(anna: Desk) -> None:
    changes = {
        **PUBLISH,
        "body-pl": "x",
        "components-panel-d": "major_outage",
        "components-panel-d.api": "partial_outage",
    }
    open_form(anna, UPDATE).filled(changes)
    said = {one.component.function.slug: one.status for one in incident().updates[-1].affected}
    assert set(said) == set(scenes.FUNCTIONS)
    assert said.pop("api") is Status.PARTIAL
    assert set(said.values()) == {Status.MAJOR}


def test_a_form_sent_twice_publishes_once(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    for _ in range(2):
        assert sheet.send(act="publish", body__pl="raz").status_code == 303
    assert len(updates()) == 4


def test_a_second_writer_meets_a_conflict_that_shows_both_and_loses_nothing(app: Flask, anna: Desk) -> None:
    other = open_form(desk_of(app, Role.ADMIN), UPDATE)
    mine = open_form(anna, UPDATE)
    other.filled({**PUBLISH, "body-pl": "Słowa Ewy.", "components-panel-d.api": "partial_outage"})
    answer = mine.filled({**PUBLISH, "body-pl": "Moje słowa.", "components-panel-d.login": "degraded_performance"})
    assert answer.status_code == 409
    assert "Słowa Ewy." in answer.text
    assert len(updates()) == 4
    again = values(answer)
    assert again["body-pl"] == "Moje słowa."
    assert anna.send(UPDATE, {**again, **PUBLISH}).status_code == 303
    said = {one.component.public_id: one.status for one in incident().updates[-1].affected}
    assert said == {"panel-d.login": Status.DEGRADED}  # what Eva said meanwhile of the API is not taken back


def test_a_draft_stays_inside_until_it_is_published(anna: Desk) -> None:
    open_form(anna, UPDATE).filled(
        {"act": "draft", "body-pl": "Niegotowe.", "components-panel-d.api": "partial_outage"}
    )
    assert "Niegotowe." not in anna.get("/").text
    draft = updates()[-1]
    assert (draft.published_at, draft.sequence) == (None, -1)
    path = f"{FIRE}drafts/{draft.uuid}"
    sheet = open_form(anna, path)
    assert sheet.fields["components-panel-d.api"] == "partial_outage"
    assert sheet.send(act="publish", body__pl="Gotowe.").status_code == 303
    assert "Gotowe." in anna.get("/").text
    assert [one.component.public_id for one in incident().updates[-1].affected] == ["panel-d.api"]


def test_a_draft_is_scheduled_and_thrown_away(anna: Desk) -> None:
    open_form(anna, UPDATE).send(act="publish", body__pl="Później.", publish_at="2021-03-22T18:00")
    draft = updates()[-1]
    assert draft.publish_at == scenes.at("2021-03-22 18:00")
    assert anna.post(f"{FIRE}drafts/{draft.uuid}/discard", page=UPDATE).status_code == 303
    assert len(updates()) == 3


def test_an_update_told_late_takes_its_place(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    assert (
        sheet.send(act="publish", body__pl="Rano.", stage="identified", told_at="2021-03-12T08:00").status_code == 303
    )
    told = [one for one in incident().updates if one.body.by_locale["pl"] == "Rano."]
    assert [(one.sequence, one.backfilled) for one in told] == [(3, True)]


def test_an_estimate_can_come_with_the_update(anna: Desk) -> None:
    eta = {"about": "panel:panel-c", "precision": "day", "first_day": "2021-03-25", "source-pl": "według dostawcy"}
    assert open_form(anna, UPDATE).filled({**PUBLISH, "body-pl": "x", **eta}).status_code == 303
    with db.reading() as session:
        ledger = session.scalars(select(Estimate).order_by(Estimate.id)).all()
    assert [one.closed_at is None for one in ledger] == [False, False, False, True]
    assert ledger[-1].ends_at == scenes.at("2021-03-26 00:00")


def test_an_update_with_a_wrong_estimate_publishes_neither_and_keeps_every_word(anna: Desk) -> None:
    sheet = open_form(anna, UPDATE)
    eta = {"about": "panel:panel-c", "precision": "range", "first_day": "2021-03-25", "last_day": "2021-03-24"}
    answer = nothing_written(lambda: sheet.filled({**PUBLISH, "body-pl": "Treść.", "source-pl": "my", **eta}))
    assert answer.status_code == 422
    assert errors(answer) == ["last_day"]
    kept = values(answer)
    assert (kept["body-pl"], kept["first_day"], kept["source-pl"]) == ("Treść.", "2021-03-25", "my")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"body-pl": "a\x00b"}, "body-pl"),
        ({"body-pl": "a\x1bb"}, "body-pl"),
        ({"body-pl": "ż" * 35 * 1024}, "body-pl"),
        ({"stage": "exploded"}, "stage"),
        ({"components-panel-z.login": "major_outage"}, "components"),
        ({"components-panel-a.nothing": "major_outage"}, "components"),
        ({"components-panel-a.login": "exploded"}, "components"),
        ({"components-panel-a": "exploded"}, "components"),
        ({"components-panel-d.login-note-pl": "sama notatka"}, "components"),
        ({"components-panel-a.warehouse-note-pl": "x" * 201}, "components"),
        ({"components-panel-a.warehouse-note-pl": "x\x00"}, "components"),
        ({"next_update_by": "2021-02-30T10:00"}, "next_update_by"),
        ({"next_update_by": "2021-03-28T02:30"}, "next_update_by"),
        ({"next_update_by": "2021-03-22T10:00"}, "next_update_by"),
        ({"publish_at": "2021-03-22T10:00"}, "publish_at"),
        ({"told_at": "2021-03-01T10:00"}, None),
        ({"about": "panel:panel-z"}, "about"),
        ({"about": "panel:panel-c", "first_day": "2021-02-30", "source-pl": "my"}, "first_day"),
        ({"about": "panel:panel-c", "first_day": "9999-12-31", "source-pl": "my"}, "first_day"),
        ({"about": "panel:panel-c", "first_day": "2021-03-25"}, "source-pl"),
        ({"about": "panel:panel-c", "first_day": "2021-03-25", "source-pl": "my", "link": "javascript:x"}, "link"),
        ({"about": "panel:panel-c", "precision": "sometime", "source-pl": "my"}, "precision"),
        ({"act": "draft", "about": "panel:panel-c", "first_day": "2021-03-25", "source-pl": "my"}, "about"),
        ({"form_key": "x"}, None),
        ({"version": "0"}, None),
        ({"csrf_token": "x"}, None),
        ({"body-pl": "Panel {panel} wrócił."}, "body-pl"),
    ],
)
def test_an_update_that_is_wrong_is_refused_at_its_field_and_nothing_is_lost(
    anna: Desk, changes: dict[str, str], place: str | None
) -> None:
    sheet = open_form(anna, UPDATE)
    sent = {**PUBLISH, "body-pl": "Treść.", "body-en": "Words that stay.", **changes}
    answer = nothing_written(lambda: sheet.filled(sent))
    assert answer.status_code in (403, 409, 422)
    if place:
        assert place in errors(answer)
    assert values(answer)["body-en"] == "Words that stay."


def test_an_update_without_words_is_refused(anna: Desk) -> None:
    assert errors(nothing_written(lambda: open_form(anna, UPDATE).filled(dict(PUBLISH)))) == ["body-pl"]


def test_an_incident_is_opened_and_published_with_its_first_update(anna: Desk) -> None:
    sheet = open_form(anna, "/staff/incidents/new")
    told = {
        "title-pl": "Etykiety",
        "title-en": "Labels",
        "impact": "minor",
        "stage": "investigating",
        "body-pl": "Badamy.",
    }
    answer = sheet.filled({**PUBLISH, **told, "components-panel-b.shipments": "degraded_performance"})
    assert answer.status_code == 303
    assert "Labels" in anna.get("/en/").text
    public_id = answer.headers["Location"].split("/")[3]
    assert incident(public_id).published_at is not None
    assert anna.get(f"/staff/incidents/{public_id}/").status_code == 200


def test_an_incident_kept_as_a_draft_is_seen_by_nobody_outside(anna: Desk) -> None:
    sheet = open_form(anna, "/staff/incidents/new?template=investigating")
    assert "{panel}" in str(sheet.fields["body-pl"])
    answer = sheet.filled({"act": "draft", "title-pl": "Tajne", "impact": "minor", "stage": "investigating"})
    public_id = answer.headers["Location"].split("/")[3]
    assert anna.get(f"/incidents/{public_id}/").status_code == 404
    assert "Tajne" in anna.get("/staff/incidents/").text


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title-pl": ""}, "title-pl"),
        ({"title-pl": "x" * 201}, "title-pl"),
        ({"impact": "huge"}, "impact"),
        ({"started_at": ""}, "started_at"),
        ({"started_at": "2021-02-30T00:00"}, "started_at"),
        ({"started_at": "2031-01-01T00:00"}, "started_at"),
        ({"relapse_of": scenes.FIRE}, "relapse_of"),
    ],
)
def test_an_incident_that_makes_no_sense_is_not_opened(anna: Desk, changes: dict[str, str], place: str) -> None:
    sheet = open_form(anna, "/staff/incidents/new")
    told = {**PUBLISH, "title-pl": "Etykiety", "impact": "minor", "stage": "investigating", "body-pl": "Badamy."}
    assert place in errors(nothing_written(lambda: sheet.filled({**told, **changes})))


def test_a_correction_is_marked_on_the_page_and_a_stale_one_shows_what_is_saved(anna: Desk) -> None:
    path = f"{FIRE}updates/{updates()[2].uuid}"
    first, second = open_form(anna, path), open_form(anna, path)
    assert first.send(body__pl="Magazyn panelu B działa, ale wolno.").status_code == 303
    assert "Magazyn panelu B" in anna.get(f"/incidents/{scenes.FIRE}/").text
    answer = second.send(body__pl="Moja wersja.")
    assert answer.status_code == 409
    assert "Magazyn panelu B" in answer.text
    assert values(answer)["body-pl"] == "Moja wersja."


def test_the_pinned_summary_the_promise_and_the_facts_are_changed(anna: Desk) -> None:
    assert open_form(anna, f"{FIRE}summary").send(summary__pl="Panel C już wraca.").status_code == 303
    assert open_form(anna, f"{FIRE}promise").send(next_update_by="2021-03-22T18:30").status_code == 303
    changed = open_form(anna, f"{FIRE}edit").send(title__pl="Pożar w Strasburgu", impact="major")
    assert changed.status_code == 303
    page = anna.get("/").text.replace("\u00a0", " ")
    assert "Panel C już wraca." in page
    assert "18:30" in page
    assert "Pożar w Strasburgu" in page
    assert incident().status is Stage.IDENTIFIED
    assert open_form(anna, f"{FIRE}summary").send(summary__pl="", summary__en="").status_code == 303
    assert incident().summary is None


@pytest.mark.parametrize("path", ["new", f"{scenes.FIRE}/update", f"{scenes.FIRE}/edit", f"{scenes.FIRE}/summary"])
def test_a_viewer_reads_and_writes_nothing(app: Flask, scene: Site, path: str) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get("/staff/incidents/").status_code == 200
    assert viewer.get(FIRE).status_code == 200
    assert nothing_written(lambda: viewer.post(f"/staff/incidents/{path}", PUBLISH)).status_code == 403


def test_what_is_not_there_is_not_found(anna: Desk) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    for path in ("/staff/incidents/nothing/", "/staff/incidents/nothing/update", f"{FIRE}updates/{nobody}"):
        assert anna.get(path).status_code == 404
