"""How many accounts a panel has, at the desk: stated with a reason, kept with its history, shown to readers."""

import pytest
from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.queries.progress import panel_ids, size_views
from statuspage.recovery.rules.reports import Report, State
from tests import scenes
from tests.staff.desks import Desk, desk_of

LIST = "/staff/recovery/sizes/"
PAGE = f"{LIST}panel-c/"


@pytest.fixture
def desk(app: Flask) -> Desk:
    with transaction() as session:
        scenes.panels(session)
        reports = [Report("panel-c", str(number), "orders", State.RUNNING, 1, 4, 1, scenes.NOW) for number in range(30)]
        apply(session, panel_ids(session), reports, scenes.NOW)
    return desk_of(app)


def state(desk: Desk, size: str, reason: str = "") -> int:
    return desk.post(PAGE, {"size": size, "reason-en": reason}, page=PAGE).status_code


def test_a_number_is_stated_with_its_reason_and_keeps_its_history(desk: Desk) -> None:
    assert state(desk, "20000", "As counted in the backup.") == 303
    assert state(desk, "21500", "New accounts since.") == 303
    page = desk.get(PAGE).text
    assert page.index("New accounts since.") < page.index("As counted in the backup.")
    assert "Stated: 21,500; reported so far: 30." in page
    assert "21,500" in desk.get(LIST).text
    with reading() as session:
        steps = size_views(session)
        assert [one.size for one in steps] == [20_000, 21_500]
        assert steps[0].reason
        assert steps[0].reason.by_locale["en"] == "As counted in the backup."


def test_less_than_was_reported_says_what_readers_see(desk: Desk) -> None:
    assert state(desk, "10") == 303
    assert "readers see the number reported" in desk.get(PAGE).text


def test_what_is_no_number_or_no_change_is_refused_and_keeps_the_words(desk: Desk) -> None:
    assert state(desk, "300") == 303
    for size in ("-1", "many", "", "1000000001", "300"):
        answer = desk.post(PAGE, {"size": size, "reason-en": "A long thought."}, page=PAGE)
        assert answer.status_code == 422, size
        assert "A long thought." in answer.text
    assert desk.get(f"{LIST}nothing/").status_code == 404


def test_a_viewer_sees_the_numbers_and_states_none(app: Flask, desk: Desk) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get(LIST).status_code == 200
    assert viewer.get(PAGE).status_code == 403
