"""Addresses that name nothing answer 404 on both engines, and each update stands under its own incident only."""

import pytest
from flask import Flask

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.incidents.models import IncidentUpdate
from statuspage.web.site import Site
from tests.staff.desks import Desk, desk_of

HUGE = "9" * 30


@pytest.fixture
def boss(app: Flask, scene: Site) -> Desk:
    return desk_of(app, Role.ADMIN)


@pytest.mark.parametrize("path", [f"/staff/accounts/{HUGE}/", f"/staff/probes/{HUGE}/", f"/staff/recovery/{HUGE}/"])
def test_a_number_that_no_row_can_have_names_nothing(boss: Desk, path: str) -> None:
    assert boss.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/staff/panels/a%00b/", "/staff/incidents/%01/", "/staff/faq/a%7Fb/"])
def test_a_name_with_control_characters_is_no_address(boss: Desk, path: str) -> None:
    assert boss.get(path).status_code == 400


def test_an_update_is_not_found_under_another_incident(boss: Desk) -> None:
    with db.reading() as session:
        update = session.query(IncidentUpdate).first()
        assert update is not None
        uuid, own = update.uuid, update.incident.public_id
    assert boss.get(f"/staff/incidents/{own}/updates/{uuid}").status_code == 200
    assert boss.get(f"/staff/incidents/another/updates/{uuid}").status_code == 404
