"""What somebody waits for is published first; what can wait is rendered ahead, or follows."""

from sqlalchemy import select

from statuspage import db
from statuspage.app import assemble
from statuspage.audit.actions import Actor
from statuspage.panels.actions import override
from statuspage.panels.rules import Status
from statuspage.publishing.actions import MOST_PUT_OFF, Publisher
from statuspage.uptime.models import DayUptime
from statuspage.web.site import Site
from tests.publishing.offers import Offer, said, write
from tests.publishing.test_shelves import made_from_nothing

ANNA = Actor("staff:1")


def test_what_was_rendered_ahead_is_not_rendered_again_unless_it_changed(publisher: Publisher, offer: Offer) -> None:
    publisher.prepare()
    assert offer.rendered == 2
    offer.words = "changed while it waited"
    version = publisher.publish()
    assert said(version) == b"changed while it waited"
    assert said(version, "/steady.txt") == b"steady"
    assert offer.rendered == 3


def test_who_waits_gets_what_changed_and_the_rest_follows_at_once(publisher: Publisher, offer: Offer) -> None:
    publisher.publish()
    offer.words, offer.moment = "second", "14:06"
    write()
    assert publisher.catch_up()
    hurried = publisher.store.current
    assert said(hurried) == b"second"
    assert offer.rendered == 3
    assert publisher.is_overtaken(hurried)
    rest = publisher.publish()
    assert rest.revision == hurried.revision
    assert offer.rendered == 4
    assert not publisher.is_overtaken(rest)


def test_a_write_that_leaves_nothing_for_later_is_published_once(publisher: Publisher, offer: Offer) -> None:
    publisher.publish()
    offer.words = "second"
    write()
    assert publisher.catch_up()
    assert not publisher.is_overtaken(publisher.store.current)


def test_who_renders_ahead_stops_when_called_and_keeps_what_it_has(publisher: Publisher, offer: Offer) -> None:
    assert not publisher.prepare(lambda: True)
    assert offer.rendered == 1
    assert publisher.prepare()
    assert offer.rendered == 2
    publisher.publish()
    assert offer.rendered == 2


def test_who_posts_does_not_wait_for_figures_that_are_counted_all_the_time(scene: Site) -> None:
    before = scene.publisher.publish().pages
    with db.transaction() as session:
        for row in session.scalars(select(DayUptime)):
            row.major, row.operational = row.major + 600, row.operational - 600
        override(session, "panel-b.login", Status.MAJOR, "A cable.", ANNA)
    assert scene.publisher.catch_up()
    hurried = scene.store.current
    changed = {path for path, page in hurried.pages.items() if before[path].entry.etag != page.entry.etag}
    assert {"/", "/panels/panel-b/"} <= changed
    assert not {"/history/", "/panels/panel-c/", "/panels/panel-d/"} & changed
    assert scene.publisher.is_overtaken(hurried)
    whole = scene.publisher.publish()
    assert whole.pages["/panels/panel-c/"].entry.etag != hurried.pages["/panels/panel-c/"].entry.etag
    assert {path: page.entry.etag for path, page in whole.pages.items()} == made_from_nothing(scene)
    assert not scene.publisher.is_overtaken(whole)


def test_a_post_does_not_undo_what_was_rendered_ahead_with_newer_figures(scene: Site) -> None:
    scene.publisher.publish()
    with db.transaction(quiet=True) as session:
        for row in session.scalars(select(DayUptime)):
            row.major, row.operational = row.major + 600, row.operational - 600
    assert scene.publisher.prepare()
    ahead = scene.publisher.ready["/panels/panel-c/"]
    write()
    assert scene.publisher.catch_up()
    assert scene.store.current.pages["/panels/panel-c/"].entry.etag != ahead.entry.etag
    assert scene.publisher.prepare()
    assert scene.publisher.ready["/panels/panel-c/"] is ahead


def test_figures_that_another_process_published_do_not_go_back(scene: Site) -> None:
    other = assemble(scene.settings).publisher
    scene.publisher.publish()
    with db.transaction() as session:
        for row in session.scalars(select(DayUptime)):
            row.major, row.operational = row.major + 600, row.operational - 600
    newer = other.publish().pages["/panels/panel-c/"].entry.etag
    write()
    assert scene.publisher.catch_up()
    assert scene.store.current.pages["/panels/panel-c/"].entry.etag == newer


def test_what_nobody_waits_for_gives_way_to_who_calls_but_not_for_ever(publisher: Publisher, offer: Offer) -> None:
    publisher.publish()
    offer.words = "second"
    turns = [said(publisher.publish(is_called=lambda: True)) for _ in range(MOST_PUT_OFF + 2)]
    assert turns == [b"first"] * MOST_PUT_OFF + [b"second"] * 2
