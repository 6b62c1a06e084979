"""Planned work at the desk."""

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.maintenance import queries
from statuspage.maintenance.models import Maintenance
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import errors, nothing_written, open_form

NEW = "/staff/maintenance/new"
HERE = "/staff/maintenance/storage2021/"
WORK = {
    "title-pl": "Więcej pamięci",
    "title-en": "More memory",
    "body-pl": "Krótka przerwa.",
    "starts_at": "2021-03-23T05:00",
    "ends_at": "2021-03-23T05:30",
    "components": ["panel-d.login", "panel-d.api"],
}


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def newest() -> Maintenance:
    with db.reading() as session:
        public_id = session.scalars(select(Maintenance.public_id).order_by(Maintenance.id.desc())).first()
        return queries.by_public_id(session, public_id or "")


def test_announced_work_is_on_the_page_at_once_and_once(anna: Desk) -> None:
    sheet = open_form(anna, NEW)
    answers = [sheet.filled(dict(WORK)) for _ in range(2)]
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["Location"] for one in answers}) == 1
    work = newest()
    assert [one.public_id for one in work.components] == ["panel-d.login", "panel-d.api"]
    assert "More memory" in anna.get(f"/en/maintenance/{work.public_id}/").text


def test_work_is_changed_told_and_cancelled(anna: Desk) -> None:
    sheet = open_form(anna, f"{HERE}edit")
    assert sheet.fields["components"] == ["panel-a.archive", "panel-b.archive"]
    assert sheet.send(ends_at="2021-03-28T05:00", components="panel-a.archive").status_code == 303
    stale = nothing_written(lambda: sheet.send(title__pl="Za późno"))
    assert stale.status_code == 409
    assert "Za późno" in stale.text
    assert open_form(anna, f"{HERE}update").send(phase="scheduled", body__pl="Zgodnie z planem.").status_code == 303
    assert "Zgodnie z planem." in anna.get("/maintenance/storage2021/").text
    assert anna.post(f"{HERE}cancel").status_code == 303
    assert anna.get("/maintenance/storage2021/").status_code == 404
    assert anna.get(HERE).status_code == 200
    assert nothing_written(lambda: open_form(anna, f"{HERE}update").send(body__pl="x")).status_code == 422


def test_work_that_was_cancelled_by_mistake_is_put_back_until_its_time_is_over(anna: Desk) -> None:
    anna.post(f"{HERE}cancel")
    assert f'action="{HERE}put-back"' in anna.get(HERE).text
    assert anna.post(f"{HERE}put-back").status_code == 303
    assert anna.get("/maintenance/storage2021/").status_code == 200
    anna.post(f"{HERE}cancel")
    with db.transaction() as session:
        work = session.scalars(select(Maintenance).where(Maintenance.public_id == "storage2021")).one()
        work.starts_at, work.ends_at = scenes.at("2021-03-12 10:00"), scenes.at("2021-03-12 11:00")
    assert nothing_written(lambda: anna.post(f"{HERE}put-back")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"ends_at": "2021-03-23T04:00"}, "ends_at"),
        ({"starts_at": "2021-02-30T05:00"}, "starts_at"),
        ({"starts_at": ""}, "starts_at"),
        ({"components": []}, "components"),
        ({"components": ["panel-z.login"]}, "components"),
        ({"title-pl": "", "title-en": ""}, "title-pl"),
        ({"title-pl": "x\x00"}, "title-pl"),
        ({"body-pl": "ż" * 35 * 1024}, "body-pl"),
    ],
)
def test_work_that_makes_no_sense_is_refused_at_its_field(anna: Desk, changes: dict[str, object], place: str) -> None:
    answer = nothing_written(lambda: open_form(anna, NEW).filled({**WORK, **changes}))
    assert answer.status_code == 422
    assert place in errors(answer)


def test_a_viewer_sees_the_plan_and_writes_nothing(app: Flask, scene: Site) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get("/staff/maintenance/").status_code == 200
    assert viewer.get(HERE).status_code == 200
    for path in (NEW, f"{HERE}edit", f"{HERE}update", f"{HERE}cancel"):
        assert nothing_written(lambda path=path: viewer.post(path, dict(WORK))).status_code == 403
