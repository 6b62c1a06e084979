"""Badges as SVG and for shields.io, and the frame for other sites."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree, html

from statuspage import db
from statuspage.panels.models import Panel
from statuspage.panels.rules import Status
from statuspage.public import badges
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import PanelView
from statuspage.web.site import Site
from tests import scenes

SVG = {"s": "http://www.w3.org/2000/svg"}
HEAVIEST_EMBED = 8 * 1024
DOWN = "c0232c"


def body(site: Site, path: str) -> bytes:
    return bytes(site.store.current.pages[path].body())


def shields(site: Site, path: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(body(site, path))
    return told


def whole(site: Site, change: Callable[[PanelView], PanelView], locale: str = "en") -> str:
    """The words of the badge of the whole, with panels changed."""
    snapshot: Snapshot = replace(site.snapshot(), panels=tuple(map(change, site.snapshot().panels)))
    document: Document = next(iter(badges.shelf(site.pages, locale, snapshot).documents()))
    return str(etree.fromstring(document.render()).get("aria-label"))


def standing_at(status: Status) -> Callable[[PanelView], PanelView]:
    return lambda panel: replace(panel, status=status, cells=())


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/badge.svg", "nie działa 1 z 4 paneli"),
        ("/en/badge.svg", "1 of 4 panels down"),
        ("/panels/panel-c/badge.svg", "Panel C: nie działa"),
        ("/en/panels/panel-c/badge.svg", "Panel C: down"),
        ("/en/panels/panel-d/badge.svg", "Panel D: works"),
    ],
)
def test_a_badge_is_a_named_picture_of_the_state(scene: Site, path: str, words: str) -> None:
    picture = etree.fromstring(body(scene, path))
    assert picture.get("role") == "img"
    assert str(picture.get("aria-label")).endswith(words)
    assert picture.findtext("s:title", namespaces=SVG) == picture.get("aria-label")
    assert ": ".join(picture.xpath("//s:text/text()", namespaces=SVG)) == picture.get("aria-label")


def test_a_badge_is_as_wide_as_its_words(scene: Site) -> None:
    picture = etree.fromstring(body(scene, "/badge.svg"))
    lengths = [int(one) for one in picture.xpath("//s:text/@textLength", namespaces=SVG)]
    assert int(str(picture.get("width"))) == sum(lengths) + 4 * badges.PADDING
    assert badges.width("działa") == badges.width("dziala")
    assert badges.width("MAGAZYN") > badges.width("magazyn") > badges.width("illi")


def test_shields_reads_the_state_and_what_is_down_is_an_error(scene: Site) -> None:
    assert shields(scene, "/en/panels/panel-c/badge.json") == {
        "schemaVersion": 1,
        "label": "Panel C",
        "message": "down",
        "color": DOWN,
        "isError": True,
        "cacheSeconds": 300,
    }
    assert shields(scene, "/badge.json")["isError"] is True
    assert shields(scene, "/panels/panel-d/badge.json")["isError"] is False


def test_the_badge_of_the_whole_never_says_that_all_is_down_when_some_works(scene: Site) -> None:
    assert whole(scene, standing_at(Status.MAJOR)).endswith(": down")
    assert whole(scene, standing_at(Status.OPERATIONAL)).endswith(": works")
    assert whole(scene, standing_at(Status.UNKNOWN)).endswith(": no data")
    assert whole(scene, lambda panel: panel).endswith(": 1 of 4 panels down")

    def two_down(panel: PanelView) -> PanelView:
        return standing_at(Status.MAJOR if panel.slug in ("panel-a", "panel-b") else Status.OPERATIONAL)(panel)

    def one_dark(panel: PanelView) -> PanelView:
        return standing_at(Status.UNKNOWN if panel.slug == "panel-a" else Status.OPERATIONAL)(panel)

    assert whole(scene, two_down, "pl").endswith(": nie działają 2 z 4 paneli")
    assert whole(scene, one_dark).endswith(": no full data")


def test_white_words_are_read_on_every_colour() -> None:
    for color in [*badges.COLOURS.values(), "3d4650"]:
        assert 1.05 / (luminance(color) + 0.05) >= 4.5, color


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_name_with_signs_of_xml_stays_a_name(scene: Site) -> None:
    with db.transaction() as session:
        session.query(Panel).filter_by(slug="panel-d").one().name = scenes.both('<D> & "E"', "D")
    scene.publisher.publish()
    picture = etree.fromstring(body(scene, "/panels/panel-d/badge.svg"))
    assert picture.get("aria-label") == '<D> & "E": działa'


def test_a_badge_changes_with_the_state_alone(scene: Site) -> None:
    paths = [path for path in scene.store.current.pages if "badge." in path]
    before = {path: scene.store.current.pages[path].entry.modified for path in paths}
    etags = {path: scene.store.current.pages[path].entry.fingerprint for path in paths}
    scenes.live_at(scenes.at("2021-03-24 10:00"))
    scene.publisher.publish()
    assert {path: scene.store.current.pages[path].entry.fingerprint for path in paths} == etags
    assert {path: scene.store.current.pages[path].entry.modified for path in paths} == before
    assert len(paths) == 2 * 2 * 5


def test_other_sites_may_read_badges(scene: Site, client: FlaskClient) -> None:
    for path, kind in (("/badge.svg", "image/svg+xml"), ("/en/panels/panel-a/badge.json", "application/json")):
        answer = client.get(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.mimetype == kind


def test_the_frame_says_how_things_stand_and_when_they_are_back(scene: Site) -> None:
    page = html.document_fromstring(body(scene, "/en/embed/").decode())
    words = " ".join(page.xpath("//main")[0].text_content().replace("\xa0", " ").split())
    for told in ("Panel C is down.", "As of 14:05 CET", "Data centre fire", "Monday 22 March", "Panel D works"):
        assert told in words
    assert len(page.xpath("//ul/li")) == 4


def test_a_link_in_the_frame_leaves_it(scene: Site) -> None:
    for path in ("/embed/", "/en/embed/"):
        links = html.document_fromstring(body(scene, path).decode()).xpath("//a")
        assert {(one.get("target"), one.get("rel")) for one in links} == {("_top", "noopener")}


def test_only_the_frame_may_be_framed(scene: Site) -> None:
    pages = scene.store.current.pages
    assert {path for path, page in pages.items() if page.entry.framed} == {"/embed/", "/en/embed/"}


def test_the_frame_is_light(scene: Site) -> None:
    styles = [path for path in scene.store.current.pages if path.startswith("/static/site.") or path == "/brand.css"]
    sizes = [len(gzip.compress(body(scene, path), 6)) for path in ["/embed/", *styles]]
    assert sum(sizes) < HEAVIEST_EMBED


def test_the_page_about_following_shows_code_that_works_when_copied(scene: Site, client: FlaskClient) -> None:
    page = html.document_fromstring(body(scene, "/en/subscribe/").decode())
    base = scene.snapshot().brand.base_url
    codes = [one.text_content() for one in page.xpath("//pre/code")]
    copied = html.fragment_fromstring("".join(codes), create_parent="div")
    addresses = [*copied.xpath(".//img/@src"), *copied.xpath(".//iframe/@src"), *copied.xpath(".//a/@href")]
    addresses.append(next(code for code in codes if code.endswith("/panels/panel-a/badge.svg")))
    assert len(addresses) == 4
    for address in addresses:
        assert address.startswith(base)
        assert client.get(address.removeprefix(base)).status_code == 200, address
