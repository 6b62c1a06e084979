"""Several workers share the probes; one that is killed or paused is replaced, and nothing it missed counts."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import func, select, text, update

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.leases.models import Lease
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage, Probe, ProbeResult
from statuspage.probing.rules import Verdict
from statuspage.probing.shares import SHARES
from statuspage.status.queries import effective_now
from tests.probing.cases import component_id, with_probes
from tests.probing.targets import Fake, fake_panel
from tests.processes import Running, running, until
from tests.survival.places import Place
from tests.survival.wire import wire

pytestmark = pytest.mark.process
REPLACED_WITHIN = 15.0
LONG = 60.0 if os.environ.get("CI") else 12.5
PRIVATE = {"STATUSPAGE_PROBE_ALLOW_PRIVATE": "127.0.0.1/32"}
Start = Callable[[], AbstractContextManager[Running]]


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


@pytest.fixture
def start(place: Place) -> Iterator[Start]:
    """Starts a worker; the test itself is in the site's app."""
    with place.app():
        yield lambda: place.running("worker", **PRIVATE)


def probes(panel: Fake, count: int = SHARES, **fields: object) -> list[int]:
    """Probes of one component that are looked at each second, each at its own path."""
    made = with_probes(*["panel-b.login"] * count, **{"interval": 1, "timeout": 1.0, "down_after": 1, **fields})
    with transaction() as session:
        for number in made:
            session.get_one(Probe, number).target = f"{panel.url}{number}"
    return made


def held() -> Counter[int]:
    """How many shares each process holds, by its number."""
    with reading() as session:
        found = session.scalars(
            select(Lease.holder).where(Lease.name.startswith("probes/"), Lease.expires_at > clock.wall())
        )
        return Counter(int(holder.split(":")[1]) for holder in found)


def leader() -> int:
    with reading() as session:
        return int(session.get_one(Lease, "worker").holder.split(":")[1])


def share_evenly(*workers: Running) -> Callable[[], bool]:
    part = SHARES // len(workers)
    return lambda: held() == {one.process.pid: part for one in workers}


def seen_since(at: float) -> int:
    """How many probes have a result from after this moment."""
    with reading() as session:
        found = session.scalars(select(Probe.last_result_at))
        return sum(one is not None and one.timestamp() > at for one in found)


def count(what: type[Outage] | type[ProbeResult], *which: object) -> int:
    with reading() as session:
        return session.scalars(select(func.count()).select_from(what).where(*which)).one()


def pause(one: Running) -> None:
    """Stop it in its tracks, but not while it holds the one lock of an SQLite file: then everybody waits for it."""
    while True:
        one.process.send_signal(signal.SIGSTOP)
        try:
            with transaction(quiet=True, patience=0.3) as session:
                session.execute(text("UPDATE site SET revision = revision"))
            return
        except Unavailable:
            one.process.send_signal(signal.SIGCONT)
            time.sleep(0.05)


def test_two_workers_have_half_of_the_probes_each_and_look_at_no_slot_twice(start: Start, panel: Fake) -> None:
    made = probes(panel)
    with start() as one:
        until(share_evenly(one))
        until(lambda: seen_since(0) == len(made))
        with start() as two:
            until(share_evenly(one, two))
            time.sleep(6)
            assert share_evenly(one, two)()
            with transaction() as session:
                session.execute(update(Probe).values(enabled=False))
            time.sleep(3)
            with reading() as session:
                stored = dict(
                    session.execute(select(ProbeResult.probe_id, func.count()).group_by(ProbeResult.probe_id)).all()
                )
            assert {f"/{number}": many for number, many in stored.items()} == panel.paths
            assert min(stored.values()) >= 8
            assert two.stop() < 10
            until(share_evenly(one), 5)


def test_a_worker_that_is_killed_is_replaced_within_15_seconds(start: Start, panel: Fake) -> None:
    made = probes(panel)
    with start() as one:
        until(share_evenly(one))
        with start() as two:
            until(share_evenly(one, two))
            assert leader() == one.process.pid
            one.process.kill()
            killed_at = time.time()
            until(lambda: seen_since(killed_at + 1.1) == len(made), REPLACED_WITHIN)
            until(lambda: leader() == two.process.pid, REPLACED_WITHIN - (time.time() - killed_at))
            assert share_evenly(two)()
    assert count(Outage) == 0


