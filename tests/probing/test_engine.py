"""Looks begin at their moment, and what could not be looked at is held against nobody."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.probing import jobs
from statuspage.probing.engine import Engine
from statuspage.probing.jobs import Prober
from statuspage.probing.models import Outage, Probe, ProbeResult
from statuspage.probing.reach import Found, Unable, look_up
from statuspage.probing.rules import Verdict
from tests.probing.cases import with_probes
from tests.probing.looks import http, look
from tests.probing.targets import Fake, black_hole, fake_panel

ALLOW = ("127.0.0.0/8",)


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


@pytest.fixture
def prober(app: Flask) -> Iterator[Prober]:
    one = Prober(ALLOW)
    yield one
    one.stop()


def rounds(prober: Prober, seconds: float, every: float = 1.0) -> None:
    """What the worker does, for some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        prober.tick()
        prober.collect()
        time.sleep(every)


def results(probe_id: int) -> list[ProbeResult]:
    with reading() as session:
        found = select(ProbeResult).where(ProbeResult.probe_id == probe_id).order_by(ProbeResult.slot)
        return list(session.scalars(found))


def test_between_two_ticks_each_look_begins_at_its_own_moment(panel: Fake, prober: Prober) -> None:
    ids = with_probes(*["panel-b.login"] * 10, target=panel.url, interval=1, timeout=1.0)
    rounds(prober, 4)
    parts = {round(results(one)[-1].at.timestamp() % 1, 1) for one in ids}
    assert len(parts) > 5
    assert max(prober.engine.lags) < 0.5
    for one in ids:
        slots = [found.slot for found in results(one)][1:]
        assert slots == list(range(slots[0], slots[0] + len(slots)))


def test_what_staff_change_counts_within_two_seconds(panel: Fake, prober: Prober) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=1, timeout=1.0)
    rounds(prober, 2, every=0.2)
    with transaction() as session:
        session.execute(update(Probe).values(target=f"{panel.url}moved", enabled=True))
    rounds(prober, 2, every=0.2)
    assert prober.engine.watches[one].target.address == f"{panel.url}moved"
    with transaction() as session:
        session.execute(update(Probe).values(enabled=False))
    rounds(prober, 2, every=0.2)
    asked = panel.asked
    rounds(prober, 1.5, every=0.2)
    assert panel.asked == asked


def test_the_list_of_probes_is_read_only_when_the_site_has_changed(
    panel: Fake, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_probes("panel-b.login", target=panel.url, interval=3600)
    prober.tick()
    reads: list[int] = []
    read = jobs.watches
    monkeypatch.setattr(jobs, "watches", lambda session: reads.append(1) or read(session))
    prober.tick()
    assert reads == []
    with transaction():
        """Anything that readers may see."""
    prober.tick()
    assert reads == [1]


def test_looks_go_on_while_the_database_is_away(panel: Fake, prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = with_probes("panel-b.login", target=panel.url, interval=1, timeout=1.0)
    rounds(prober, 1)

    def gone() -> None:
        raise Unavailable("gone")

    asked = panel.asked
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "reading", gone)
        for _ in range(3):
            with pytest.raises(Unavailable):
                prober.tick()
            time.sleep(1)
    assert panel.asked >= asked + 2
    prober.collect()
    slots = [found.slot for found in results(one)]
    assert len(slots) >= 3


def test_a_crowd_at_one_place_is_looked_at_in_turn_and_none_of_it_is_red(app: Flask) -> None:
    """Ninety hang there at a time, thirty-two are let in: the others are not looked at, rather than late."""
    prober = Prober(ALLOW)
    try:
        with black_hole() as hole:
            with_probes(
                *["panel-b.login"] * 90, target=f"http://127.0.0.1:{hole}/", interval=2, timeout=2.0, down_after=1
            )
            rounds(prober, 3.5, every=0.25)
    finally:
        prober.stop()
    with reading() as session:
        waited = session.scalars(select(ProbeResult.total_ms)).all()
    assert prober.engine.not_looked[f"too many looks at 127.0.0.1:{hole} at once"] > 0
    assert all(one and one < 2500 for one in waited), "the wait for a place is not the target's"


def test_when_this_machine_is_too_busy_to_look_no_target_is_late(prober: Prober) -> None:
    with black_hole() as hole:
        ids = with_probes("panel-a.login", "panel-b.login", target=f"http://127.0.0.1:{hole}/", interval=1, timeout=0.9)
        prober.tick()
        for _ in range(3):
            prober._running().call_soon_threadsafe(time.sleep, 2.5)
            prober.tick()
        prober.collect()
    assert [found.ok for one in ids for found in results(one)] == []
    assert prober.engine.not_looked["this machine is too busy to look"] > 0


def test_a_fault_of_ours_in_one_look_ends_neither_its_looks_nor_those_of_others(
    panel: Fake, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = with_probes("panel-a.login", "panel-b.login", target=panel.url, interval=1, timeout=1.0)
    see = Engine._see
    broken = [True]

    async def breaks(engine: Engine, watch: jobs.Watch, due: jobs.Due, fence: int) -> None:
        if watch.id == odd and broken[0]:
            raise RuntimeError("ours")
        await see(engine, watch, due, fence)

    monkeypatch.setattr(Engine, "_see", breaks)
    rounds(prober, 2.5)
    assert (len(results(odd)), prober.engine.not_looked["fault: RuntimeError('ours')"] >= 2) == (0, True)
    assert len(results(plain)) >= 2
    broken[0] = False
    rounds(prober, 2.5)
    assert len(results(odd)) >= 1


def test_a_name_that_was_never_asked_for_says_nothing_of_its_target() -> None:
    """Hanging look-ups of others hold all the threads: who waits for one meanwhile is not down."""
    held = threading.Event()

    async def crowded() -> object:
        loop = asyncio.get_running_loop()
        blocking = [loop.run_in_executor(None, held.wait, 10) for _ in range(64)]
        try:
            async with asyncio.timeout(0.1):
                return await look_up("localhost", 80)
        except Unable as problem:
            return str(problem)
        finally:
            held.set()
            await asyncio.gather(*blocking)

    assert asyncio.run(crowded()) == "too many names are being looked up at once"


def test_a_name_server_that_hangs_itself_is_the_targets_own() -> None:
    async def hangs(host: str, port: int) -> Sequence[Found]:
        await asyncio.sleep(10)
        return []

    assert look(http("http://panel.example/", timeout=0.1), lookup=hangs)[0].error == "no answer within 0.1 s"


@pytest.mark.process
def test_a_worker_without_open_files_left_says_nothing_of_its_targets_and_heals(
    panel: Fake, app: Flask, database_url: str, tmp_path: Path
) -> None:
    panel.delay = 0.5
    urls = [panel.url, panel.url.replace("127.0.0.1", "localhost")]
    for url in urls:
        with_probes(*["panel-b.login"] * 16, target=url, interval=2, timeout=2.0, down_after=1)
    command = [sys.executable, "-m", "tests.probing.starved", database_url, str(tmp_path / "instance")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    before, starved, after = json.loads(done.stdout.splitlines()[-1])
    assert (before["bad"], starved["bad"], after["bad"]) == (0, 0, 0)
    assert starved["not_looked"] >= 20
    assert min(before["good"], after["good"]) >= 20
    said = done.stdout + done.stderr
    assert "probing.could_not_look" in said
    assert "this machine has no connection left" in said
    with reading() as session:
        assert session.scalars(select(Outage)).all() == []
        assert set(session.scalars(select(Probe.verdict))) == {Verdict.UP}
