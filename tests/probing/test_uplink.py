"""Our own network: what fails because we are cut off makes no panel red."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from statuspage.db import Site, reading, transaction
from statuspage.probing.actions import note_uplink
from statuspage.probing.jobs import Prober
from statuspage.probing.models import Outage, Probe, ProbeResult
from statuspage.probing.queries import is_impaired
from statuspage.probing.rules import Tally, Verdict
from statuspage.probing.shares import Shares
from tests.probing.cases import START, with_probes
from tests.probing.targets import Fake, closed_port, fake_panel

pytestmark = pytest.mark.usefixtures("app")
ALLOW = ("127.0.0.0/8",)


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def rounds(*probers: Prober, seconds: float) -> None:
    """What the workers do, for some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for one in probers:
            if isinstance(one.shares, Shares):
                one.shares.renew(one.busy())
            one.tick()
            one.collect()
        time.sleep(0.02)


def count(what: type[Outage] | type[ProbeResult]) -> int:
    with reading() as session:
        return session.scalars(select(func.count()).select_from(what)).one()


def cut_off(prober: Prober) -> None:
    with_probes("panel-a.login", "panel-b.login", target=f"http://127.0.0.1:{closed_port()}/", interval=1, timeout=1.0)
    rounds(prober, seconds=2.5)


def test_when_the_references_do_not_answer_either_nothing_is_red_and_the_page_says_why() -> None:
    prober = Prober(ALLOW, [f"127.0.0.1:{closed_port()}"])
    try:
        cut_off(prober)
    finally:
        prober.stop()
    assert (count(Outage), count(ProbeResult)) == (0, 0)
    with reading() as session:
        assert is_impaired(session)
        assert set(session.scalars(select(Probe.verdict))) == {Verdict.UNKNOWN}


@pytest.mark.parametrize("words", ["127.0.0.1:{}", "http://127.0.0.1:{}/"])
def test_when_a_reference_answers_the_targets_are_down(panel: Fake, words: str) -> None:
    panel.status = 503
    prober = Prober(ALLOW, [f"127.0.0.1:{closed_port()}", words.format(panel.port)])
    try:
        cut_off(prober)
    finally:
        prober.stop()
    assert count(Outage) == 2
    with reading() as session:
        assert not is_impaired(session)


def test_without_references_what_fails_is_down_for_a_fire_looks_just_like_that() -> None:
    prober = Prober(ALLOW)
    try:
        cut_off(prober)
    finally:
        prober.stop()
    assert count(Outage) == 2


def test_when_our_network_is_back_it_is_said_and_all_is_looked_at_again(panel: Fake) -> None:
    port = closed_port()
    prober = Prober(ALLOW, [f"127.0.0.1:{port}"])
    try:
        cut_off(prober)
        prober.uplink.references[:] = Prober(ALLOW, [f"127.0.0.1:{panel.port}"]).uplink.references
        rounds(prober, seconds=1.0)
        with reading() as session:
            site = session.scalars(select(Site)).one()
            assert site.impaired_from is not None
            assert site.impaired_until is not None
            assert not is_impaired(session)
        rounds(prober, seconds=2.0)
    finally:
        prober.stop()
    assert count(Outage) == 2, "they are down indeed"


@contextmanager
def two_workers(*references: int) -> Iterator[list[Prober]]:
    """Workers that share two probes of dead panels; each has one reference, at this port."""
    found = [Prober(ALLOW, [f"127.0.0.1:{port}"], Shares(f"worker {number}")) for number, port in enumerate(references)]
    dead = f"http://127.0.0.1:{closed_port()}/"
    with_probes("panel-a.login", "panel-b.login", target=dead, interval=1, timeout=1.0)
    try:
        yield found
    finally:
        for one in found:
            one.stop()


def test_while_another_worker_sees_a_cut_of_one_is_no_concern_of_the_site(panel: Fake) -> None:
    with two_workers(closed_port(), panel.port) as (cut, seeing):
        rounds(cut, seconds=2.5)
        with reading() as session:
            assert is_impaired(session), "it is alone"
        rounds(cut, seeing, seconds=1.0)
        with reading() as session:
            assert not is_impaired(session)
        assert [cut.shares.fence(1), cut.shares.fence(2)] == [None, None]
        rounds(cut, seeing, seconds=3.0)
        assert count(Outage) == 2, "the other sees that they are down"
        with reading() as session:
            assert not is_impaired(session)


def test_when_no_worker_sees_the_site_says_so(panel: Fake) -> None:
    with two_workers(closed_port(), closed_port()) as (one, two):
        rounds(one, two, seconds=4.0)
        with reading() as session:
            assert is_impaired(session)
        assert (count(Outage), count(ProbeResult)) == (0, 0)
        two.uplink.references[:] = Prober(ALLOW, [f"127.0.0.1:{panel.port}"]).uplink.references
        rounds(one, two, seconds=4.0)
        with reading() as session:
            assert not is_impaired(session)
        assert count(Outage) == 2


def test_a_worker_that_begins_in_the_middle_of_a_cut_does_not_say_that_it_is_over_before_it_knows() -> None:
    with transaction() as session:
        note_uplink(session, after(0), after(0))
    prober = Prober(ALLOW, [f"127.0.0.1:{closed_port()}"])
    try:
        rounds(prober, seconds=1.0)
    finally:
        prober.stop()
    with reading() as session:
        assert is_impaired(session)


def test_what_the_prober_says_of_its_network_is_news_once() -> None:
    said = [after(1), after(2), None, None, after(9)]
    with transaction() as session:
        news = [note_uplink(session, impaired_from, after(10)) for impaired_from in said]
        site = session.scalars(select(Site)).one()
    assert news == [True, False, True, False, True]
    assert (site.impaired_from, site.impaired_until) == (after(9), None)


def test_most_have_failed_when_nobody_else_was_asked_or_more_than_half_of_all_since_then() -> None:
    tally = Tally()
    tally.note(after(0), ok=True)
    tally.note(after(1), ok=False)
    assert tally.most_failed(after(1))
    assert not tally.most_failed(after(0)), "one of two is not most"
    tally.note(after(2), ok=True)
    assert not tally.most_failed(after(1))
    tally.note(after(500), ok=False)
    assert list(tally.begun) == [int(after(500).timestamp())], "what is long ago is forgotten"
