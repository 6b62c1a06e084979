"""The scene that other tests stand on says what its docstring promises."""

from statuspage.panels.rules import Status
from statuspage.web.site import Site


def test_the_scene_is_published_with_panel_c_down_and_d_working(scene: Site) -> None:
    snapshot = scene.snapshot()
    assert {panel.slug: panel.status for panel in snapshot.panels} == {
        "panel-a": Status.DEGRADED,
        "panel-b": Status.PARTIAL,
        "panel-c": Status.MAJOR,
        "panel-d": Status.OPERATIONAL,
    }
    assert [ledger.slips for ledger in snapshot.ledgers] == [2]
    assert [len(incident.updates) for incident in snapshot.open_incidents] == [3]
    assert len(snapshot.articles) == 4
