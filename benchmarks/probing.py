"""What probing costs and how well it keeps time: `python -m benchmarks.probing` prints the figures.

Each round runs in a process of its own, against a farm of targets in another; both live on this machine, so the
kernel's work for the targets' side of each connection is partly counted as ours.
"""

import asyncio
import os
import resource
import ssl
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import insert, select

from benchmarks.farm import PORTS, Farm, farm
from benchmarks.measuring import percentile, private_mb, table
from statuspage import clock, db
from statuspage.app import create_app
from statuspage.commands.database import bring_up
from statuspage.leases.jobs import Leadership
from statuspage.panels.models import Component, Function, Panel
from statuspage.probing import guard
from statuspage.probing.client import Looker
from statuspage.probing.jobs import TLS_BUFFER, Prober
from statuspage.probing.models import Probe, ProbeResult
from statuspage.probing.places import make_room
from statuspage.probing.rules import Kind, Target
from statuspage.scheduler import Job, Runner
from statuspage.settings import load
from statuspage.texts.rules import texts

TARGETS, INTERVAL = 10_000, 30
WARM_UP, MEASURED = 32.0, 30.0
QUICK, HANGING, QUICK_SECONDS = 200, (0.0, 0.1, 0.2, 0.5), 15.0
AT_ONCE = 5000
FLOOR, TOGETHER = 3000, 10
SETTLING = 5.0
Aim = tuple[str, int, float]


@dataclass(frozen=True)
class Kept:
    """What a worker did in one round; times in milliseconds, CPU in seconds a second."""

    cpu: float
    memory: float
    looks: int
    failed: int
    not_looked: int
    lags: Sequence[float]
    gaps: Sequence[float]


def worker(aims: Sequence[Aim], warm_up: float, seconds: float) -> Kept:
    """The jobs of probing as the worker runs them, on a database of their own."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load(instance_dir=Path(folder), secret_key="benchmark" * 4))
        with app.app_context():
            bring_up(app)
            with db.transaction() as session:
                session.execute(insert(Probe), rows(component(session), aims))
            prober = Prober(["127.0.0.0/8"])
            timer = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
            for seconds_between, run in ((1, prober.tick), (0.5, prober.collect)):
                runner = Runner(app, Job("probing", seconds_between, run, alone=False), Leadership("benchmark"))
                timer.add_job(runner, "interval", seconds=seconds_between)
            timer.start()
            try:
                return measured(prober, warm_up, seconds)
            finally:
                timer.shutdown()
                prober.stop()
                db.db.engine.dispose()


def measured(prober: Prober, warm_up: float, seconds: float) -> Kept:
    time.sleep(warm_up)
    prober.engine.lags.clear()
    begun, began = time.process_time(), clock.now()
    time.sleep(seconds)
    cpu = (time.process_time() - begun) / seconds
    lags = [1000 * lag for lag in prober.engine.lags]
    memory = private_mb(os.getpid())
    time.sleep(1)  # what was seen is stored
    found = select(ProbeResult).where(ProbeResult.slot >= began.timestamp()).order_by(ProbeResult.slot)
    with db.reading() as session:
        seen = session.scalars(found).all()
    moments = defaultdict(list)
    for row in seen:
        if row.ok:
            moments[row.probe_id].append(row.at)
    gaps = [1000 * (later - at).total_seconds() for one in moments.values() for at, later in pairwise(one)]
    failed = sum(not row.ok for row in seen)
    return Kept(cpu, memory, len(seen), failed, prober.engine.not_looked.total(), lags, gaps)


def component(session: db.Session) -> int:
    words = texts({"pl": "x", "en": "x"})
    made = Component(panel=Panel(slug="x", name=words), function=Function(slug="x", name=words))
    session.add(made)
    session.flush()
    return made.id


def rows(component_id: int, aims: Sequence[Aim]) -> list[dict[str, object]]:
    common = {"component_id": component_id, "kind": Kind.HTTP, "created_at": clock.now()}
    return [
        {**common, "name": f"{number}", "target": address, "interval": interval, "timeout": timeout}
        for number, (address, interval, timeout) in enumerate(aims)
    ]


def crowd(found: Farm, scheme: str) -> tuple[int, float]:
    """So many looks at once at targets that take two seconds: how many were good, and what memory they took, in MB."""

    async def looks() -> int:
        looker = Looker(guard.networks(["127.0.0.0/8"]))
        await looker.look(Target(Kind.HTTP, found.address(0, scheme), 10))
        before = peak()
        targets = [Target(Kind.HTTP, found.address(number, scheme, "late"), 60) for number in range(AT_ONCE)]
        seen = await asyncio.gather(*map(looker.look, targets))
        await looker.close()
        took.append(peak() - before)
        return sum(look.ok for look in seen)

    make_room()
    asyncio.sslproto.SSLProtocol.max_size = TLS_BUFFER
    took: list[float] = []
    return asyncio.run(looks()), took[0]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def floor(found: Farm, scheme: str, kind: str) -> float:
    """CPU of one look, or of the bare connection that it needs at least, in microseconds."""
    looker = Looker(guard.networks(["127.0.0.0/8"]))
    trust = ssl.create_default_context(cafile=found.authority) if scheme == "https" else None
    ports = found.https if trust else found.http

    async def connect(number: int) -> None:
        named = {"ssl": trust, "server_hostname": "127.0.0.1"} if trust else {}
        _, writer = await asyncio.open_connection("127.0.0.1", ports[number % PORTS], **named)
        writer.transport.abort()

    async def look(number: int) -> None:
        seen = await looker.look(Target(Kind.HTTP, found.address(number, scheme), 10))
        assert seen.ok, seen.error

    return asyncio.run(cost(connect if kind == "connection" else look))


async def cost(one: Callable[[int], Awaitable[None]]) -> float:
    places = asyncio.Semaphore(TOGETHER)

    async def placed(number: int) -> None:
        async with places:
            await one(number)

    await one(0)
    begun = time.process_time()
    await asyncio.gather(*map(placed, range(FLOOR)))
    return (time.process_time() - begun) / FLOOR * 1e6


def alone(work: Callable[..., object], *given: object) -> object:
    """In a process of its own, so that neither memory nor time of an earlier round counts."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def lags_of(kept: Kept) -> list[str]:
    return [f"{percentile(kept.lags, share):.0f}" for share in (0.5, 0.99)]


