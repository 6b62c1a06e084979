"""What all forms of the desk do: the gate, two languages, moments around summer time, conflicts, previews."""

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.panels import queries
from statuspage.panels.models import Panel
from statuspage.texts.rules import Texts
from tests import scenes
from tests.staff.desks import Desk, desk_of

EDIT = "/staff/panels/panel-c/edit"
MISSING = "/staff/panels/panel-c/missing"


@pytest.fixture
def desk(app: Flask) -> Desk:
    with transaction() as session:
        scenes.panels(session)
    return desk_of(app, Role.EDITOR)


def panel_c() -> Panel:
    with reading() as session:
        return queries.panel_at(session, "panel-c")


def words(desk: Desk, **changes: str) -> dict[str, object]:
    found = panel_c()
    return {
        "version": str(found.version),
        "name-pl": "Panel C",
        "name-en": "Panel C",
        "accounts_from": "2020-08-27",
        "accounts_until": "2021-03-10",
        "position": "2",
        **changes,
    }


@pytest.mark.parametrize("bad", ["a\x00b", "a\x1bb", "a\x7fb", "a\ufffdb", "a\u0085b"])
@pytest.mark.parametrize("field", ["name-en", "login_url"])
def test_signs_that_nobody_can_see_are_refused_at_their_field(desk: Desk, bad: str, field: str) -> None:
    answer = desk.post(EDIT, words(desk, **{field: bad}))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="ab"' in answer.text
    assert panel_c().name.by_locale["en"] == "Panel C"


def test_broken_utf8_is_refused_and_nothing_is_written(desk: Desk) -> None:
    body = f"csrf_token={desk.token('/staff/me/')}&version={panel_c().version}&name-pl=Panel%ED%A0%80"
    answer = desk.send(EDIT, body)  # type: ignore[arg-type]  # a raw body, as no browser would send it
    assert answer.status_code in (403, 422)
    assert panel_c().name.by_locale["pl"] == "Panel C"


def test_a_wrong_field_is_named_in_the_summary_and_tied_to_its_input(desk: Desk) -> None:
    answer = desk.post(EDIT, words(desk, position="-1", accounts_from="2021-02-30"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    for field in ("position", "accounts_from"):
        assert f'href="#{field}"' in answer.text
        assert f"{field}-error" in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name-pl": "", "name-en": ""}, "name-pl"),
        ({"name-pl": "x" * 81}, "name-pl"),
        ({"login_url": "javascript:alert(1)"}, "login_url"),
        ({"login_url": "https://a.example/" + "x" * 500}, "login_url"),
        ({"accounts_until": "2020-01-01"}, "accounts_until"),
        ({"position": "9" * 5000}, "position"),
        ({"description-en": "x" * 70_000}, "description-en"),
    ],
    ids=str,
)
def test_what_cannot_be_published_is_refused(desk: Desk, changes: dict[str, str], field: str) -> None:
    answer = desk.post(EDIT, words(desk, **changes))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_text_in_one_language_has_that_language_as_its_source(desk: Desk) -> None:
    form = {"slug": "panel-e", "name-en": "Panel E", "accounts_from": "1999-01-01", "accounts_until": "1999-01-02"}
    with transaction() as session:
        for panel in session.scalars(select(Panel)):
            panel.accounts_from = panel.accounts_from or scenes.at("2010-01-01 12:00").date()
    assert desk.post("/staff/panels/new", {**form, "position": "9"}).status_code == 303
    with reading() as session:
        assert queries.panel_at(session, "panel-e").name == Texts("en", {"en": "Panel E"})


def test_of_two_who_edit_the_second_sees_the_conflict_and_loses_no_text(desk: Desk) -> None:
    mine = words(desk, **{"name-en": "My words"})
    assert desk.post(EDIT, words(desk, **{"name-en": "Their words"})).status_code == 303
    answer = desk.post(EDIT, mine)
    assert answer.status_code == 409
    assert "My words" in answer.text
    assert "Their words" in answer.text
    assert panel_c().name.by_locale["en"] == "Their words"
    again = {**mine, "version": str(panel_c().version)}
    assert f'value="{again["version"]}"' in answer.text
    assert desk.post(EDIT, again).status_code == 303
    assert panel_c().name.by_locale["en"] == "My words"


