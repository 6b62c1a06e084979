"""The prober: due probes are looked at, each slot once, and what came back is stored."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.latency.jobs import count_hours
from statuspage.leases.models import Lease
from statuspage.probing import jobs
from statuspage.probing.jobs import Prober, forget_old_results
from statuspage.probing.models import Probe, ProbeResult
from statuspage.probing.queries import in_doubt
from statuspage.probing.rules import Kind, Standing, Verdict, phase, slot
from statuspage.probing.shares import Shares
from tests.probing.cases import START, saw, stored, with_probes
from tests.probing.targets import Fake, black_hole, fake_panel

pytestmark = pytest.mark.usefixtures("app")
ALLOW = ("127.0.0.0/8",)


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


@pytest.fixture
def prober() -> Iterator[Prober]:
    one = Prober(ALLOW)
    yield one
    one.stop()


def wait(done: Callable[[], object], seconds: float = 20) -> None:
    started = time.monotonic()
    while not done():
        assert time.monotonic() - started < seconds
        time.sleep(0.01)


def verdict(number: int) -> Verdict:
    with reading() as session:
        return session.get_one(Probe, number).verdict


def count() -> int:
    with reading() as session:
        return session.scalars(select(func.count(ProbeResult.slot))).one()


def test_a_due_probe_is_looked_at_once_in_its_slot(panel: Fake, prober: Prober) -> None:
    with time_machine.travel(START, tick=False):
        (one,) = with_probes("panel-b.login", target=panel.url, interval=3600)
        assert prober.tick() == 1
        wait(prober.collect)
        assert prober.tick() == 0
    assert verdict(one) is Verdict.UP
    assert panel.asked == 1


def test_two_workers_on_one_database_store_each_slot_once(panel: Fake, prober: Prober) -> None:
    with time_machine.travel(START, tick=False):
        ids = with_probes("panel-b.login", "panel-b.api", target=panel.url, interval=3600)
        other = Prober(ALLOW)
        try:
            assert (prober.tick(), other.tick()) == (2, 2)
            for one in (prober, other):
                wait(lambda one=one: not one.under_way)
                one.collect()
            assert count() == 2
            with reading() as session:
                assert set(session.scalars(select(Probe.streak).where(Probe.id.in_(ids)))) == {1}
        finally:
            other.stop()


def test_who_takes_a_probe_over_does_not_look_again_in_a_slot_that_has_its_result(panel: Fake, prober: Prober) -> None:
    with time_machine.travel(START, tick=False) as now:
        with_probes("panel-b.login", target=panel.url, interval=60)
        prober.tick()
        wait(prober.collect)
        other = Prober(ALLOW)
        try:
            assert other.tick() == 0
            now.shift(timedelta(seconds=60))
            assert other.tick() == 1
            wait(other.collect)
            assert prober.tick() == 0, "nor does who had it before, when it comes back"
        finally:
            other.stop()
    assert panel.paths == {"/": 2}


def test_a_look_is_begun_and_stored_only_by_the_worker_that_holds_its_share(panel: Fake) -> None:
    (number,) = with_probes("panel-b.login", target=panel.url, interval=3600)
    shares = Shares("one"), Shares("two")
    one, two = (Prober(ALLOW, shares=part) for part in shares)
    try:
        assert one.tick() == 0, "nothing is its own yet"
        shares[0].renew()
        assert (one.tick(), two.tick()) == (1, 0)
        wait(lambda: one.busy() == {number})
        wait(lambda: not one.under_way)
        with transaction(quiet=True) as session:
            session.execute(update(Lease).values(expires_at=clock.wall()))
        shares[1].renew()
        one.collect()
        assert (count(), one.busy()) == (0, set())
        assert two.tick() == 1
        wait(two.collect)
        assert count() == 1
    finally:
        one.stop()
        two.stop()


def test_a_panel_that_dies_is_down_after_two_looks_and_up_again_after_two(panel: Fake, prober: Prober) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=1, timeout=1.0)

    def looks_until(wanted: Verdict) -> None:
        def done() -> bool:
            prober.tick()
            prober.collect()
            return verdict(one) is wanted

        wait(done, 30)

    looks_until(Verdict.UP)
    panel.status = 500
    looks_until(Verdict.DOWN)
    panel.status = 200
    looks_until(Verdict.UP)


def test_a_probe_that_hangs_is_not_begun_twice_and_others_go_on(panel: Fake, prober: Prober) -> None:
    with black_hole() as hole:
        (stuck,) = with_probes("panel-a.login", target=f"http://127.0.0.1:{hole}/", interval=1, timeout=60.0)
        (healthy,) = with_probes("panel-b.login", target=panel.url, interval=1, timeout=30.0)
        wait(lambda: prober.tick() and panel.asked >= 3, 30)
        assert stuck in prober.under_way
        wait(lambda: healthy not in prober.under_way)
        prober.collect()
    with reading() as session:
        seen = {(row.probe_id, row.ok) for row in session.scalars(select(ProbeResult))}
    assert seen == {(healthy, True)}


def test_disabled_probes_rest(panel: Fake, prober: Prober) -> None:
    with_probes("panel-b.login", target=panel.url, enabled=False)
    assert prober.tick() == 0


def test_a_private_target_is_not_reached_unless_the_settings_allow_it(panel: Fake) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=3600)
    strict = Prober(("10.0.0.0/8",))
    try:
        strict.tick()
        wait(strict.collect)
    finally:
        strict.stop()
    with reading() as session:
        assert "private" in (session.get_one(Probe, one).last_error or "")
    assert panel.asked == 0


def test_results_survive_a_database_that_is_away_for_a_while(
    panel: Fake, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=3600)
    prober.tick()
    wait(lambda: not prober.under_way)

    def gone(**_: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "transaction", gone)
        with pytest.raises(Unavailable):
            prober.collect()
    assert prober.collect() == 1
    assert verdict(one) is Verdict.UP


def test_a_heartbeat_is_unknown_before_the_first_beat_up_while_they_come_and_down_when_they_stop(
    prober: Prober,
) -> None:
    (one,) = with_probes("panel-b.login", kind=Kind.HEARTBEAT, interval=60, expect={"grace": 10}, down_after=1)
    with time_machine.travel(START, tick=False) as now:
        prober.tick()
        assert prober.collect() == 0
        assert verdict(one) is Verdict.UNKNOWN
        with transaction(quiet=True) as session:
            session.execute(update(Probe).values(beat_at=datetime.now(UTC)))  # noqa: TID251  # the frozen clock
        now.shift(timedelta(seconds=60))
        prober.tick()
        prober.collect()
        assert verdict(one) is Verdict.UP
        now.shift(timedelta(seconds=60))
        prober.tick()
        prober.collect()
        assert verdict(one) is Verdict.DOWN


def test_old_results_are_deleted_every_hour_all_of_them(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, *[True] * 7))
    assert forget_old_results() == 0, "what is not counted into its hour stays"
    count_hours()
    assert forget_old_results() == 7
    assert count() == 0


def test_a_first_failure_is_looked_at_again_before_its_next_interval(panel: Fake, prober: Prober) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=3600)
    panel.status = 500
    begin = datetime.fromtimestamp(slot(START, 3600, phase(one, 3600)), UTC)
    with time_machine.travel(begin, tick=False) as now:
        prober.tick()
        wait(lambda: prober.collect() == 1)
        assert prober.tick() == 0
        now.shift(timedelta(seconds=10))
        assert prober.tick() == 1
        wait(lambda: prober.collect() == 1)
        assert verdict(one) is Verdict.DOWN
        now.shift(timedelta(seconds=10))
        assert prober.tick() == 0, "no longer in doubt"


@pytest.mark.parametrize("kind", [Kind.HTTP, Kind.HEARTBEAT])
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("streak", [0, 1])
@pytest.mark.parametrize("streak_ok", [True, False])
def test_the_database_and_the_rules_agree_on_who_is_in_doubt(
    kind: Kind, verdict: Verdict, streak: int, streak_ok: bool
) -> None:
    (one,) = with_probes("panel-b.login", kind=kind, verdict=verdict, streak=streak, streak_ok=streak_ok)
    (other,) = with_probes("panel-a.login", streak=0)
    by_rules = Standing(verdict, None, streak, streak_ok).is_in_doubt and kind is not Kind.HEARTBEAT
    with reading() as session:
        assert in_doubt(session) == in_doubt(session, [one, other]) == ({one} if by_rules else set())
        assert in_doubt(session, [other]) == set()