def many(found: Farm) -> str:
    lines = []
    for scheme, hanging in (("http", 0.0), ("https", 0.0), ("https", 0.5)):
        aims = [(found.address(n, scheme, path(n, hanging)), INTERVAL, 10.0) for n in range(TARGETS)]
        kept = alone(worker, aims, WARM_UP, MEASURED)
        assert isinstance(kept, Kept)
        counted = [kept.looks, kept.failed, kept.not_looked]
        line = [scheme, f"{hanging:.0%}", f"{kept.cpu:.0%}", f"{kept.memory:.0f}", *lags_of(kept), *counted]
        lines.append(line)
        print(line, flush=True)
    head = ["targets", "hanging", "CPU of a core", "MB", "lag p50 ms", "lag p99 ms", "looks", "failed", "not looked"]
    return table(head, lines)


def path(number: int, hanging: float) -> str:
    """Whole ports hang, as whole machines do."""
    return "never" if number % PORTS < PORTS * hanging else ""


def quick(found: Farm) -> str:
    lines = []
    for hanging in HANGING:
        aims = [(found.address(n, "http", path(n, hanging)), 1, 1.0) for n in range(QUICK)]
        kept = alone(worker, aims, SETTLING, QUICK_SECONDS)
        assert isinstance(kept, Kept)
        gaps = [f"{percentile(kept.gaps, share):.0f}" for share in (0.5, 0.99, 1.0)]
        lines.append([f"{hanging:.0%}", f"{kept.cpu:.0%}", *gaps, len(kept.gaps)])
        print(lines[-1], flush=True)
    return table(["hanging", "CPU of a core", "gap p50 ms", "gap p99 ms", "longest ms", "gaps"], lines)


def floors(found: Farm) -> str:
    lines = []
    for scheme in ("http", "https"):
        bare, look = (alone(floor, found, scheme, kind) for kind in ("connection", "look"))
        assert isinstance(bare, float)
        assert isinstance(look, float)
        good, took = alone(crowd, found, scheme)  # type: ignore[misc]  # what `crowd` returns
        lines.append([scheme, f"{bare:.0f}", f"{look:.0f}", f"{look / bare:.1f}", f"{good}", f"{took:.0f}"])
        print(lines[-1], flush=True)
    head = ["", "µs of CPU: a bare connection", "a look", "ratio", f"good of {AT_ONCE} at once", "MB they took"]
    return table(head, lines)


def main() -> None:
    with farm() as found:
        os.environ["SSL_CERT_FILE"] = found.authority
        for part in (floors, quick, many):
            print(f"\n{part(found)}\n", flush=True)


if __name__ == "__main__":
    main()
