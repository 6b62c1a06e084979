"""The probes of the demo."""

from pathlib import Path

from sqlalchemy import select

from statuspage import clock, db
from statuspage.demo import load, looks
from statuspage.demo.props import Props
from statuspage.demo.story import OPENING
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, is_silent
from statuspage.web.site import Site
from tests.scenes import at


def test_each_panel_that_has_servers_is_looked_at_in_three_ways(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, at("2021-03-12 14:05"))
    with db.reading() as session:
        seen = {(probe.component.public_id, probe.kind) for probe in session.scalars(select(Probe))}
    assert seen == {
        (f"panel-{letter}.{function}", kind)
        for letter in "abd"
        for function, kind in (("login", Kind.HTTP), ("api", Kind.TCP), ("import-orders", Kind.HEARTBEAT))
    }


def test_at_the_opening_panel_c_is_looked_at_too(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        assert "panel-c" in {probe.component.panel.slug for probe in session.scalars(select(Probe))}


def test_probes_aim_at_the_fake_panels_of_this_start(site: Site, tmp_path: Path) -> None:
    props = Props(tmp_path)
    with db.transaction() as session:
        load.load(session, at("2021-03-12 14:05"))
        first = looks.aim(session, props)
        second = looks.aim(session, props)
        targets = {probe.name: probe.target for probe in session.scalars(select(Probe))}
        keys = [probe.token_hash for probe in session.scalars(select(Probe)) if probe.kind is Kind.HEARTBEAT]
    assert targets["panel-b login"] == f"http://127.0.0.1:{second['panel-b'].web_port}/login"
    assert targets["panel-b api"] == f"127.0.0.1:{second['panel-b'].api_port}"
    assert first["panel-b"].beat != second["panel-b"].beat
    assert len(set(keys)) == 3
    assert props.panels() == second


def test_the_story_stands_still_while_the_demo_does_not_run(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    clock.tell_story(clock.offset() * 0)
    with db.transaction() as session:
        load.resume(session, OPENING)
        probe = session.scalars(select(Probe)).first()
        assert probe is not None
        assert not is_silent(probe.last_result_at, probe.created_at, probe.interval, clock.now())
    assert (clock.now() - OPENING).total_seconds() < 60
