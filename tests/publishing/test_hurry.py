"""What somebody waits for is published first; what can wait is rendered ahead, or follows."""

from statuspage.publishing.actions import Publisher
from tests.publishing.offers import Offer, said, write


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
