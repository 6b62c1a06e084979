"""`make bench-serving`: our front and our folder beside nginx and beside a naive render, interleaved in one run."""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import select

from benchmarks.measuring import LOAD, SERVERS, Load, load, middle, needs, percentile, pin, private_mb, table
from benchmarks.sites import OPEN, large_site, told
from statuspage import clock, db
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Stage
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.publishing.queries import revision
from statuspage.publishing.waking import is_awake
from statuspage.web.site import Site
from tests.nginx import configured
from tests.processes import COMMAND, ROOT, free_port, get, until

ROUNDS, SECONDS = 3, 4
CONNECTIONS = (64, 512)
# A server that renders for each request answers nobody in time when more wait.
AT_ONCE = {"naive": (4,)}
HERD, HERDS, POSTS = 512, 5, 30
GZIP = ["Accept-Encoding: gzip"]
NGINX = "server {{ listen 127.0.0.1:{port}; access_log off; keepalive_requests 1000000; gzip_static on; root {root}; }}"


def environment(site: Site) -> dict[str, str]:
    """What a process of the measured site is told."""
    told = {"STATUSPAGE_INSTANCE_DIR": str(site.settings.instance_dir), "STATUSPAGE_SECRET_KEY": site.settings.secret}
    return {**os.environ, "PYTHONPATH": str(ROOT), **told}


