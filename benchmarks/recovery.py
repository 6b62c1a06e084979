"""What a restoration costs: `make bench-recovery`, or `python -m benchmarks.recovery ACCOUNTS` (100000 unless told).

Reports of so many accounts and six stages each through the real server: one by one, as arrays, as lines; beside the
floor, the same rows written bare. Then what reading costs at that size.
"""

import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import make_url

from benchmarks.floors import copied, executed
from benchmarks.measuring import cpu_seconds, family, private_mb, table
from statuspage import clock, db
from statuspage.recovery.queries.progress import stage_views
from statuspage.recovery.rules.reports import STAGES
from tests import postgres
from tests.survival.places import Place, found

ACCOUNTS, SINGLES, ARRAYS, IN_ARRAY, READS = 100_000, 200, 20, 1_000, 50
BASE = "/api/v1/recovery"
LINE = (
    '{"account":"%08d","panel":"panel-c","stage":"%s","state":"running","done":1200,"total":4000,'
    '"sequence":%d,"at":"2021-03-22T13:58:00+01:00"}'
)
Measured = tuple[str, str]


class Caller:
    """A program with a token, on one connection."""

    def __init__(self, place: Place, port: int) -> None:
        self.token = place.token
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3600)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[bytes, http.client.HTTPResponse]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **named})
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status < 400, said[:500]
        return said, answer

    def report(self, body: str) -> None:
        self.ask("POST", f"{BASE}/reports", body.encode(), Content_Type="application/json")

    def stream(self, accounts: int, stage: str, sequence: int) -> None:
        """Lines made while they are sent; all must be taken."""
        length = accounts * (len(LINE % (0, stage, sequence)) + 1)
        kind = {"Content_Type": "application/x-ndjson", "Content_Length": str(length)}
        said, _ = self.ask("POST", f"{BASE}/reports", blocks(accounts, stage, sequence), **kind)
        assert json.loads(said)["rejected"] == 0, said[:500]


def blocks(accounts: int, stage: str, sequence: int) -> Iterator[bytes]:
    for start in range(0, accounts, 500):
        numbers = range(start, min(accounts, start + 500))
        yield "".join(LINE % (one, stage, sequence) + "\n" for one in numbers).encode()


class Costs:
    """What a piece of work cost the server and the database, beside the time it took."""

    def __init__(self, *pids: int) -> None:
        self.pids = pids

    def of(self, count: int, work: Callable[[], None]) -> str:
        before, started = sum(map(cpu_seconds, self.pids)), time.perf_counter()
        work()
        took, spent = time.perf_counter() - started, sum(map(cpu_seconds, self.pids)) - before
        return f"{count / took:,.0f} a second; {1e6 * spent / count:.0f} µs of CPU each"


@contextmanager
def peak(pid: int) -> Iterator[list[float]]:
    """The most private memory that any process of this family had meanwhile, in MB."""
    seen, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            seen[0] = max(seen[0], *(private_mb(one) for one in family(pid)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def milliseconds(work: Callable[[], object]) -> str:
    took = []
    for _ in range(READS):
        started = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - started))
    return f"{median(took):.1f}"


def writing(caller: Caller, costs: Costs, accounts: int) -> Iterator[Measured]:
    def singles() -> None:
        for one in range(SINGLES):
            caller.report(LINE % (one, "orders", 1))

    def arrays() -> None:
        for turn in range(ARRAYS):
            numbers = range(turn * IN_ARRAY, (turn + 1) * IN_ARRAY)
            caller.report(f"[{','.join(LINE % (one, 'orders', 2) for one in numbers)}]")

    first, *others = STAGES
    yield "one by one", costs.of(SINGLES, singles)
    yield f"arrays of {IN_ARRAY}", costs.of(ARRAYS * IN_ARRAY, arrays)
    yield "lines: new accounts", costs.of(accounts, lambda: caller.stream(accounts, first, 3))
    rest = [(stage, 3) for stage in others]
    started = time.perf_counter()
    yield "lines: their other five stages", costs.of(accounts * len(rest), lambda: send(caller, accounts, rest))
    yield "… seconds", f"{time.perf_counter() - started:.0f} for {accounts * len(rest):,}"
    yield "lines: every row changed", costs.of(accounts, lambda: caller.stream(accounts, first, 4))
    yield "lines: the same file again", costs.of(accounts, lambda: caller.stream(accounts, first, 4))


def send(caller: Caller, accounts: int, files: list[tuple[str, int]]) -> None:
    for stage, sequence in files:
        caller.stream(accounts, stage, sequence)


def reading(caller: Caller, place: Place) -> Iterator[Measured]:
    def counters() -> None:
        with db.reading() as session:
            assert stage_views(session, clock.now())

    with place.app():
        yield "progress from the database, ms", milliseconds(counters)
    yield "progress as everybody gets it, ms", milliseconds(lambda: caller.ask("GET", f"{BASE}/progress"))
    account = f"{BASE}/panels/panel-c/accounts/00000007"
    yield "one account over the API, ms", milliseconds(lambda: caller.ask("GET", account))
    link = json.loads(caller.ask("POST", f"{account}/link")[0])["link"]
    token = link.rstrip("/").rpartition("/")[2]
    page = milliseconds(lambda: caller.ask("GET", "/recovery/my/", Cookie=f"recovery={token}"))
    yield "a personal page, ms", page


def database_pid(url: str) -> list[int]:
    """The server of a database, as PostgreSQL notes it."""
    if url.startswith("sqlite"):
        return []
    folder = Path(str(make_url(url).query["host"]))
    return [int((folder / "data" / "postmaster.pid").read_text().split()[0])]


def measure(url: str, folder: Path, accounts: int) -> Iterator[Measured]:
    floor = executed(folder, accounts) if url.startswith("sqlite") else copied(url, accounts)
    yield "floor: the same rows of one stage, bare", f"{floor:,.0f} a second"
    place = found(Place(folder, url, folder / "instance" / "public"))
    with place.serving("web") as (server, port), place.running("worker"):
        caller = Caller(place, port)
        pid = server.process.pid
        with peak(pid) as most:
            yield from writing(caller, Costs(pid, *database_pid(url)), accounts)
        yield "most private memory of a web process meanwhile, MB", f"{most[0]:.0f}"
        yield from reading(caller, place)


def main() -> None:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    engines = sys.argv[2:] or ["sqlite", "postgresql"]
    for engine in engines:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{folder / 'instance' / 'statuspage.db'}"
            if engine != "sqlite":
                url = stack.enter_context(postgres.another(stack.enter_context(postgres.server()), "bench"))
            print(f"{engine}, {accounts:,} accounts\n")
            print(table(("what", "figure"), measure(url, folder, accounts)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
