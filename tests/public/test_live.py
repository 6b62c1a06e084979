"""What an open page lives on: `/now.json`, the stale notice, and the time of the last change."""

import json
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from lxml import html

from statuspage import clock, db
from statuspage.faq.models import Article
from statuspage.public import changes
from statuspage.publishing.documents import STALE_HIDDEN, STALE_SHOWN
from statuspage.web.site import Site
from tests import scenes
from tests.public.test_pages import pages, trees


def now(site: Site) -> dict[str, object]:
    told: dict[str, object] = json.loads(site.store.current.pages["/now.json"].body())
    return told


def test_the_moment_is_told_in_the_products_time_and_in_the_machines(scene: Site) -> None:
    told = now(scene)
    assert str(told["as_of"]).startswith("2021-03-22T13:05:0")
    assert told["time"] == "14:05 CET".replace(" ", "\u00a0")
    published = datetime.fromisoformat(str(told["published_at"]))
    assert timedelta() <= clock.wall() - published < timedelta(minutes=1)


def test_the_state_is_told_in_every_language(scene: Site) -> None:
    told = now(scene)
    assert told["status"] == "major_outage"
    headlines = told["headline"]
    assert isinstance(headlines, dict)
    assert headlines["pl"].startswith("Panel\u00a0C nie działa") or headlines["pl"].startswith("Panel C nie działa")
    assert headlines["en"].startswith("Panel C is down")


def test_polling_is_cheap_and_open_to_other_sites(scene: Site, client: FlaskClient) -> None:
    first = client.get("/now.json")
    assert len(first.data) < 1024
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/now.json", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_every_public_page_carries_the_hidden_notice_once_as_the_first_of_its_content(scene: Site) -> None:
    for path, page in pages(scene).items():
        assert page.body().count(STALE_HIDDEN) == 1, path
        assert STALE_SHOWN not in page.body(), path
    for path, tree in trees(scene).items():
        assert tree.xpath("//main/*[1]/@id") == ["stale"], path


def test_the_notice_shown_is_the_same_page_with_it_visible(scene: Site) -> None:
    body = pages(scene)["/en/"].body().replace(STALE_HIDDEN, STALE_SHOWN)
    notice = html.document_fromstring(body.decode()).get_element_by_id("stale")
    assert "hidden" not in notice.attrib
    assert "not being refreshed" in notice.text_content()


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/incidents/fire2021/", "2021-03-22T12:30:00+01:00"),
        ("/history/", "2021-03-22T12:30:00+01:00"),
        ("/history/2021-03/", "2021-03-22T12:30:00+01:00"),
        ("/faq/", "2021-03-12T10:00:00+01:00"),
        ("/maintenance/storage2021/", "2021-03-19T12:00:00+01:00"),
        ("/which-panel/", "2021-03-22T12:30:00+01:00"),
    ],
)
def test_a_page_without_the_moment_says_when_its_data_last_changed(scene: Site, path: str, at: str) -> None:
    for locale, words in (("", "Ostatnia zmiana:"), ("/en", "Last change:")):
        told = trees(scene)[locale + path].xpath("//main/p[last()]")[0]
        assert words in told.text_content(), path
        assert told.xpath("./time/@datetime") == [at], path


def test_a_page_without_data_tells_no_change(scene: Site) -> None:
    for path in ("/en/subscribe/", "/en/404.html", "/en/recovery/"):
        assert "Last change" not in trees(scene)[path].text_content(), path


def test_the_restoration_says_when_it_last_moved(scene: Site) -> None:
    with db.transaction() as session:
        scenes.restoration(session)
    scene.publisher.publish()
    assert "Last change: Monday 22 March, 14:00" in trees(scene)["/en/recovery/"].text_content().replace("\xa0", " ")


def test_a_changed_question_moves_the_time_of_its_list_alone(scene: Site) -> None:
    before = {path: page.entry.etag for path, page in pages(scene).items() if path.startswith("/history/")}
    with db.transaction() as session:
        session.query(Article).filter_by(slug="duplicates").one().changed_at = scenes.at("2021-03-22 13:00")
    scene.publisher.publish()
    assert "13:00" in trees(scene)["/faq/"].xpath("//main/p[last()]")[0].text_content()
    assert {path: pages(scene)[path].entry.etag for path in before} == before


def test_a_month_counts_only_its_own_times() -> None:
    times = [scenes.at("2021-02-28 23:30"), scenes.at("2021-03-31 23:59"), scenes.at("2021-04-01 00:00"), None]
    march = scenes.NOW.date().replace(day=1)
    assert changes.by_month(times, scenes.WARSAW)[march] == scenes.at("2021-03-31 23:59")
    assert changes.newest([None]) is None


def test_pages_whose_times_age_say_so_to_the_browser(scene: Site) -> None:
    overview = trees(scene)["/"]
    assert overview.xpath("//time[@data-ago]")[0].get("id") == "as-of"
    assert (
        len(trees(scene)["/incidents/fire2021/"].xpath("//article[starts-with(@id, 'u-')]//h4//time[@data-ago]")) == 3
    )
    assert all("ago" not in one.text_content() for one in overview.xpath("//time"))