@contextmanager
def server(words: list[str], port: int, folder: Path, **more: str) -> Iterator[int]:
    """A server on the servers' core, ready to answer; yields its pid."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    log = (folder / f"log-{port}").open("w")
    process = subprocess.Popen([*pin(SERVERS), *words], cwd=folder, env=env, stdout=log, stderr=log)
    try:
        until(lambda: get(port), 60)
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)
        log.close()


@contextmanager
def front(site: Site, folder: Path) -> Iterator[tuple[str, int]]:
    """Our own web process: URL and pid."""
    port = free_port()
    with server([*COMMAND, "web", "--port", str(port)], port, folder, **environment(site)) as pid:
        yield f"http://127.0.0.1:{port}/", pid


@contextmanager
def contestants(site: Site, folder: Path) -> Iterator[dict[str, tuple[str, int]]]:
    """All servers of the same page: name → URL and pid."""
    plain = folder / "plain"
    plain.mkdir()
    page = site.store.current.pages["/"]
    (plain / "index.html").write_bytes(page.body())
    (plain / "index.html.gz").write_bytes(page.body("gzip"))
    env = environment(site)
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--blocking-threads", "8"]
    with ExitStack() as stack:
        found = {}
        for name, root in (("nginx", plain), ("folder", site.store.folder / "current")):
            port = free_port()
            command = configured(folder / name, NGINX.format(port=port, root=root))
            found[name] = f"http://127.0.0.1:{port}/", stack.enter_context(server(command, port, folder))
        found["front"] = stack.enter_context(front(site, folder))
        for name in ("bare", "naive"):
            port = free_port()
            words = [*granian, "--http", "1", "--port", str(port), f"benchmarks.{name}:app"]
            found[name] = f"http://127.0.0.1:{port}/", stack.enter_context(server(words, port, folder, **env))
        yield found


def throughput(servers: dict[str, tuple[str, int]]) -> dict[tuple[str, int], list[Load]]:
    """Requests per CPU second of each, in rounds that take turns."""
    found: defaultdict[tuple[str, int], list[Load]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, (url, pid) in servers.items():
            for connections in AT_ONCE.get(name, CONNECTIONS):
                found[name, connections].append(load(url, pid, connections, SECONDS, GZIP))
    return found


def shown(found: dict[tuple[str, int], list[Load]]) -> str:
    rows = []
    for (name, connections), runs in found.items():
        floor = found["nginx", connections if connections in CONNECTIONS else CONNECTIONS[0]]
        ratios = [one.per_cpu_second / base.per_cpu_second for one, base in zip(runs, floor, strict=True)]
        cost = median(1e6 * one.cpu / max(1, one.requests) for one in runs)
        p50, p99 = middle(one.p50 for one in runs), middle(one.p99 for one in runs)
        rows.append(
            (
                name,
                connections,
                f"{cost:.0f}",
                middle(ratios, 2 if name != "naive" else 4),
                p50,
                p99,
                runs[-1].errors or "none",
            )
        )
    head = ("server", "connections", "µs of CPU a request", "of nginx", "p50 ms", "p99 ms", "errors")
    return table(head, rows)


async def herd(port: int, size: int) -> tuple[float, set[bytes]]:
    """So many newcomers at once, each with a connection of its own: seconds until all are answered, statuses."""

    async def come() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer[9:12]

    started = time.perf_counter()
    statuses = await asyncio.gather(*(come() for _ in range(size)))
    return time.perf_counter() - started, set(statuses)


def herds(site: Site, servers: dict[str, tuple[str, int]]) -> str:
    """A herd right after a change, for our front and for nginx."""
    rows = []
    os.sched_setaffinity(0, {LOAD % (os.cpu_count() or 1)})
    for name in ("nginx", "front"):
        took, statuses = [], set()
        for turn in range(HERDS):
            change(site, turn)
            site.publisher.catch_up()
            seconds, seen = asyncio.run(herd(port_of(servers[name][0]), HERD))
            took.append(seconds)
            statuses |= seen
        rows.append((name, HERD, middle(took, 3), b" ".join(sorted(statuses)).decode()))
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return table(("server", "newcomers", "seconds until all are answered", "statuses"), rows)


def port_of(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])


def change(site: Site, turn: int) -> None:
    """What staff do: one function of a panel is set by hand."""
    with db.transaction() as session:
        component = session.get_one(Component, 1 + turn % 40)
        component.override = Status.MAJOR if turn % 2 else Status.PARTIAL
        component.override_at = clock.now()


def tell(site: Site, turn: int) -> None:
    """What staff do most: an update of an open incident, which also changes the state of what it touches."""
    status = Status.MAJOR if turn % 2 else Status.PARTIAL
    with db.transaction() as session:
        incident = session.scalars(select(Incident).where(Incident.resolved_at.is_(None))).all()[turn % OPEN]
        touched = incident.updates[0].affected[0].component_id
        word = IncidentUpdate(
            sequence=len(incident.updates) + 1,
            status=Stage.IDENTIFIED,
            body=told("Nowa wiadomość", "News"),
            published_at=clock.now(),
            affected=[Affected(component_id=touched, status=status)],
        )
        incident.updates.append(word)


def latencies(site: Site, url: str, pid: int) -> str:
    """From a commit until the front serves the new bytes, with and without a full read load."""
    rows = [(post.__name__, "none", *_posts(site, url, post)) for post in (change, tell)]
    done = threading.Event()

    def crowd() -> None:
        while not done.is_set():
            load(url, pid, 64, SECONDS, GZIP)

    thread = threading.Thread(target=crowd)
    thread.start()
    rows += [(post.__name__, "64 connections without pause", *_posts(site, url, post)) for post in (change, tell)]
    done.set()
    thread.join()
    return table(("post", "readers", "p50 s", "p99 s", "of that publishing, median s"), rows)


def _posts(site: Site, url: str, post: Callable[[Site, int], None]) -> tuple[str, str, str]:
    took, publishing = [], []
    for turn in range(POSTS):
        post(site, turn)
        started = time.perf_counter()
        with db.reading() as session:
            wanted = revision(session)
        site.publisher.catch_up()
        publishing.append(time.perf_counter() - started)
        until(lambda wanted=wanted: _shows(site, url, wanted), 30)
        took.append(time.perf_counter() - started)
        time.sleep(turn % 7 / 3)
    return f"{median(took):.2f}", f"{percentile(took, 0.99):.2f}", f"{median(publishing):.2f}"


def _shows(site: Site, url: str, wanted: int) -> bool:
    """Whether a reader gets the bytes of this write, or of a later one."""
    version = site.store.follow()
    found = get(port_of(url))
    etag = f'"{version.pages["/"].entry.etag}"'
    return version.revision >= wanted and found is not None and found[1]["etag"] == etag


def memory(pid: int, worker: int) -> str:
    """The private memory of the process that serves (granian's child), and of the one that publishes."""
    pids = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    serving = max(private_mb(one) for one in pids)
    return f"Private memory of a web process: {serving:.0f} MB, of the worker: {private_mb(worker):.0f} MB"


@contextmanager
def worker(site: Site, folder: Path) -> Iterator[int]:
    """The worker of this machine, which publishes what is posted; yields its pid."""
    with (folder / "worker.log").open("w") as log:
        process = subprocess.Popen([*COMMAND, "worker"], cwd=folder, env=environment(site), stdout=log, stderr=log)
        try:
            until(lambda: is_awake(site.store.folder), 60)
            yield process.pid
        finally:
            process.terminate()
            process.wait(15)


def main() -> None:
    needs("wrk", "nginx", "taskset")
    with tempfile.TemporaryDirectory() as name, large_site(Path(name) / "instance") as site:
        started = time.perf_counter()
        version = site.publisher.publish()
        print(f"{len(version.pages)} documents rendered and laid down in {time.perf_counter() - started:.1f} s")
        page = version.pages["/"].entry.sizes
        print(f"The page: {page['identity'] / 1024:.0f} KB, {page['gzip'] / 1024:.1f} KB gzip\n")
        with contestants(site, Path(name)) as servers:
            print(shown(throughput(servers)), end="\n\n")
            print(herds(site, servers), end="\n\n")
        with worker(site, Path(name)) as pid, front(site, Path(name)) as server:
            print(latencies(site, *server), end="\n\n")
            print(memory(server[1], pid))


if __name__ == "__main__":
    main()
