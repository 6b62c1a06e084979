"""Long feeds: every entry can be reached from the newest document, and an archive that stands stays as it is."""

from typing import Any

import feedparser
import pytest
from lxml import etree

from statuspage import db
from statuspage.faq.models import Article
from statuspage.feeds.archives import LONGEST
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Stage
from statuspage.publishing.store import Version
from statuspage.texts.rules import prose
from statuspage.web.site import Site
from tests import scenes

BASE = "http://127.0.0.1:8000"
HISTORY = "http://purl.org/syndication/history/1.0"
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = [
    "/history.atom",
    "/en/history.rss",
    "/panels/panel-b.rss",
    "/en/panels/panel-c.atom",
    "/incidents/fire2021.atom",
]


def say(first: int, last: int) -> None:
    """Updates of the fire with the numbers `first` … `last`, a minute apart; they name no panel, so concern all."""
    with db.transaction() as session:
        incident = session.query(Incident).one()
        for sequence in range(first, last + 1):
            at = scenes.at(f"2021-03-22 {12 + sequence // 60:02}:{sequence % 60:02}")
            body = prose({"pl": f"Wiadomość nr {sequence}.", "en": f"Update no. {sequence}."})
            update = IncidentUpdate(sequence=sequence, status=Stage.IDENTIFIED, body=body, published_at=at)
            incident.updates.append(update)


@pytest.fixture
def long(scene: Site) -> Version:
    """The scene with 70 more updates."""
    scenes.live_at(scenes.at("2021-03-22 15:00"))
    say(31, 100)
    return scene.publisher.publish()


def body(version: Version, path: str) -> bytes:
    return version.pages[path].body()


def archives(version: Version) -> dict[str, bytes]:
    return {path: body(version, path) for path in version.pages if "/archive/" in path}


def parsed(version: Version, path: str) -> Any:
    found = feedparser.parse(body(version, path))
    assert not found.bozo, (path, found.get("bozo_exception"))
    return found


def links(version: Version, path: str) -> dict[str, str]:
    """The links of RFC 5005 by relation, as paths, from Atom and RSS alike."""
    tree = etree.fromstring(body(version, path))
    found = [(one.get("rel"), one.get("href")) for one in tree.iter(f"{ATOM}link")]
    named = {"self", "current", "prev-archive", "next-archive"}
    assert len([relation for relation, _ in found if relation in named]) == len({r for r, _ in found if r in named})
    return {relation: address.removeprefix(BASE) for relation, address in found if relation in named}


def chain(version: Version, path: str) -> list[str]:
    """A feed and its archives, as a reader finds them."""
    found = [path]
    while "prev-archive" in (known := links(version, found[-1])):
        found.append(known["prev-archive"])
    return found


@pytest.mark.parametrize("path", FEEDS)
def test_following_the_archives_finds_every_entry(long: Version, path: str) -> None:
    walked = chain(long, path)
    assert len(walked) >= 3
    assert [len(parsed(long, one).entries) for one in walked] == [LONGEST] * len(walked)
    seen = {entry.id: entry.title for one in walked for entry in parsed(long, one).entries}
    updates = [title for title in seen.values() if "znamy przyczynę" in title or "cause found" in title]
    # The scene's own second and third update are about panels A and B alone.
    assert len(updates) == (70 if "panel-c" in path else 72)
    texts = " ".join(
        entry.content[0].value if "content" in entry else entry.summary
        for one in walked
        for entry in parsed(long, one).entries
    )
    word = "Update no." if path.startswith("/en/") else "Wiadomość nr"
    assert all(f"{word} {number}." in texts for number in range(31, 101))


def test_the_whole_history_is_all_that_the_short_one_was_and_the_new_updates(scene: Site) -> None:
    before = {entry.id: entry for entry in parsed(scene.store.current, "/history.atom").entries}
    scenes.live_at(scenes.at("2021-03-22 15:00"))
    say(31, 100)
    version = scene.publisher.publish()
    after = {entry.id: entry for path in chain(version, "/history.atom") for entry in parsed(version, path).entries}
    assert len(after) == len(before) + 70
    for key, entry in before.items():
        for field in ("title", "content", "published", "updated", "link", "tags"):
            assert after[key][field] == entry[field]


def test_archives_are_linked_both_ways_and_counted_from_the_oldest(long: Version) -> None:
    walked = chain(long, "/en/history.atom")
    assert walked == ["/en/history.atom", "/en/archive/3.atom", "/en/archive/2.atom", "/en/archive/1.atom"]
    assert "current" not in links(long, walked[0])
    for number, path in ((3, walked[1]), (2, walked[2]), (1, walked[3])):
        found = links(long, path)
        assert (found["self"], found["current"]) == (path, "/en/history.atom")
        assert found.get("prev-archive") == (f"/en/archive/{number - 1}.atom" if number > 1 else None)
        assert found.get("next-archive") == (f"/en/archive/{number + 1}.atom" if number < 3 else None)
    oldest = parsed(long, "/en/archive/1.atom").entries[-1]
    assert oldest.title == "Data centre fire — investigating"


