"""The digest of a snapshot: it moves with what readers can see, and with nothing else."""

from dataclasses import replace

from statuspage import db
from statuspage.incidents.models import Incident
from statuspage.publishing.snapshot import dump, load
from statuspage.web.site import Site
from tests import scenes


def later(site: Site, moment: str) -> str:
    scenes.live_at(scenes.at(moment))
    site.publisher.publish()
    return site.snapshot().digest


def test_a_moment_that_passes_leaves_the_digest_as_it_was(scene: Site) -> None:
    before = scene.snapshot()
    assert later(scene, "2021-03-22 14:06") == before.digest
    assert scene.snapshot().as_of > before.as_of


def test_a_write_that_nobody_sees_leaves_the_digest_as_it_was(scene: Site) -> None:
    snapshot = scene.snapshot()
    assert replace(snapshot, revision=snapshot.revision + 1).digest == snapshot.digest


def test_what_a_reader_can_see_moves_the_digest(scene: Site) -> None:
    before = scene.snapshot().digest
    with db.transaction() as session:
        session.query(Incident).one().title = scenes.both("Pożar", "Fire")
    scene.publisher.publish()
    assert scene.snapshot().digest != before


def test_a_promise_that_passes_moves_the_digest_though_nobody_wrote(scene: Site) -> None:
    before = later(scene, "2021-03-22 15:59")
    assert later(scene, "2021-03-22 16:01") != before


def test_the_digest_is_the_same_on_every_node(scene: Site) -> None:
    snapshot = scene.snapshot()
    assert load(dump(snapshot)).digest == replace(snapshot).digest == snapshot.digest
