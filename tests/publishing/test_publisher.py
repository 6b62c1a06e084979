"""The publisher: what changed is rendered, what fails stays as it was, nothing goes back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from statuspage import clock, db
from statuspage.errors import Unavailable
from statuspage.publishing import actions
from statuspage.publishing.actions import Publisher
from statuspage.publishing.documents import FOREVER, Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.store import Store
from statuspage.status.models import Span
from statuspage.web.site import Site
from tests import scenes
from tests.publishing.offers import Offer, said, write


def test_only_what_changed_is_rendered(publisher: Publisher, offer: Offer) -> None:
    publisher.publish()
    publisher.publish()
    assert offer.rendered == 2
    offer.words = "second"
    assert said(publisher.publish()) == b"second"
    assert offer.rendered == 3


def test_another_build_renders_everything_but_unchanged_bytes_keep_their_date(
    publisher: Publisher, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = publisher.publish().pages["/steady.txt"].entry
    monkeypatch.setattr(clock, "wall", lambda: datetime.fromisoformat("2031-01-01T00:00:00+00:00"))
    publisher.build = "build-2"
    after = publisher.publish().pages["/steady.txt"].entry
    assert offer.rendered == 4
    assert (after.etag, after.modified) == (before.etag, before.modified)
    assert after.fingerprint != before.fingerprint


def test_a_page_that_fails_keeps_its_last_good_bytes_and_stops_no_other(publisher: Publisher, offer: Offer) -> None:
    before = publisher.publish()
    write()
    offer.words, offer.broken = "broken", True
    version = publisher.publish()
    assert version.revision == before.revision + 1
    assert said(version) == b"first"
    offer.broken = False
    assert said(publisher.publish()) == b"broken"


def test_a_page_that_never_worked_is_not_there_and_the_others_are(publisher: Publisher, offer: Offer) -> None:
    offer.broken = True
    assert set(publisher.publish().pages) == {"/steady.txt"}


def test_an_audience_that_cannot_list_its_pages_keeps_them_all(publisher: Publisher, offer: Offer) -> None:
    before = publisher.publish()
    write()
    offer.lost = True
    version = publisher.publish()
    assert version.revision == before.revision + 1
    assert said(version) == b"first"


def test_an_address_that_is_no_longer_offered_is_gone(publisher: Publisher, site: Site) -> None:
    publisher.publish()
    publisher.libraries = []
    assert publisher.publish().pages == {}


def test_an_older_snapshot_never_replaces_a_newer(
    publisher: Publisher, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    newer = publisher.publish()
    offer.words = "from the past"
    old = actions.compose_latest
    monkeypatch.setattr(actions, "compose_latest", lambda *given: replace(old(*given), revision=0))
    assert publisher.publish() is newer
    assert said(publisher.store.follow()) == b"first"


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker takes no rest between two publications."""
    monkeypatch.setattr(actions, "REST", 0.0)


@pytest.mark.usefixtures("restless")
def test_it_is_due_after_a_write_and_when_as_of_is_old(publisher: Publisher) -> None:
    assert publisher.is_due()
    publisher.publish()
    assert not publisher.is_due()
    write()
    assert publisher.is_due()
    publisher.publish()
    with db.transaction(quiet=True):
        pass
    assert not publisher.is_due()
    clock.tell_story(timedelta(seconds=31))
    assert publisher.is_due()


@pytest.mark.usefixtures("restless")
def test_time_alone_makes_it_due_also_in_another_process(site: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 15:59:50"))
    with db.transaction() as session:
        scenes.everything(session)
    site.publisher.publish()
    other = Publisher(Store(site.store.folder), site.publisher.brand, [], "build")
    assert not other.is_due()
    scenes.live_at(scenes.at("2021-03-22 16:00:01"))  # the next update was promised by 16:00
    assert other.is_due()


def test_the_worker_rests_between_two_publications(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "REST", 60.0)
    publisher.publish()
    write()
    assert not publisher.is_due()
    monkeypatch.setattr(actions, "REST", 0.0)
    assert publisher.is_due()


def test_who_was_overtaken_does_not_publish_again(publisher: Publisher, offer: Offer) -> None:
    write()
    version = publisher.publish()
    offer.words = "would be rendered"
    assert publisher.publish(unless=lambda found: found.revision >= version.revision) is version
    assert publisher.catch_up()
    assert offer.rendered == 2


def test_catching_up_says_false_when_another_is_publishing(
    publisher: Publisher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "PATIENCE", 0.05)
    publisher.publish()
    write()
    with Store(site.store.folder).writing():
        assert not publisher.catch_up()
    assert publisher.catch_up()


def test_a_write_is_answered_even_when_the_page_cannot_be_composed(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any) -> Snapshot:
        raise KeyError("a bug")

    publisher.publish()
    write()
    monkeypatch.setattr(actions, "compose_latest", broken)
    assert not publisher.catch_up()


def test_without_a_database_catching_up_says_false(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Any:
        raise Unavailable("gone")

    monkeypatch.setattr(actions, "reading", gone)
    assert not publisher.catch_up()


def test_a_locked_database_delays_the_dates_of_changes_but_not_the_page(
    site: Site, request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("only SQLite has one lock for all")
    monkeypatch.setattr(actions, "LOCK_PATIENCE", 0.05)
    with db.transaction() as session:
        scenes.everything(session)
    engine = create_engine(settings.database, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        assert site.publisher.catch_up()
        other.execute(text("ROLLBACK"))
    engine.dispose()
    assert site.store.current.revision == 2
    with db.reading() as session:
        assert session.query(Span).count() == 0
    site.publisher.publish()
    with db.reading() as session:
        assert session.query(Span).count() == 36


def test_reports_that_come_without_end_are_published_with_rests_between(publisher: Publisher, offer: Offer) -> None:
    publisher.publish()
    offer.words = "second"
    with db.transaction():
        pass
    assert publisher.catch_up(rest=3600)
    assert said(publisher.store.current) == b"first"
    assert publisher.catch_up()
    assert said(publisher.store.current) == b"second"


def test_a_clock_set_back_does_not_stop_publishing(publisher: Publisher) -> None:
    version = publisher.publish()
    later = replace(version, laid_at=version.laid_at + 7200)
    assert version.is_younger_than(3600)
    assert not later.is_younger_than(3600)
    clock.tell_story(timedelta(hours=-2))
    assert publisher.is_overtaken(version), "what says it is from the future is made anew"
    again = publisher.publish()
    assert again.as_of < version.as_of
    assert not publisher.is_overtaken(again)


def test_what_failed_is_named_until_it_works_again(publisher: Publisher, offer: Offer) -> None:
    assert publisher.publish().facts.failed == ()
    write()
    offer.words, offer.broken = "second", True
    assert publisher.publish().facts.failed == ("/words.txt",)
    assert Store(publisher.store.folder).follow().facts.failed == ("/words.txt",)
    offer.broken = False
    assert publisher.publish().facts.failed == ()


def test_assets_of_the_build_before_stay_for_pages_that_caches_still_hold(publisher: Publisher, site: Site) -> None:
    def library(name: str) -> Any:
        return lambda snapshot: [Document(f"/static/{name}.css", "text/css", name, name.encode, FOREVER)]

    for turn in range(50):
        publisher.libraries = [library(f"a{turn}")]
        publisher.publish()
    names = set(site.store.current.pages)
    assert "/static/a49.css" in names
    assert "/static/a48.css" in names
    assert len(names) <= 42
