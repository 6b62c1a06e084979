"""Every public page, in both languages."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from lxml import html

from statuspage.publishing.store import Page
from statuspage.web.site import Site
from tests import scenes

HEAVIEST = 150 * 1024
HEAVIEST_SENT = 50 * 1024


def pages(site: Site) -> dict[str, Page]:
    return {path: page for path, page in site.store.current.pages.items() if page.entry.media_type == "text/html"}


def trees(site: Site) -> dict[str, html.HtmlElement]:
    return {path: html.document_fromstring(page.body().decode()) for path, page in pages(site).items()}


def test_every_promised_page_is_published_in_both_languages(scene: Site) -> None:
    plain = {"/", "/faq/", "/history/", "/history/2021-03/", "/which-panel/", "/recovery/", "/subscribe/", "/404.html"}
    plain |= {f"/panels/panel-{letter}/" for letter in "abcd"} | {"/incidents/fire2021/", "/maintenance/storage2021/"}
    plain |= {"/faq/account-on-panel-c/", "/faq/warehouse-access/"}
    assert plain | {f"/en{path}" for path in plain} <= set(pages(scene))


def test_every_page_says_its_language_and_links_to_the_others(scene: Site) -> None:
    for path, tree in trees(scene).items():
        locale = "en" if path.startswith("/en/") else "pl"
        assert tree.get("lang") == locale, path
        links = {link.get("hreflang"): link.get("href") for link in tree.xpath("//link[@hreflang]")}
        assert set(links) == {"pl", "en", "x-default"}, path
        assert links[locale].endswith(path), path
        assert tree.xpath("//link[@rel='canonical']/@href")[0].endswith(path)


def test_every_page_has_one_title_one_main_heading_and_no_id_twice(scene: Site) -> None:
    for path, tree in trees(scene).items():
        assert len(tree.xpath("//h1")) == 1, path
        assert tree.xpath("//h1")[0].text_content().strip(), path
        assert "<" not in (tree.findtext(".//title") or "<"), path
        twice = [name for name, count in Counter(tree.xpath("//@id")).items() if count > 1]
        assert twice == [], path


def test_headings_never_skip_a_level(scene: Site) -> None:
    for path, tree in trees(scene).items():
        levels = [int(one.tag[1]) for one in tree.xpath("//h1|//h2|//h3|//h4")]
        jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
        assert jumps == [], path


def test_every_label_and_every_reference_within_a_page_finds_its_target(scene: Site) -> None:
    for path, tree in trees(scene).items():
        ids = set(tree.xpath("//@id"))
        named = set(tree.xpath("//@aria-labelledby")) | set(tree.xpath("//label/@for"))
        named |= {address[1:] for address in tree.xpath("//a/@href|//use/@href") if address.startswith("#")}
        assert named <= ids, path


def test_every_link_to_a_page_of_ours_leads_somewhere(scene: Site) -> None:
    published = set(scene.store.current.pages)
    unpublished = {"/recovery/link/", "/en/recovery/link/"}
    for path, tree in trees(scene).items():
        targets = {address.split("#")[0] for address in tree.xpath("//a/@href") if address.startswith("/")}
        assert targets - published - unpublished == set(), path


def test_no_page_needs_a_script_an_inline_style_or_another_host(scene: Site) -> None:
    for path, tree in trees(scene).items():
        assert tree.xpath("//@style|//style|//script[not(@src)]|//@onclick") == [], path
        loaded = tree.xpath("//link[@rel='stylesheet']/@href|//script/@src|//img/@src|//link[@rel='icon']/@href")
        assert all(address.startswith("/") for address in loaded), path


def test_every_tag_is_closed_and_no_attribute_stands_twice(scene: Site) -> None:
    void = {"meta", "link", "input", "br", "wbr", "hr", "img"}
    tags = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^<>]*?)?)(/?)>")
    for path, page in pages(scene).items():
        open_tags: list[str] = []
        for closing, tag, rest, alone in tags.findall(page.body().decode()):
            names = re.findall(r'\s([a-z-]+)(?==")', rest)
            assert len(names) == len(set(names)), (path, tag, names)
            if closing:
                assert open_tags.pop() == tag, (path, tag, open_tags)
            elif tag not in void and not alone:
                open_tags.append(tag)
        assert open_tags == [], path


def test_no_page_is_heavy(scene: Site) -> None:
    style = next(page for path, page in scene.store.current.pages.items() if path.startswith("/static/site."))
    for path, page in pages(scene).items():
        assert len(page.body()) < HEAVIEST, path
        assert len(page.bodies["gzip"]) + len(style.bodies["gzip"]) < HEAVIEST_SENT, path


@pytest.mark.parametrize(
    ("path", "words", "mark"),
    [("/en/incidents/fire2021/", "Od 3:30", "Polski only"), ("/en/faq/warehouse-access/", "Gdy dane", "on its way")],
)
def test_a_missing_or_stale_translation_is_shown_in_the_source_language_and_marked(
    scene: Site, path: str, words: str, mark: str
) -> None:
    tree = trees(scene)[path]
    shown = [one for one in tree.xpath("//*[@lang='pl']") if words in one.text_content()]
    assert len(shown) == 1
    assert any(mark in one.text_content() for one in tree.xpath("//*[@class='mark']"))


def test_only_pages_that_show_the_moment_change_when_nothing_but_time_passes(scene: Site) -> None:
    before = {path: page.entry.etag for path, page in pages(scene).items()}
    clock_moved(scene)
    after = {path: page.entry.etag for path, page in pages(scene).items()}
    changed = {path for path in before if before[path] != after[path]}
    expected = {f"{prefix}/panels/panel-{letter}/" for prefix in ("", "/en") for letter in "abcd"}
    expected |= {"/", "/en/", "/embed/", "/en/embed/"}
    assert changed == expected


def clock_moved(site: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 14:06"))
    site.publisher.publish()


def text_of(site: Site, path: str) -> str:
    return " ".join(trees(site)[path].text_content().split()).replace("\u00a0", " ")


def test_a_promise_that_passed_is_told_as_such_everywhere(scene: Site) -> None:
    assert "next update by 16:00 CET" in text_of(scene, "/en/")
    assert "was expected" not in text_of(scene, "/en/panels/panel-c/")
    scenes.live_at(scenes.at("2021-03-23 10:00"))
    scene.publisher.publish()
    for path in ("/en/", "/en/incidents/fire2021/"):
        assert "next update was promised for Monday 22 March, 16:00 CET" in text_of(scene, path), path
    for path in ("/en/", "/en/incidents/fire2021/", "/en/panels/panel-c/", "/en/which-panel/"):
        assert "was expected Monday 22 March" in text_of(scene, path), path
        assert "there is no new date yet" in text_of(scene, path), path


def test_the_ledger_of_a_panel_strikes_out_what_was_replaced(scene: Site) -> None:
    page = trees(scene)["/en/panels/panel-c/"]
    assert [one.text_content() for one in page.xpath("//ol[@class='ledger']/li/s")] == [
        "Monday 15\u00a0March",
        "Friday 19\u00a0March",
    ]
    assert page.xpath("//ol[@class='ledger']/li/b")[0].text_content() == "Monday 22\u00a0March"


def test_an_incident_is_told_newest_first_with_its_dates_between_and_its_corrections(scene: Site) -> None:
    page = trees(scene)["/en/incidents/fire2021/"]
    order = page.xpath("//ol[@class='timeline']//article/@id")
    assert [one for one in order if one.startswith("u-")] == ["u-3", "u-2", "u-1"]
    assert len([one for one in order if one.startswith("e-")]) == 3
    assert order[0] == "u-3"
    assert order[1].startswith("e-")
    corrected = page.xpath("//article[@id='u-2']")[0]
    assert "corrected" in corrected.text_content()
    assert "with the data of 10 March" in corrected.xpath(".//details")[0].text_content()
    assert "down → works" in " ".join(corrected.text_content().split())
