"""What a change leaves alone is not looked at, and nothing is overlooked: the whole site is as if made from nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.app import assemble
from statuspage.estimates.models import Estimate
from statuspage.faq.models import Article
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.rules import Status
from statuspage.publishing.actions import Publisher
from statuspage.publishing.documents import Document, Shelf
from statuspage.publishing.pages import Page
from statuspage.publishing.queries import compose_latest
from statuspage.publishing.rendering import Rendering
from statuspage.publishing.shelves import Shelves
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.site import Site
from tests import scenes
from tests.publishing.offers import Offer, said, write
from tests.scenes import both, told


@dataclass
class Pair:
    """A library with one shelf of two documents."""

    inputs: str = "first"
    listed: int = 0
    broken: bool = False

    def __call__(self, snapshot: Snapshot) -> Iterator[Document | Shelf]:
        yield Shelf("pair", self.inputs, self._documents)

    def _documents(self) -> Iterable[Document]:
        self.listed += 1
        yield Document("/one.txt", "text/plain", self.inputs, self._say)
        yield Document("/two.txt", "text/plain", self.inputs, lambda: b"two")

    def _say(self) -> bytes:
        if self.broken:
            raise RuntimeError("a template is broken")
        return self.inputs.encode()


@pytest.fixture
def pair() -> Pair:
    return Pair()


@pytest.fixture
def publisher(site: Site, pair: Pair) -> Publisher:
    return Publisher(site.store, site.publisher.brand, [pair], "build-1")


def test_a_shelf_that_nothing_changed_is_not_even_listed(publisher: Publisher, pair: Pair) -> None:
    first = publisher.publish()
    write()
    second = publisher.publish()
    assert pair.listed == 1
    assert second.revision > first.revision
    assert (said(second, "/one.txt"), said(second, "/two.txt")) == (b"first", b"two")


def test_a_shelf_is_looked_through_when_its_inputs_or_the_build_changed(publisher: Publisher, pair: Pair) -> None:
    publisher.publish()
    pair.inputs = "second"
    assert said(publisher.publish(), "/one.txt") == b"second"
    publisher.build = "build-2"
    publisher.publish()
    assert pair.listed == 3


def test_a_shelf_is_remembered_though_pages_beside_it_fail_or_wait(
    publisher: Publisher, pair: Pair, offer: Offer
) -> None:
    publisher.libraries = [offer, pair]
    publisher.publish()
    pair.inputs, offer.moment, offer.words, offer.broken = "second", "14:06", "broken", True
    write()
    assert publisher.catch_up()
    listed = pair.listed
    write()
    assert publisher.catch_up()
    assert (said(publisher.store.current, "/one.txt"), pair.listed) == (b"second", listed)


def test_a_shelf_of_which_a_page_failed_is_tried_again(publisher: Publisher, pair: Pair) -> None:
    publisher.publish()
    pair.inputs, pair.broken = "second", True
    assert said(publisher.publish(), "/one.txt") == b"first"
    pair.broken = False
    assert said(publisher.publish(), "/one.txt") == b"second"


def test_what_another_process_published_meanwhile_is_not_taken_for_ours(
    publisher: Publisher, site: Site, pair: Pair
) -> None:
    publisher.publish()
    other = Publisher(site.store, site.publisher.brand, [Pair("theirs")], "build-1")
    assert said(other.publish(), "/one.txt") == b"theirs"
    write()
    assert said(publisher.publish(), "/one.txt") == b"first"
    other.libraries = []
    other.publish()
    assert said(publisher.publish(), "/one.txt") == b"first"


def test_a_page_that_is_gone_has_its_shelf_looked_through(publisher: Publisher, pair: Pair) -> None:
    pages: dict[str, Page] = dict(publisher.publish().pages)
    (shelf,) = (one for one in pair(publisher.store.snapshot()) if isinstance(one, Shelf))
    known = Shelves()
    known.remember(shelf, "build-1", pages)
    assert known.pages(shelf, "build-1", pages) == pages
    del pages["/two.txt"]
    assert known.pages(shelf, "build-1", pages) is None


def first(session: Session, model: type) -> object:
    return session.scalars(select(model).order_by(model.id)).first()  # type: ignore[attr-defined]  # all have an id


def change(model: type, **values: object) -> Callable[[Session], None]:
    def apply(session: Session) -> None:
        row = first(session, model)
        for name, value in values.items():
            setattr(row, name, value)

    return apply


def end_the_fire(session: Session) -> None:
    fire = session.scalars(select(Incident).where(Incident.public_id == scenes.FIRE)).one()
    fire.resolved_at = None if fire.resolved_at else scenes.NOW - timedelta(hours=1)


def close_the_fire(session: Session) -> None:
    session.scalars(select(Incident).where(Incident.public_id == scenes.FIRE)).one().status = Stage.POSTMORTEM


def come_back(session: Session) -> None:
    fire = session.scalars(select(Incident).where(Incident.public_id == scenes.FIRE)).one()
    title, at = both("Znowu", "Again"), scenes.NOW
    session.add(
        Incident(
            public_id="again",
            title=title,
            impact=Impact.MINOR,
            status=Stage.INVESTIGATING,
            started_at=at,
            published_at=at,
            relapse_of=fire,
        )
    )


CHANGES: list[Callable[[Session], None]] = [
    change(Component, override=Status.MAJOR, override_at=scenes.NOW),
    change(Component, override=None, override_at=None),
    change(Component, note=both("Zadzwoń do nas.", "Call us.")),
    change(Panel, name=both("Panel pierwszy", "The first panel")),
    change(Panel, name=both("Panel A", "Panel A")),
    change(Function, name=both("Wchodzenie", "Coming in")),
    change(Incident, title=both("Inny tytuł", "Another title")),
    change(IncidentUpdate, body=told("Poprawione.", "Corrected."), corrected_at=scenes.NOW),
    change(Article, title=both("Inne pytanie", "Another question"), changed_at=scenes.NOW),
    change(Article, published_at=None),
    change(Article, published_at=scenes.NOW - timedelta(days=3)),
    change(Maintenance, title=both("Inne prace", "Other work"), changed_at=scenes.NOW),
    change(Maintenance, cancelled_at=scenes.NOW),
    change(Estimate, quote=both("Jutro.", "Tomorrow.")),
    end_the_fire,
    close_the_fire,
    come_back,
]


def made_from_nothing(site: Site) -> dict[str, str]:
    """The content of each page when nothing is known from before."""
    fresh = assemble(site.settings).publisher
    with db.reading() as session:
        snapshot = compose_latest(session, fresh.brand, clock.now())
    made = Rendering(fresh.build, snapshot, {}, Shelves())
    made.render(fresh.libraries, {})
    assert not made.failed
    return contents(made.pages)


def contents(pages: Mapping[str, Page]) -> dict[str, str]:
    return {path: page.entry.etag for path, page in pages.items()}


def test_after_each_change_every_page_is_as_if_the_site_were_made_from_nothing(scene: Site) -> None:
    for turn, apply in enumerate(CHANGES):
        with db.transaction() as session:
            apply(session)
        scenes.live_at(scenes.NOW + timedelta(minutes=turn))
        assert scene.publisher.catch_up()
        assert contents(scene.publisher.publish().pages) == made_from_nothing(scene), apply
