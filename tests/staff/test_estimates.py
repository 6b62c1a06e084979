"""The ledger of estimates at the desk."""

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import errors, nothing_written, open_form, values

NEW = "/staff/estimates/new"
DAY = {"about": "panel:panel-c", "precision": "day", "first_day": "2021-03-24", "source-pl": "według dostawcy"}


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def ledger() -> list[Estimate]:
    with db.reading() as session:
        return list(session.scalars(select(Estimate).order_by(Estimate.id)))


def test_a_recorded_estimate_is_on_the_page_at_once_and_the_old_one_in_the_ledger(anna: Desk) -> None:
    assert open_form(anna, NEW).filled(DAY).status_code == 303
    assert [one.closing for one in ledger()] == [*[Closing.SUPERSEDED] * 3, None]
    assert "24 marca" in anna.get("/").text.replace("\u00a0", " ")
    assert "Moved 3 times." in anna.get("/staff/estimates/").text


def test_the_day_of_the_change_to_summer_time_has_23_hours(anna: Desk) -> None:
    open_form(anna, NEW).filled({**DAY, "first_day": "2021-03-28"})
    newest = ledger()[-1]
    assert (newest.ends_at - newest.starts_at).total_seconds() == 23 * 3600


def test_every_kind_of_subject_can_be_promised_back(anna: Desk) -> None:
    for about in ("component:panel-a.warehouse", "stage:panel-c.archive", f"incident:{scenes.FIRE}"):
        assert open_form(anna, NEW).filled({**DAY, "about": about}).status_code == 303
    assert {one.subject_id for one in ledger()[-3:]} == {"panel-a.warehouse", "panel-c.archive", scenes.FIRE}
    page = anna.get("/staff/estimates/").text
    assert "Data centre fire" in page


def test_a_promise_is_closed_at_the_desk(anna: Desk) -> None:
    path = f"/staff/estimates/{ledger()[-1].uuid}"
    refused = nothing_written(lambda: open_form(anna, path).send(closing="met", at="2021-03-25T10:00"))
    assert refused.status_code == 422
    assert "at" in errors(refused)
    assert open_form(anna, path).send(closing="met", at="2021-03-22T13:00").status_code == 303
    assert ledger()[-1].closing is Closing.MET


def test_a_promise_that_was_closed_by_mistake_stands_again(anna: Desk) -> None:
    path = f"/staff/estimates/{ledger()[-1].uuid}"
    open_form(anna, path).send(closing="withdrawn")
    assert f'action="{path}/reopen"' in anna.get("/staff/estimates/").text
    assert anna.post(f"{path}/reopen").status_code == 303
    assert ledger()[-1].closing is None
    assert "22 marca" in anna.get("/").text.replace("\u00a0", " ")


def test_a_promise_that_a_newer_one_replaced_does_not_come_back(anna: Desk) -> None:
    path = f"/staff/estimates/{ledger()[-1].uuid}"
    open_form(anna, path).send(closing="withdrawn")
    open_form(anna, NEW).filled(DAY)
    assert f'action="{path}/reopen"' not in anna.get("/staff/estimates/").text
    assert nothing_written(lambda: anna.post(f"{path}/reopen")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"about": "panel:panel-z"}, "about"),
        ({"about": "nonsense"}, "about"),
        ({"precision": "soon"}, "precision"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "2021-02-30"}, "first_day"),
        ({"first_day": "0001-01-01"}, "first_day"),
        ({"precision": "range", "last_day": "2021-03-23"}, "last_day"),
        ({"precision": "range"}, "last_day"),
        ({"precision": "instant"}, "moment"),
        ({"precision": "instant", "moment": "2021-03-28T02:30"}, "moment"),
        ({"source-pl": ""}, "source-pl"),
        ({"source-pl": "a\x00b"}, "source-pl"),
        ({"source-pl": "x" * 201}, "source-pl"),
        ({"quote-pl": "x\x1b"}, "quote-pl"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://x/" + "y" * 500}, "link"),
        ({"confidence": "absolute"}, "confidence"),
        ({"said_at": "2031-01-01T00:00"}, "said_at"),
    ],
)
def test_a_promise_that_is_wrong_is_refused_at_its_field(anna: Desk, changes: dict[str, str], place: str) -> None:
    answer = nothing_written(lambda: open_form(anna, NEW).filled({**DAY, "quote-en": "stays", **changes}))
    assert place in errors(answer)
    assert values(answer)["quote-en"] == "stays"


def test_a_viewer_sees_the_ledger_and_writes_nothing(app: Flask, scene: Site) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get("/staff/estimates/").status_code == 200
    assert nothing_written(lambda: viewer.post(NEW, dict(DAY))).status_code == 403