def test_an_archive_says_so_in_the_namespace_of_rfc_5005_and_the_newest_document_does_not(long: Version) -> None:
    for path in archives(long):
        tree = etree.fromstring(body(long, path))
        place = tree if path.endswith(".atom") else tree.find("channel")
        assert place is not None
        assert len(place.findall(f"{{{HISTORY}}}archive")) == 1, path
        assert tree.nsmap["fh"] == HISTORY
    for path in FEEDS:
        assert HISTORY.encode() not in body(long, path)


def test_all_documents_of_a_feed_are_one_feed_to_its_readers(long: Version) -> None:
    walked = chain(long, "/history.atom")
    assert len({parsed(long, path).feed.id for path in walked}) == 1
    channel = etree.fromstring(body(long, "/archive/1.rss")).find("channel")
    assert channel is not None
    assert channel.findtext("link") == f"{BASE}/history/"


def test_a_short_feed_has_no_archive(scene: Site) -> None:
    assert archives(scene.store.current) == {}
    assert all("prev-archive" not in links(scene.store.current, path) for path in FEEDS)


def test_an_archive_appears_with_the_26th_entry_and_not_with_the_25th(scene: Site) -> None:
    say(31, 52)
    assert len(parsed(version := scene.publisher.publish(), "/incidents/fire2021.atom").entries) == LONGEST
    assert "/incidents/fire2021/archive/1.atom" not in version.pages
    say(53, 53)
    version = scene.publisher.publish()
    assert chain(version, "/incidents/fire2021.atom")[1:] == ["/incidents/fire2021/archive/1.atom"]


def test_a_new_update_changes_no_archive(long: Version, scene: Site) -> None:
    before = archives(long)
    say(101, 101)
    version = scene.publisher.publish()
    assert archives(version) == before
    assert "101" in parsed(version, "/history.atom").entries[0].content[0].value


def test_when_another_archive_is_full_the_one_before_it_gains_a_link_and_nothing_else(
    long: Version, scene: Site
) -> None:
    say(101, 140)
    version = scene.publisher.publish()
    for path, old in archives(long).items():
        before, after = feedparser.parse(old), parsed(version, path)
        assert [(one.id, one.published) for one in before.entries] == [(one.id, one.published) for one in after.entries]
    assert body(version, "/archive/2.atom") == body(long, "/archive/2.atom")
    assert links(version, "/archive/3.atom")["next-archive"] == "/archive/4.atom"


def test_a_correction_moves_updated_in_the_archive_alone(long: Version, scene: Site) -> None:
    def told(version: Version) -> Any:
        (entry,) = (one for one in parsed(version, "/archive/1.atom").entries if "Od 3:30" in one.content[0].value)
        return entry

    with db.transaction() as session:
        update = session.query(IncidentUpdate).filter_by(sequence=1).one()
        update.body = update.body.revised({"pl": "Od 3:30 nie działa żaden z paneli."})
        update.corrected_at = scenes.at("2021-03-22 14:30")
    version = scene.publisher.publish()
    before, after = told(long), told(version)
    assert (after.id, after.published) == (before.id, before.published)
    assert (before.updated[:16], after.updated[:16]) == ("2021-03-10T03:10", "2021-03-22T13:30")
    assert "żaden z paneli" in after.content[0].value
    changed = {path for path, old in archives(long).items() if body(version, path) != old}
    assert {path for path in changed if path.endswith("archive/1.atom")} == {
        f"{locale}{place}/archive/1.atom"
        for locale in ("", "/en")
        for place in ("", "/incidents/fire2021", "/panels/panel-a", "/panels/panel-b", "/panels/panel-c")
    }
    assert not any(path.rpartition("/")[2].startswith(("2.", "3.")) for path in changed)


def test_a_guide_that_is_changed_comes_forward_and_stays_in_its_archive(long: Version, scene: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 15:00"))
    with db.transaction() as session:
        guide = session.query(Article).filter_by(slug="account-on-panel-c").one()
        guide.changed_at = scenes.at("2021-03-22 14:50")
    version = scene.publisher.publish()
    newest = parsed(version, "/en/history.atom").entries[0]
    assert newest.title.startswith("Guide, changed:")
    assert newest.id in {one.id for one in parsed(version, "/en/archive/1.atom").entries}
    assert body(version, "/en/archive/2.atom") == body(long, "/en/archive/2.atom")
    seen = {one.id for path in chain(version, "/en/history.atom") for one in parsed(version, path).entries}
    assert len(seen) == 79


def test_archives_and_the_feeds_of_closed_incidents_are_read_rarely(long: Version, scene: Site) -> None:
    def rare(version: Version) -> set[str]:
        feeds = {path: page for path, page in version.pages.items() if path.endswith((".atom", ".rss"))}
        return {path for path, page in feeds.items() if page.entry.archived}

    assert rare(long) == set(archives(long))
    with db.transaction() as session:
        session.query(Incident).one().status = Stage.RESOLVED
    assert rare(scene.publisher.publish()) == set(archives(long)) | {
        "/incidents/fire2021.atom",
        "/en/incidents/fire2021.atom",
    }
