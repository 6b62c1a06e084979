"""The feeds: valid, stable, in each reader's language, per panel."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import feedparser
import pytest
from lxml import etree

from statuspage import db
from statuspage.audit.actions import Actor
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing
from statuspage.feeds.archives import LONGEST
from statuspage.i18n import NBSP
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Stage
from statuspage.maintenance.actions import Window, edit
from statuspage.publishing.store import Version
from statuspage.texts.rules import prose, texts
from statuspage.web.site import Site
from tests import scenes

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HOSTILE = "]]> &lt;script&gt; <script>alert(1)</script> \x00\x08\ufffe &nbsp; \u202e"


@pytest.fixture
def published(site: Site) -> Version:
    scenes.live_at()
    with db.transaction() as session:
        scenes.everything(session)
    return site.publisher.publish()


def body(version: Version, path: str) -> bytes:
    return version.pages[path].body()


def entries(version: Version, path: str) -> list[Any]:
    found = feedparser.parse(body(version, path))
    assert not found.bozo, found.get("bozo_exception")
    return list(found.entries)


def titles(version: Version, path: str) -> list[str]:
    return [entry.title.replace(NBSP, " ") for entry in entries(version, path)]


def feeds(version: Version) -> list[str]:
    return sorted(path for path in version.pages if path.endswith((".atom", ".rss")))


def test_every_promised_address_is_there_in_both_languages(published: Version) -> None:
    expected = {"/history.atom", "/history.rss", "/incidents/fire2021.atom"}
    expected |= {f"/panels/panel-{letter}.{kind}" for letter in "abcd" for kind in ("atom", "rss")}
    assert set(feeds(published)) == expected | {f"/en{path}" for path in expected}


def test_a_feed_reader_finds_no_fault_in_any(published: Version) -> None:
    for path in feeds(published):
        assert feedparser.parse(body(published, path)).bozo == 0, path
        assert len(entries(published, path)) <= LONGEST


def test_the_rules_of_atom_hold(published: Version) -> None:
    for path in (path for path in feeds(published) if path.endswith(".atom")):
        feed = etree.fromstring(body(published, path))
        language = "en" if path.startswith("/en/") else "pl"
        assert feed.get(XML_LANG) == language
        for name in ("id", "title", "updated", "author"):
            assert len(feed.findall(ATOM + name)) == 1, (path, name)
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in feed.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert [link.get("href") for link in feed.findall(f"{ATOM}link[@rel='self']")] == [
            f"http://127.0.0.1:8000{path}"
        ]
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
        assert len(ids) == len(set(ids))
        for entry in feed.findall(f"{ATOM}entry"):
            for name in ("id", "title", "updated", "published", "content", "author"):
                assert len(entry.findall(ATOM + name)) == 1, (path, name)
            assert entry.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
            assert entry.find(f"{ATOM}category") is not None
            UUID(entry.findtext(f"{ATOM}id", "").removeprefix("urn:uuid:"))


def test_no_two_feeds_or_languages_share_an_id(published: Version) -> None:
    feed_ids = [feedparser.parse(body(published, path)).feed.get("id") for path in feeds(published) if "atom" in path]
    assert len(feed_ids) == len(set(feed_ids))
    polish = {entry.id for entry in entries(published, "/history.atom")}
    assert polish.isdisjoint(entry.id for entry in entries(published, "/en/history.atom"))


def test_each_update_estimate_work_and_guide_is_an_entry_newest_first(published: Version) -> None:
    assert titles(published, "/history.atom") == [
        "Pożar w centrum danych — znamy przyczynę",
        "Nowe dyski na panelach A i B — zaplanowane",
        "Prace planowe: Nowe dyski na panelach A i B",
        "Panel C: spodziewany powrót 22 marca, według dostawcy serwerów; przesunięty dwa razy (15 → 19 → 22 marca)",
        "Panel C: spodziewany powrót 19 marca, według dostawcy serwerów; przesunięty raz (15 → 19 marca)",
        "Poradnik: Twoje konto na panelu C po awarii",
        "Pożar w centrum danych — znamy przyczynę",
        "Panel C: spodziewany powrót 15 marca, według dostawcy serwerów",
        "Pożar w centrum danych — sprawdzamy",
    ]
    assert titles(published, "/en/history.atom")[3] == (
        "Panel C: expected back on 22 March, according to the hosting provider; moved twice (15 → 19 → 22 March)"
    )
    assert titles(published, "/history.atom") == titles(published, "/history.rss")


def test_a_panel_hears_only_what_touches_it(published: Version) -> None:
    panel_c = titles(published, "/en/panels/panel-c.atom")
    assert any("Panel C: expected back" in title for title in panel_c)
    assert "Guide: Your account on panel C after the outage" in panel_c
    assert panel_c.count("Data centre fire — investigating") == 1
    # Updates two and three are about panels A and B, and so is the planned work.
    assert "Data centre fire — cause found" not in panel_c
    assert not any("storage" in title for title in panel_c)
    assert not any("Panel C" in title or "Guide" in title for title in titles(published, "/en/panels/panel-a.atom"))
    assert entries(published, "/en/panels/panel-d.atom") == []


def test_the_end_of_an_incident_is_news_for_each_of_its_panels(published: Version, site: Site) -> None:
    with db.transaction() as session:
        incident = session.query(Incident).one()
        ending = IncidentUpdate(
            sequence=4,
            status=Stage.RESOLVED,
            body=prose({"pl": "Wszystko działa."}),
            published_at=scenes.at("2021-03-26 11:40"),
        )
        incident.updates.append(ending)
        incident.status, incident.resolved_at = Stage.RESOLVED, ending.published_at
    version = site.publisher.publish()
    for letter in "abc":
        assert titles(version, f"/panels/panel-{letter}.rss")[0] == "Pożar w centrum danych — rozwiązane"
    assert titles(version, "/panels/panel-d.rss") == []


def test_the_incident_feed_holds_its_updates_alone(published: Version) -> None:
    assert len(titles(published, "/incidents/fire2021.atom")) == 3


def test_an_empty_feed_does_not_say_now(published: Version) -> None:
    found = feedparser.parse(body(published, "/panels/panel-d.atom"))
    assert found.feed.updated == "1970-01-01T00:00:00+00:00"


def test_a_missing_or_stale_translation_is_the_marked_original(published: Version, site: Site) -> None:
    first = entries(published, "/en/history.atom")[-1].content[0].value
    assert "There is no translation yet" in first
    assert "Od 3:30 nie działa żaden panel." in first
    with db.transaction() as session:
        update = session.query(IncidentUpdate).filter_by(sequence=3).one()
        update.body = update.body.revised({"pl": "Magazyn panelu A działa już normalnie."})
    latest = entries(site.publisher.publish(), "/en/history.atom")[0].content[0].value
    assert "older than the original" in latest
    assert "działa już normalnie" in latest
    assert "but slowly" not in latest


def test_the_same_facts_give_the_same_bytes_whatever_the_time(published: Version, site: Site) -> None:
    before = {path: body(published, path) for path in feeds(published)}
    scenes.live_at(scenes.NOW + timedelta(hours=3))
    fresh = Site(site.settings, site.assets, site.pages, site.store, site.publisher)
    fresh.publisher.build = "another build, so that all is rendered anew"
    version = fresh.publisher.publish()
    assert {path: body(version, path) for path in feeds(version)} == before


def test_a_correction_keeps_the_id_and_moves_updated(published: Version, site: Site) -> None:
    before = entries(published, "/history.atom")[0]
    with db.transaction() as session:
        update = session.query(IncidentUpdate).filter_by(sequence=3).one()
        update.body = update.body.revised({"pl": "Magazyn panelu A działa."})
        update.corrected_at = scenes.at("2021-03-22 13:00")
    after = entries(site.publisher.publish(), "/history.atom")[0]
    assert after.id == before.id
    assert after.published == before.published
    assert (before.updated, after.updated) == ("2021-03-22T11:30:00+00:00", "2021-03-22T12:00:00+00:00")
    assert "Poprawiono" in after.content[0].value


def test_planned_work_that_is_moved_keeps_its_id_and_moves_updated(published: Version, site: Site) -> None:
    def told(version: Version) -> Any:
        return next(one for one in entries(version, "/en/history.atom") if one.title.startswith("Planned work"))

    before = told(published)
    scenes.live_at(scenes.at("2021-03-23 09:00"))
    night = Window(scenes.at("2021-03-29 00:30"), scenes.at("2021-03-29 04:00"), ("panel-a.archive",))
    with db.transaction() as session:
        edit(session, Actor("staff:1"), "storage2021", title={}, body={}, window=night)
    after = told(site.publisher.publish())
    assert (after.id, after.published) == (before.id, before.published)
    assert (before.updated[:16], after.updated[:16]) == ("2021-03-19T11:00", "2021-03-23T08:00")
    assert before.content[0].value != after.content[0].value


def test_an_old_promise_keeps_its_words_when_it_is_superseded_or_withdrawn(published: Version, site: Site) -> None:
    before = {entry.id: entry.title for entry in entries(published, "/en/panels/panel-c.atom")}
    with db.transaction() as session:
        last = session.query(Estimate).order_by(Estimate.id.desc()).first()
        assert last is not None
        last.closing, last.closed_at = Closing.WITHDRAWN, scenes.at("2021-03-22 13:30")
    after = {entry.id: entry.title for entry in entries(site.publisher.publish(), "/en/panels/panel-c.atom")}
    assert before.items() <= after.items()
    (fresh,) = (title.replace(NBSP, " ") for key, title in after.items() if key not in before)
    assert fresh == "Panel C: the date is withdrawn (22 March); there is no new one yet"


def test_ids_do_not_depend_on_the_address_of_the_site(published: Version, site: Site) -> None:
    publisher = site.publisher
    publisher.brand = replace(publisher.brand, base_url="https://status.example.org")
    moved = publisher.publish()
    for path in ("/history.atom", "/en/panels/panel-c.atom"):
        old, new = feedparser.parse(body(published, path)), feedparser.parse(body(moved, path))
        assert [entry.id for entry in old.entries] == [entry.id for entry in new.entries]
        assert old.feed.id == new.feed.id
        assert all(entry.link.startswith("https://status.example.org/") for entry in new.entries)


def test_hostile_text_is_inert_and_does_not_stop_the_feed(published: Version, site: Site) -> None:
    with db.transaction() as session:
        incident = session.query(Incident).one()
        incident.title = texts({"pl": HOSTILE.replace("\x00", ""), "en": HOSTILE.replace("\x00", "")})
        incident.updates[0].body = prose({"pl": HOSTILE.replace("\x00", "")})
    version = site.publisher.publish()
    for path in ("/history.atom", "/history.rss", "/en/incidents/fire2021.atom", "/en/panels/panel-a.rss"):
        found = feedparser.parse(body(version, path), sanitize_html=False)
        assert not found.bozo, path
        assert any("alert(1)" in entry.title for entry in found.entries)
        contents = " ".join(entry.content[0].value if "content" in entry else entry.summary for entry in found.entries)
        assert "<script" not in contents
        assert "\x08" not in contents


def test_links_inside_texts_lead_to_the_site_from_any_reader(published: Version, site: Site) -> None:
    with db.transaction() as session:
        update = session.query(IncidentUpdate).filter_by(sequence=3).one()
        update.body = prose({"pl": "Zobacz [poradnik](/faq/x/) i [to](https://example.org/)."})
    latest = entries(site.publisher.publish(), "/history.atom")[0].content[0].value
    assert 'href="http://127.0.0.1:8000/faq/x/"' in latest
    assert 'href="https://example.org/"' in latest


def test_only_the_newest_25_stand_in_a_feed(published: Version, site: Site) -> None:
    with db.transaction() as session:
        incident = session.query(Incident).one()
        for sequence in range(4, 40):
            incident.updates.append(
                IncidentUpdate(
                    sequence=sequence,
                    status=Stage.IDENTIFIED,
                    body=prose({"pl": f"Nr {sequence}"}),
                    published_at=scenes.at("2021-03-22 13:00"),
                )
            )
    found = entries(site.publisher.publish(), "/history.atom")
    assert len(found) == LONGEST
    assert "Nr 39" in found[0].content[0].value
    assert "Nr 15" in found[-1].content[0].value


def test_drafts_and_questions_are_not_news(published: Version, site: Site) -> None:
    with db.transaction() as session:
        incident = session.query(Incident).one()
        incident.updates.append(IncidentUpdate(sequence=4, status=Stage.MONITORING, body=prose({"pl": "Szkic tajny"})))
    everything = b"".join(body(site.publisher.publish(), path) for path in feeds(published))
    assert b"Szkic tajny" not in everything
    assert b"zdublowane" not in everything
