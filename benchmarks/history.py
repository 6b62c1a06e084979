"""What history costs on SQLite: `make bench-history`, or `python -m benchmarks.history RESULTS` (26000000 for all).

480 components with a probe each; RESULTS raw results of the last week behind them (1,000,000 unless told). Measured:
bytes a raw result, counting hours, bytes of hours, days and strips, reading 90 days, drawing, forgetting.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import delete, func, insert, select, text

from benchmarks.measuring import middle, table
from benchmarks.sites import DAYS, large_site
from statuspage import clock, db
from statuspage.latency import actions as latency
from statuspage.latency.models import ProbeHour
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing import actions as probing
from statuspage.probing.models import Probe, ProbeResult
from statuspage.probing.rules import HOUR, KEPT, Kind, kept_from
from statuspage.status.models import Span
from statuspage.status.rules import Source
from statuspage.uptime.actions import count_since
from statuspage.uptime.models import UptimeStrip
from statuspage.uptime.queries import panel_days

RESULTS, ROUNDS, AT_ONCE = 1_000_000, 9, 20_000
MB = 1_000_000
Row = dict[str, object]


def pages(name: str) -> int:
    """Bytes of a table and its indices in the file."""
    with db.reading() as session:
        return session.scalar(text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE :name"), {"name": f"%{name}%"}) or 0


def looks(probes: list[int], first: int, results: int) -> Iterator[list[Row]]:
    """What the probes saw, in the order in which a worker stores it: all probes, then the next slot."""
    random = Random(1)  # noqa: S311  # the same rows each time
    slots = results // len(probes)
    interval = max(1, int(KEPT.total_seconds()) // slots)
    rows: list[Row] = []
    for number in range(slots):
        for probe in probes:
            waited, answer = random.uniform(3, 9), random.lognormvariate(4.2, 0.4)
            row = {"probe_id": probe, "slot": first + number * interval, "lag": random.randrange(30_000), "ok": True}
            spent = {"dns": random.uniform(0.5, 2), "connect": waited, "tls": waited * 1.5, "first_byte": answer}
            rows.append({**row, **spent, "total_ms": sum(spent.values()), "degraded": False})
        if len(rows) >= AT_ONCE:
            yield rows
            rows = []
    yield rows


def timed(work: Callable[[], object], rounds: int = 1) -> list[float]:
    """Milliseconds of processor time of each round: others may be busy on the same machine."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append((time.process_time() - started) * 1000)
    return found


def again(step: Callable[[], int]) -> Callable[[], None]:
    def all_of_it() -> None:
        while step():
            pass

    return all_of_it


def fill(results: int) -> None:
    now = clock.now()
    with db.transaction(quiet=True) as session:
        components = session.scalars(select(Component.id)).all()
        start = now - timedelta(days=DAYS + 5)
        session.add_all(
            Span(component_id=one, status=Status.OPERATIONAL, source=Source.PROBE, started_at=start)
            for one in components
        )
        made = [Probe(component_id=one, name="p", kind=Kind.HTTP, created_at=start) for one in components]
        session.add_all(made)
        session.flush()
        probes = [one.id for one in made]
    for rows in looks(probes, kept_from(now) + HOUR, results):
        if rows:
            with db.transaction(quiet=True) as session:
                session.execute(insert(ProbeResult), rows)


def writing(step: Callable[..., int]) -> int:
    with db.transaction(quiet=True) as session:
        return step(session)


def read_days() -> None:
    with db.reading() as session:
        panel_days(session, clock.now().date())


def measure(results: int, zone: object) -> Iterator[tuple[str, str]]:
    now = clock.now()
    filling = timed(lambda: fill(results))[0]
    with db.reading() as session:
        stored = session.scalar(select(func.count(ProbeResult.slot))) or 1
    yield "raw results", f"{stored:,} (written in {filling / 1000:.0f} s)"
    yield "bytes a raw result, all included", f"{pages('probe_result') / stored:.1f}"
    counting = timed(again(lambda: writing(lambda session: latency.count(session, now))))[0]
    yield "counting all hours, µs a raw result", f"{counting * 1000 / stored:.1f}"
    with db.reading() as session:
        hours = session.scalar(select(func.count(ProbeHour.hour))) or 1
    yield "bytes an hour row", f"{pages('probe_hour') / hours:.0f} ({hours:,} rows)"
    yield "drawing the curves of 40 panels, ms", middle(timed(lambda: writing(drawn), 3))
    yield "90 days of 480 components from the day rows, ms", middle(timed(read_days, ROUNDS))
    first = timed(lambda: writing(lambda session: count_since(session, now.date(), now, zone)))[0]
    yield "counting today, with the strips packed for the day, ms", f"{first:.0f}"
    yield "counting today, ms", middle(timed(lambda: writing(lambda s: count_since(s, now.date(), now, zone)), ROUNDS))
    yield "90 days of 480 components from the strips, ms", middle(timed(read_days, ROUNDS))
    yield "bytes a day row; all strips, MB", f"{pages('day_uptime') / 480 / DAYS:.0f}; {pages('uptime_strip') / MB:.1f}"
    later = now + KEPT / 2
    forgetting = timed(again(lambda: writing(lambda session: probing.forget_old(session, later))))[0]
    with db.reading() as session:
        gone = stored - (session.scalar(select(func.count(ProbeResult.slot))) or 0)
    yield "forgetting, µs a raw result", f"{forgetting * 1000 / max(1, gone):.1f} ({gone:,} rows)"


def drawn(session: object) -> int:
    latency.draw(session, clock.now())  # type: ignore[arg-type]  # a session, as `writing` hands it on
    return 0


def main() -> None:
    results = int(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    with tempfile.TemporaryDirectory() as folder, large_site(Path(folder), incidents=0) as site:
        with db.transaction() as session:
            session.execute(delete(UptimeStrip))
        print(table(("what", "figure"), measure(results, site.settings.zone)))


if __name__ == "__main__":
    main()