def test_a_form_without_its_version_overwrites_nothing(desk: Desk) -> None:
    for version in ("", "x", "-1", "٣", "9" * 50):
        assert desk.post(EDIT, words(desk, version=version, **{"name-en": "Blind"})).status_code == 409
    assert panel_c().name.by_locale["en"] == "Panel C"


def gap(start: str, end: str, **more: str) -> dict[str, object]:
    return {
        "version": str(panel_c().version),
        "cutoff_margin_minutes": "0",
        "gap_from": start,
        "gap_until": end,
        **more,
    }


def test_a_time_over_which_the_clocks_went_is_refused_in_words(desk: Desk) -> None:
    answer = desk.post(MISSING, gap("2021-03-28T02:30", "2021-03-29T00:00"))
    assert answer.status_code == 422
    assert "This time does not exist" in answer.text


def test_a_time_that_came_twice_asks_which_and_keeps_the_choice(desk: Desk) -> None:
    answer = desk.post(MISSING, gap("2021-10-31T02:30", "2021-11-01T00:00"))
    assert answer.status_code == 422
    assert "the first (CEST)" in answer.text
    assert "the second (CET)" in answer.text
    assert desk.post(MISSING, gap("2021-10-31T02:30", "2021-11-01T00:00", **{"gap_from-fold": "1"})).status_code == 303
    kept = panel_c().gap_from
    assert kept is not None
    assert kept.isoformat() == "2021-10-31T01:30:00+00:00"
    assert 'value="1" checked' in desk.get(MISSING).text


@pytest.mark.parametrize("bad", ["soon", "2021-02-30T10:00", "0001-01-01T00:00", "9999-12-31T23:59", "2021-03-10"])
def test_what_is_no_moment_is_refused(desk: Desk, bad: str) -> None:
    answer = desk.post(MISSING, gap(bad, "2021-03-29T00:00"))
    assert answer.status_code == 422
    assert 'href="#gap_from"' in answer.text


def test_a_preview_is_what_saving_would_show_and_is_inert(desk: Desk) -> None:
    form = {"show": "body", "body-pl": "**Panel C** <script>alert(1)</script> ![x](http://e.example/x.png)"}
    page = desk.post("/staff/preview", form)
    assert page.status_code == 200
    assert "<strong>Panel C</strong>" in page.text
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    fragment = desk.post("/staff/preview", {**form, "fragment": "1"})
    assert "<html" not in fragment.text
    assert "<strong>Panel C</strong>" in fragment.text
    assert desk.post("/staff/preview", {"show": "body", "body-pl": "x" * 70_000}).status_code == 422


def test_the_desk_speaks_the_language_of_its_reader(desk: Desk) -> None:
    assert '<html lang="en">' in desk.get("/staff/").text
    assert desk.post("/staff/me/", {"locale": "pl"}).status_code == 303
    page = desk.get("/staff/").text
    assert '<html lang="pl">' in page
    assert "Wyloguj się" in page
    assert desk.post("/staff/me/", {"locale": "xx"}).status_code == 422


def test_an_override_is_published_at_once_and_released(desk: Desk, app: Flask) -> None:
    form = {"shown": "major_outage", "reason": "seen by hand"}
    assert desk.post("/staff/panels/panel-d/warehouse/override", form).status_code == 303
    store = app.extensions["statuspage"].store
    cell = store.follow() and store.snapshot().panel_by_slug["panel-d"].cell("warehouse")
    assert cell.status == "major_outage"
    assert desk.post("/staff/panels/panel-d/warehouse/release").status_code == 303
    store.follow()
    assert store.snapshot().panel_by_slug["panel-d"].cell("warehouse").status == "operational"
