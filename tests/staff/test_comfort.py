"""The desk on a slow phone at night: no page is heavy, and times can be read against anybody's clock."""

from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from statuspage import i18n
from statuspage.accounts.rules import Role
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of

FIRE = f"/staff/incidents/{scenes.FIRE}/"
HEAVIEST = 100 * 1024
PAGES = ("", "incidents/", "incidents/new", "estimates/", "estimates/new", "maintenance/", "faq/", "panels/", "probes/")


@pytest.fixture
def ola(app: Flask, scene: Site) -> Desk:
    return desk_of(app, Role.ADMIN)


@pytest.mark.parametrize("path", [*(f"/staff/{one}" for one in PAGES), FIRE, f"{FIRE}update", f"{FIRE}handover"])
def test_no_page_weighs_more_than_100_kb(ola: Desk, path: str) -> None:
    answer = ola.get(path)
    assert answer.status_code == 200
    assert len(answer.data) < HEAVIEST


def test_times_stand_in_the_zone_of_the_page_and_in_utc(ola: Desk) -> None:
    page = ola.get(FIRE).text.replace("\u00a0", " ")
    assert "Next update by Monday 22 March, 16:00 CET (15:00 UTC)" in page
    assert "Began at Wednesday 10 March, 03:30 CET (02:30 UTC)" in page


def test_a_time_whose_day_is_another_one_in_utc_says_so() -> None:
    night = scenes.at("2021-03-22 00:30")
    said = i18n.moment_in_utc("pl", night, scenes.WARSAW).replace("\u00a0", " ")
    assert said == "poniedziałek 22 marca, 00:30 CET (21 mar, 23:30 UTC)"
    assert i18n.moment_in_utc("en", night, ZoneInfo("UTC")).replace("\u00a0", " ") == "Sunday 21 March, 23:30 UTC"
