"""The composer of a site with many panels stays small, and loses nothing that it does not show."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.incidents.models import IncidentUpdate
from statuspage.panels import actions
from statuspage.panels.actions import About
from statuspage.panels.rules import Days, Status
from statuspage.staff import affected
from statuspage.web.site import Site
from tests import scenes
from tests.scenes import both
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import PUBLISH, Sheet, open_form, values

HEAVIEST = 100 * 1024
COMPOSE = f"/staff/incidents/{scenes.FIRE}/update"
WORDS = {**PUBLISH, "body-pl": "Nowe słowa."}


@pytest.fixture
def anna(app: Flask, scene: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(affected, "MANY", 10)
    return desk_of(app)


def opened(anna: Desk, panel: str, sheet: Sheet, **typed: object) -> tuple[TestResponse, Sheet]:
    answer = sheet.send(**{"open-panel": panel, **typed})
    return answer, Sheet(anna, COMPOSE, values(answer))


def said() -> dict[str, Status]:
    with db.reading() as session:
        newest = session.scalars(select(IncidentUpdate).order_by(IncidentUpdate.id.desc())).first()
        assert newest is not None
        return {one.component.public_id: one.status for one in newest.affected}


def test_a_panel_is_opened_with_all_that_was_typed_and_nothing_is_saved(anna: Desk) -> None:
    sheet = open_form(anna, COMPOSE)
    assert not [name for name in sheet.fields if name.startswith("components-panel-c.")]
    before = said()
    answer, _ = opened(anna, "panel-c", sheet, **{"body-pl": "Zaczęte słowa."})
    assert (answer.status_code, said()) == (200, before)
    found = values(answer)
    assert found["body-pl"] == "Zaczęte słowa."
    assert {"components-panel-c.login", "components-panel-c.login-note-pl"} <= set(found)
    assert not [name for name in found if name.startswith("components-panel-a.")]
    assert 'class="error"' not in answer.text


def test_only_what_was_changed_in_an_opened_panel_is_published(anna: Desk) -> None:
    _, sheet = opened(anna, "panel-d", open_form(anna, COMPOSE))
    assert sheet.filled({**WORDS, "components-panel-d.login": "partial_outage"}).status_code == 303
    assert said() == {"panel-d.login": Status.PARTIAL}


def test_a_folded_panel_is_set_as_a_whole_and_the_others_stay_as_they_were_said(anna: Desk) -> None:
    _, sheet = opened(anna, "panel-a", open_form(anna, COMPOSE))
    assert sheet.filled({**WORDS, "components-panel-d": "major_outage"}).status_code == 303
    assert {name.partition(".")[0] for name in said()} == {"panel-d"}
    assert set(said().values()) == {Status.MAJOR}


def test_a_refused_form_keeps_the_panels_that_were_opened(anna: Desk) -> None:
    _, sheet = opened(anna, "panel-d", open_form(anna, COMPOSE))
    answer = sheet.filled({**WORDS, "body-pl": "", "components-panel-d.login": "partial_outage"})
    assert answer.status_code == 422
    assert values(answer)["components-panel-d.login"] == "partial_outage"


def test_forty_panels_with_twelve_functions_fit_into_a_hundred_kilobytes(app: Flask, scene: Site) -> None:
    with db.transaction() as session:
        for slug in ("telephone", "returns", "printing"):
            actions.add_function(session, slug, both(slug, slug), 20, SYSTEM, key=False)
        for number in range(36):
            name = both(f"Panel numer {number}", f"Panel number {number}")
            about = About(name, None, "", 10 + number, Days(None, None), opens_temporary=False)
            actions.create(session, f"panel-{number}", about, SYSTEM, days_agreed=True)
    ola = desk_of(app, Role.ADMIN)
    sheet = open_form(ola, COMPOSE)
    for panel in ("panel-a", "panel-b"):
        answer = sheet.send(**{"open-panel": panel})
        sheet = Sheet(ola, COMPOSE, values(answer))
    assert len(answer.data) < HEAVIEST
    assert len(ola.get("/staff/incidents/new").data) < HEAVIEST
