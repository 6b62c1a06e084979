"""What search engines and link previews find: the map of the site, robots.txt, Open Graph, and what is read rarely."""

from lxml import etree, html

from statuspage import db
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import Stage
from statuspage.web.site import Site
from tests import scenes

BASE = "http://127.0.0.1:8000"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def body(site: Site, path: str) -> bytes:
    return site.store.current.pages[path].body()


def html_paths(site: Site) -> set[str]:
    """The pages that stand for themselves: not those made for a frame elsewhere."""
    pages = site.store.current.pages.items()
    return {path for path, page in pages if page.entry.media_type == "text/html" and not page.entry.framed}


def site_map(site: Site) -> dict[str, etree._Element]:
    tree = etree.fromstring(body(site, "/sitemap.xml"))
    assert tree.tag == f"{MAP}urlset"
    return {one.findtext(f"{MAP}loc", "").removeprefix(BASE): one for one in tree}


def test_the_map_names_every_page_in_every_language_and_nothing_else(scene: Site) -> None:
    assert set(site_map(scene)) == html_paths(scene) - {"/404.html", "/en/404.html"}


def test_each_address_of_the_map_names_its_translations(scene: Site) -> None:
    for path, entry in site_map(scene).items():
        plain = path.removeprefix("/en") if path.startswith("/en/") else path
        links = {one.get("hreflang"): one.get("href") for one in entry.findall(f"{XHTML}link")}
        assert links == {"pl": BASE + plain, "en": f"{BASE}/en{plain}", "x-default": BASE + plain}


def test_the_map_says_when_a_thing_was_last_told(scene: Site) -> None:
    found = {path: entry.findtext(f"{MAP}lastmod") for path, entry in site_map(scene).items()}
    assert found["/en/incidents/fire2021/"] == "2021-03-22T12:30:00+01:00"
    assert found["/maintenance/storage2021/"] == "2021-03-19T12:00:00+01:00"
    assert found["/faq/account-on-panel-c/"] == "2021-03-12T10:00:00+01:00"
    assert found["/history/2021-03/"] == "2021-03-22T12:30:00+01:00"
    assert found["/"] is None


def test_time_alone_does_not_change_the_map(scene: Site) -> None:
    before = body(scene, "/sitemap.xml")
    scenes.live_at(scenes.at("2021-03-22 15:05"))
    assert scene.publisher.publish().pages["/sitemap.xml"].body() == before


def test_robots_may_read_all_but_what_is_private(scene: Site) -> None:
    lines = body(scene, "/robots.txt").decode().splitlines()
    hidden = {line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")}
    private = {"/recovery/my/", "/recovery/a/", "/recovery/link/"}
    assert hidden == {"/staff/", "/api/v1/"} | private | {f"/en{path}" for path in private}
    assert f"Sitemap: {BASE}/sitemap.xml" in lines
    assert not any(path.startswith(one) for path in site_map(scene) for one in hidden)


def test_every_page_introduces_itself_where_its_link_is_shared(scene: Site) -> None:
    for path in html_paths(scene):
        tree = html.document_fromstring(body(scene, path).decode())
        found = {one.get("property"): one.get("content") for one in tree.xpath("//meta[@property]")}
        own, other = ("en_GB", "pl_PL") if path.startswith("/en/") else ("pl_PL", "en_GB")
        assert (found["og:locale"], found["og:locale:alternate"]) == (own, other), path
        assert (found["og:type"], found["og:site_name"], found["og:url"]) == ("website", "Acme", BASE + path)
        for name in ("og:title", "og:description"):
            assert found[name].strip(), (path, name)
            assert not set("<>*") & set(found[name]), (path, name, found[name])
        (description,) = tree.xpath("//meta[@name='description']/@content")
        assert description == found["og:description"]


def test_a_shared_link_to_the_overview_says_the_state(scene: Site) -> None:
    tree = html.document_fromstring(body(scene, "/en/").decode())
    (said,) = tree.xpath("//meta[@property='og:description']/@content")
    heading = tree.xpath("//h1")[0].text_content()
    assert " ".join(heading.split()).replace("\u00a0", " ") in said.replace("\u00a0", " ")
    assert "Panel C waits for the provider" in said


def archived(site: Site, when: str) -> set[str]:
    scenes.live_at(scenes.at(when))
    pages = site.publisher.publish().pages
    return {path for path, page in pages.items() if page.entry.archived and page.entry.media_type == "text/html"}


def test_months_before_the_last_one_are_read_rarely(scene: Site) -> None:
    assert archived(scene, "2021-03-22 14:05") == archived(scene, "2021-04-30 23:59") == set()
    assert archived(scene, "2021-05-01 00:00") == {"/history/2021-03/", "/en/history/2021-03/"}
    assert archived(scene, "2022-04-01 12:00") == {"/history/2021-03/", "/en/history/2021-03/"}


def test_incidents_that_are_over_are_read_rarely(scene: Site) -> None:
    with db.transaction() as session:
        session.query(Incident).one().status = Stage.POSTMORTEM
    assert archived(scene, "2021-03-22 14:05") == {"/incidents/fire2021/", "/en/incidents/fire2021/"}