def test_a_worker_that_is_paused_is_replaced_and_what_it_missed_moves_nothing(start: Start, panel: Fake) -> None:
    made = probes(panel, timeout=2.0)
    with start() as one:
        until(share_evenly(one))
        with start() as two:
            until(share_evenly(one, two))
            # Most looks are under way when it is stopped, and too old when it comes to.
            panel.delay = 0.6
            time.sleep(2)
            pause(one)
            paused_at = time.time()
            until(lambda: seen_since(paused_at + 1.1) == len(made), REPLACED_WITHIN)
            time.sleep(max(0.0, paused_at + LONG - time.time()))
            assert share_evenly(two)()
            assert leader() == two.process.pid
            one.process.send_signal(signal.SIGCONT)
            until(share_evenly(one, two))
            time.sleep(2)
            assert leader() == two.process.pid
            assert "worker.was_paused" in one.said()
    assert (count(Outage), count(ProbeResult, ~ProbeResult.ok)) == (0, 0)
    with reading() as session:
        assert set(session.scalars(select(Probe.verdict))) == {Verdict.UP}


def test_a_worker_that_is_cut_off_from_the_database_is_replaced_and_joins_again(
    start: Start, panel: Fake, place: Place
) -> None:
    if place.is_sqlite:
        pytest.skip("there is no network to a file")
    made = probes(panel)
    with TemporaryDirectory(prefix="sp-wire-") as folder, wire(place.url, Path(folder)) as line:
        environment = {**place.environment, **PRIVATE, "STATUSPAGE_DATABASE_URL": line.url}
        with running(place.folder, "worker", **environment) as one:
            until(share_evenly(one))
            with start() as two:
                until(share_evenly(one, two))
                line.works.clear()
                cut_at = time.time()
                until(lambda: seen_since(cut_at + 1.1) == len(made), REPLACED_WITHIN)
                until(lambda: leader() == two.process.pid, REPLACED_WITHIN - (time.time() - cut_at))
                panel.status = 500
                time.sleep(2)
                panel.status = 200
                until(lambda: count(Outage, Outage.ended_at.is_(None)) == 0, 5)
                outages = count(Outage)
                line.works.set()
                until(share_evenly(one, two), 25)
                assert count(Outage) == outages


def test_a_worker_that_is_paused_for_less_than_its_lease_draws_no_conclusions_from_it(
    start: Start, panel: Fake
) -> None:
    made = probes(panel, timeout=2.0)
    panel.delay = 0.6
    with start() as alone:
        until(lambda: seen_since(0) == len(made))
        for _ in range(3):
            time.sleep(1)
            pause(alone)
            time.sleep(4)
            alone.process.send_signal(signal.SIGCONT)
            woken_at = time.time()
            until(lambda at=woken_at: seen_since(at) == len(made), 5)
    assert (count(Outage), count(ProbeResult, ~ProbeResult.ok)) == (0, 0)


def test_when_the_only_worker_is_killed_in_mid_probe_its_component_is_unknown_after_three_intervals_and_never_up(
    start: Start, panel: Fake
) -> None:
    (number,) = probes(panel, 1, interval=2, timeout=2.0)

    def says() -> Status:
        with reading() as session:
            return effective_now(session, clock.now())[component_id(session, "panel-b.login")].status

    with reading() as session:
        before = session.get_one(Probe, number).created_at
    assert says() is Status.UNKNOWN, before
    with start() as alone:
        until(lambda: says() is Status.OPERATIONAL)
        panel.delay = 1.9
        asked = panel.asked
        until(lambda: panel.asked > asked)
        alone.process.kill()
        alone.process.wait(5)
        with reading() as session:
            last = session.get_one(Probe, number).last_result_at
        assert last is not None
        until(lambda: says() is not Status.OPERATIONAL, 7)
        assert time.time() - last.timestamp() >= 3 * 2
        for _ in range(20):
            assert says() is Status.UNKNOWN
            time.sleep(0.1)
    # A result is kept to the millisecond in which its look began.
    assert count(ProbeResult, ProbeResult.slot + ProbeResult.lag / 1000.0 > last.timestamp() + 0.001) == 0
