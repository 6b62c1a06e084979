"""What the probes of a component and of its panel's gateway make of its status."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from statuspage.db import Site, reading, transaction
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage
from statuspage.status.queries import effective_now
from statuspage.status.rules import Claim, Source
from tests.probing.cases import START, component_id, saw, stored, with_probes
from tests.scenes import both, told
from tests.status.test_actions import after, recorded, spans

pytestmark = pytest.mark.usefixtures("app")


def shown(public_id: str, seconds: int) -> Claim:
    with reading() as session:
        return effective_now(session, after(seconds))[component_id(session, public_id)]


def test_a_component_with_one_of_two_probes_down_is_degraded_and_with_both_down_it_is_down() -> None:
    one, other = with_probes("panel-b.login", "panel-b.login")
    stored(*saw(one, True, False, False, False), *saw(other, True, True, True, True))
    recorded(1)
    assert (shown("panel-b.login", 31).status, shown("panel-b.login", 31).since) == (Status.DEGRADED, after(10))
    recorded(31)
    stored(*saw(one, False, False, first=4), *saw(other, False, False, first=4))
    recorded(52)
    assert spans() == [
        (Status.DEGRADED, Source.PROBE, 1, 40),
        (Status.MAJOR, Source.PROBE, 40, None),
    ]


def test_a_gateway_that_is_down_explains_all_functions_of_its_panel_and_no_other() -> None:
    (gateway,) = with_probes("panel-b.login", gateway=True)
    (own,) = with_probes("panel-b.api")
    stored(*saw(gateway, True, False, False), *saw(own, True, True, True))
    for function in ("login", "api", "archive"):
        said = shown(f"panel-b.{function}", 21)
        assert (said.status, said.since, said.reference) == (Status.MAJOR, after(10), "probe of panel-b.login")
    assert shown("panel-a.api", 21).status is Status.OPERATIONAL
    stored(*saw(own, False, False, first=3))
    with reading() as session:
        assert session.query(Outage).count() == 1
    stored(*saw(gateway, True, True, first=5), *saw(own, True, True, first=5))
    assert shown("panel-b.archive", 61).status is Status.OPERATIONAL


def test_planned_work_on_the_gateway_silences_it_for_all() -> None:
    (gateway,) = with_probes("panel-b.login", gateway=True)
    with transaction() as session:
        session.add(
            Maintenance(
                public_id="work",
                title=both("Prace", "Work"),
                body=told("Prace", "Work"),
                starts_at=START,
                ends_at=after(600),
                announced_at=START,
                changed_at=START,
                components=[session.get_one(Component, component_id(session, "panel-b.login"))],
            )
        )
    stored(*saw(gateway, False, False))
    assert shown("panel-b.api", 11).status is Status.OPERATIONAL
    assert shown("panel-b.login", 11).status is Status.UNDER_MAINTENANCE
    with reading() as session:
        assert session.query(Outage).count() == 0


def test_after_a_silence_nothing_is_green_before_somebody_looked_again_and_the_spans_are_exact() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True))
    recorded(0)
    recorded(31)
    stored(*saw(one, False, first=10))
    assert shown("panel-b.login", 101).status is Status.UNKNOWN, "one failure is no outage, but up is no longer known"
    stored(*saw(one, True, first=11))
    recorded(112)
    assert spans() == [
        (Status.OPERATIONAL, Source.PROBE, 0, 31),
        (Status.UNKNOWN, Source.PROBE, 31, 110),
        (Status.OPERATIONAL, Source.PROBE, 110, None),
    ]


def test_an_outage_across_a_silence_is_one_outage_that_is_known_again_since_the_next_look() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, False, False))
    recorded(11)
    recorded(42)
    stored(*saw(one, False, first=10))
    recorded(101)
    assert [span[0] for span in spans()] == [Status.MAJOR, Status.UNKNOWN, Status.MAJOR]
    assert spans()[-1][2] == 100
    with reading() as session:
        assert session.query(Outage).count() == 1


def test_while_our_own_network_is_cut_what_was_not_seen_since_is_unknown_never_red() -> None:
    lost, down, near = with_probes("panel-b.login", "panel-b.api", "panel-a.login")
    stored(*saw(lost, True, True), *saw(down, False, False), *saw(near, True, True))
    with transaction() as session:
        session.execute(update(Site).values(impaired_from=after(15)))
    stored(*saw(near, True, first=2))
    assert shown("panel-b.login", 21).status is Status.UNKNOWN
    assert shown("panel-b.api", 21).status is Status.UNKNOWN
    assert shown("panel-a.login", 21).status is Status.OPERATIONAL
    with transaction() as session:
        session.execute(update(Site).values(impaired_until=after(25)))
    assert shown("panel-b.login", 26).status is Status.UNKNOWN, "nobody has looked yet"
    stored(*saw(lost, True, first=3), *saw(down, False, first=3))
    assert shown("panel-b.login", 31) == Claim(
        Source.PROBE, Status.OPERATIONAL, START + timedelta(seconds=30), "probe of panel-b.login"
    )
    assert shown("panel-b.api", 31).status is Status.MAJOR
