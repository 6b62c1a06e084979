"""Words that staff and programs write stay words: in every page, feed, answer, preview and sheet that shows them."""

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import select

from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.incidents.models import IncidentUpdate
from statuspage.recovery.actions.accounts import mint_link, open_account
from statuspage.recovery.queries.accounts import account
from statuspage.web.site import Site
from tests import scenes
from tests.attacks.forms import COMPUTED, PAYLOAD, active, fill, written
from tests.staff.desks import Desk, desk_of
from tests.staff.test_policy import routes

FIRE = f"/staff/incidents/{scenes.FIRE}/"
SHOP = "components-panel-a.warehouse"
GRID = {SHOP: "partial_outage", f"{SHOP}-note-pl": PAYLOAD, f"{SHOP}-note-en": PAYLOAD}
FORMS: dict[str, dict[str, object]] = {
    "/staff/panels/panel-a/edit": {},
    "/staff/panels/panel-c/edit": {},
    "/staff/panels/functions/new": {"slug": "function-x", "position": "99"},
    "/staff/panels/panel-a/login/override": {},
    "/staff/panels/panel-a/warehouse/note": {},
    f"{FIRE}edit": {},
    f"{FIRE}handover": {},
    f"{FIRE}summary": {},
    f"{FIRE}update": {"act": "publish", "about": "panel:panel-c", "first_day": "2021-03-24", "link": "", **GRID},
    "/staff/incidents/new": {"act": "publish", "link": "", **GRID},
    "/staff/estimates/new": {"about": "panel:panel-b", "first_day": "2021-03-25", "link": ""},
    "/staff/maintenance/new": {
        "starts_at": "2021-03-28T00:15",
        "ends_at": "2021-03-28T01:30",
        "components": ["panel-a.login"],
    },
    "/staff/maintenance/storage2021/edit": {},
    "/staff/maintenance/storage2021/update": {},
    "/staff/faq/account-on-panel-c/": {},
    "/staff/faq/new": {"slug": "article-x"},
    "/staff/probes/new": {
        "target": "https://panel.example.com/health",
        "headers": f"X-Words: {PAYLOAD}",
        "statuses": "200",
        "header_name": "X-Words",
        "json_path": "",
        "resolver": "",
    },
    "/staff/recovery/sizes/panel-c/": {"size": "5000"},
    "/staff/recovery/1/correct": {"state": "failed", "done": "1", "total": "2"},
    "/staff/accounts/": {"email": "new@example.com"},
    "/staff/tokens/": {"scopes": ["recovery:read"]},
}
XML = {".atom", ".rss", ".xml", ".svg"}


@pytest.fixture
def hostile(app: Flask, scene: Site) -> Desk:
    """An administrator who filled every form with the payload, and all of it published."""
    with transaction() as session:
        scenes.restoration(session)
        open_account(session, "panel-c", "10423")
    desk = desk_of(app, Role.ADMIN)
    for path, others in FORMS.items():
        assert fill(desk, path, **others), f"{path} has no field for words"
    with reading() as session:
        told = session.scalars(select(IncidentUpdate).order_by(IncidentUpdate.id)).first()
        assert told is not None
    assert fill(desk, f"{FIRE}updates/{told.uuid}")
    assert desk.post("/staff/faq/article-x/publish").status_code == 303
    scene.publisher.publish()
    return desk


def published(site: Site) -> Iterator[Path]:
    # Folders are links to where they lie.
    for folder, _, names in os.walk(site.settings.published / "current", followlinks=True):
        yield from (Path(folder, name) for name in names if not name.endswith((".br", ".gz", ".zst")))


def test_what_is_stored_runs_nowhere(app: Flask, hostile: Desk, scene: Site) -> None:
    shown = set()
    for path in published(scene):
        words = path.read_text()
        check(path, words)
        assert COMPUTED not in re.sub(r"[0-9a-f]{8,}", "", words), path
        if "{{71*19391}}" in words:
            shown.add(path.suffix)
    assert shown >= {".html", ".atom", ".rss", ".json", ".ics"}, "the words are there to be read"
    check_the_desk(app, hostile)
    check_somebodys_own_page(hostile)


def check(path: Path, words: str) -> None:
    if path.suffix == ".html":
        assert active(words) == [], path
    elif path.suffix in XML:
        check_xml(path, words)
    elif path.suffix == ".json":
        assert isinstance(json.loads(words), dict | list), path


def check_xml(path: Path, words: str) -> None:
    """Words in a feed are text; what readers of feeds show as HTML is clean HTML."""
    document = etree.fromstring(words.encode())
    assert not list(document.iter("{*}canary-x")), path
    for one in document.iter("{*}content", "{*}summary", "{*}description", "{*}encoded"):
        if one.text and "<" in one.text:
            assert active(one.text) == [], path


def check_the_desk(app: Flask, desk: Desk) -> None:
    """Every page of the desk that can be read, with the payload in it."""
    shown = 0
    for _, method, path, _ in routes(app):
        if method != "GET":
            continue
        for place in (path, path.replace("/1/", "/panel-a/"), path.replace("/1/", f"/{scenes.FIRE}/")):
            answer = desk.get(place)
            assert answer.status_code < 500, place
            if answer.mimetype == "text/html":
                assert active(answer.text or "<p>") == [], place
                shown += "{{71*19391}}" in answer.text
    assert shown >= 15


def check_somebodys_own_page(desk: Desk) -> None:
    with transaction() as session:
        key = mint_link(session, account(session, "panel-c", "10423"), SYSTEM)
    for path in (f"/recovery/a/{key}/", f"/en/recovery/a/{key}/"):
        page = desk.get(desk.get(path).headers["Location"])
        assert page.status_code == 200
        assert active(page.text) == []
        assert "{{71*19391}}" in page.text
        assert COMPUTED not in page.text


@pytest.mark.usefixtures("scene")
def test_a_preview_shows_words_as_words(app: Flask) -> None:
    desk = desk_of(app)
    for show in ("body", "title", "summary"):
        answer = desk.post("/staff/preview", {"show": show, f"{show}-pl": PAYLOAD, f"{show}-en": PAYLOAD})
        assert answer.status_code == 200
        assert active(answer.text) == []
        assert "{{71*19391}}" in answer.text
        assert COMPUTED not in answer.text


@pytest.mark.usefixtures("scene")
def test_what_readers_would_get_of_an_update_is_shown_as_words(app: Flask) -> None:
    desk = desk_of(app)
    sent, _ = written(desk, f"{FIRE}update", **FORMS[f"{FIRE}update"])
    answer = desk.send(f"{FIRE}update/preview", sent)
    assert answer.status_code == 200
    assert active(answer.text) == []
    assert "{{71*19391}}" in answer.text
    assert COMPUTED not in answer.text


@pytest.mark.usefixtures("scene")
def test_no_cell_of_a_sheet_begins_a_formula(app: Flask) -> None:
    with transaction() as session:
        open_account(session, "panel-c", "10423")
    desk = desk_of(app)
    correction = "/staff/recovery/1/correct"
    assert fill(desk, correction, **FORMS[correction]) == ["reason"]
    exported = desk.get("/staff/recovery/export?panel=panel-c")
    assert exported.mimetype == "text/csv"
    cells = [cell for row in csv.reader(io.StringIO(exported.text)) for cell in row]
    assert any(PAYLOAD in cell for cell in cells), "the reason is in the sheet"
    assert [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell)] == []
