"""As of when a page is: the same moment, and so the same bytes, on every machine that publishes."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from statuspage import clock, db
from statuspage.incidents.models import Incident
from statuspage.panels.models import Component
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, Verdict
from statuspage.publishing import actions
from statuspage.publishing.actions import Publisher
from statuspage.publishing.store import Store
from statuspage.web.site import Site
from tests import scenes


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker takes no rest between two publications."""
    monkeypatch.setattr(actions, "REST", 0.0)


def test_two_machines_publish_the_same_bytes_from_the_same_revision(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "wall", lambda: scenes.at("2021-03-22 14:05:07"))
    with db.transaction() as session:
        scenes.everything(session)
    other = Publisher(Store(tmp_path / "other"), site.publisher.brand, site.publisher.libraries, site.publisher.build)
    one = site.publisher.publish()
    monkeypatch.setattr(clock, "wall", lambda: scenes.at("2021-03-22 14:05:25"))
    two = other.publish()
    assert one.as_of == two.as_of
    assert {path: page.entry.etag for path, page in one.pages.items()} == {
        path: page.entry.etag for path, page in two.pages.items()
    }
    assert all(
        page.body("gzip") == two.pages[path].body("gzip") for path, page in one.pages.items() if "gzip" in page.bodies
    )


def test_a_change_by_time_is_stamped_with_its_own_moment(site: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 15:59:40"))
    with db.transaction() as session:
        scenes.everything(session)
    with db.transaction() as session:
        incident = session.scalars(select(Incident).where(Incident.resolved_at.is_(None))).first()
        assert incident is not None
        incident.next_update_by = scenes.at("2021-03-22 15:59:52")
    site.publisher.publish()
    scenes.live_at(scenes.at("2021-03-22 15:59:58"))
    assert site.publisher.is_due()
    version = site.publisher.publish()
    assert datetime.fromisoformat(version.as_of) == scenes.at("2021-03-22 15:59:52")


def test_without_a_write_a_page_bears_the_last_half_minute(site: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 15:00:00"))
    with db.transaction() as session:
        scenes.everything(session)
    site.publisher.publish()
    scenes.live_at(scenes.at("2021-03-22 15:01:44"))
    assert datetime.fromisoformat(site.publisher.publish().as_of) == scenes.at("2021-03-22 15:01:30")
    with db.transaction():
        pass
    written = datetime.fromisoformat(site.publisher.publish().as_of)
    assert scenes.at("2021-03-22 15:01:44") <= written < scenes.at("2021-03-22 15:01:50")


def test_a_probe_that_falls_silent_is_on_the_page_within_a_second_although_nobody_writes(site: Site) -> None:
    scenes.live_at(scenes.at("2021-03-22 15:00:20"))
    with db.transaction() as session:
        scenes.panels(session)
        session.add(
            Probe(
                component=session.scalars(select(Component)).first(),
                name="one",
                kind=Kind.TCP,
                interval=10,
                created_at=scenes.at("2021-03-22 14:00:00"),
                verdict=Verdict.UP,
                last_result_at=scenes.at("2021-03-22 15:00:12"),
            )
        )
    site.publisher.publish()
    scenes.live_at(scenes.at("2021-03-22 15:00:31"))
    site.publisher.publish()
    scenes.live_at(scenes.at("2021-03-22 15:00:41"))
    assert not site.publisher.is_due()
    scenes.live_at(scenes.at("2021-03-22 15:00:43"))
    assert site.publisher.is_due()
    version = site.publisher.publish()
    assert datetime.fromisoformat(version.as_of) >= scenes.at("2021-03-22 15:00:43")
    assert not site.publisher.is_due(), "it was said once"


def test_a_page_says_that_our_own_monitoring_is_disturbed_while_it_is(site: Site) -> None:
    scenes.live_at()
    with db.transaction() as session:
        scenes.everything(session)
        session.scalars(select(db.Site)).one().impaired_from = clock.now()
    assert b"Our own monitoring is disturbed" in site.publisher.publish().pages["/en/"].body()
    with db.transaction() as session:
        session.scalars(select(db.Site)).one().impaired_until = clock.now()
    assert b"Our own monitoring" not in site.publisher.publish().pages["/en/"].body()
