"""Our processes: the web server, the worker, and the small supervisor that keeps both alive."""

import ctypes
import fcntl
import gc
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import structlog
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from statuspage import scheduler
from statuspage.app import create_app, serve, tell_time
from statuspage.front.places import STALLED
from statuspage.settings import Settings
from statuspage.web.site import Site

BACKPRESSURE = 2048  # granian counts idle connections too
BLOCKING_THREADS = 8 + STALLED
HEADER_READ_MS = 12_000
WEB_PATIENCE = 5
STOP_WITHIN = 8.0
LOOK_EVERY = 0.05
BACK_OFF = (0.2, 10.0)
LIVED_WELL = 30.0
PR_SET_PDEATHSIG = 1
log = structlog.get_logger()


class Refused(Exception):
    """The start is refused; the message is one line that says how to mend it."""


def claim_address(host: str, port: int) -> None:
    """Check that nobody listens there. granian binds with SO_REUSEPORT: it would share the traffic silently.

    Raises `Refused`.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
            attempt.listen()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(f"cannot listen on {host}:{port} ({reason}): stop what runs there, or set --port") from None


@contextmanager
def only_one(instance_dir: Path) -> Iterator[None]:
    """Hold the lock of an instance folder. Raises `Refused` when another `run` has it."""
    instance_dir.mkdir(parents=True, exist_ok=True)
    with (instance_dir / "run.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another `statuspage run` works in {instance_dir}: stop it first") from None
        yield


def web(host: str, port: int, workers: int = 1) -> None:
    """Serve the site until SIGTERM. Raises `Refused` when the address is taken."""
    claim_address(host, port)
    _share_memory()
    Server(
        "statuspage.serving:load",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        backpressure=BACKPRESSURE,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_READ_MS),
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=WEB_PATIENCE,
    ).serve(target_loader=load, wrap_loader=False)


def _share_memory() -> None:
    """Before forking: what is imported stays out of the collector's way, which would copy each page it marks."""
    gc.collect()
    gc.freeze()


def load() -> Flask:
    """What each granian worker runs: the app, ended with the process that forked it."""
    # Before anything else: the fork inherited granian's handlers, which would swallow a SIGTERM.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = os.getppid()
    app = serve()
    threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()
    return app


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.25)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(WEB_PATIENCE)
    os._exit(1)


def work(settings: Settings) -> None:
    """Run the jobs until SIGTERM, or until the supervisor is gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app = create_app(settings)
    site: Site = app.extensions["statuspage"]
    site.store.follow()
    tell_time(app, site)
    last_resort = threading.Event()
    threading.Thread(target=_give_up, args=(stop, last_resort), name="last-resort", daemon=True).start()
    scheduler.run(app, site, stop)
    last_resort.set()


def _give_up(stop: threading.Event, done: threading.Event) -> None:
    """A job that hangs must not outlive the patience of whoever stops us."""
    stop.wait()
    if not done.wait(STOP_WITHIN - 1):
        os._exit(1)


@dataclass
class Child:
    """One process to keep alive; `once` runs until it succeeds; `after` names the one it waits for."""

    name: str
    run: Callable[[], None]
    once: bool = False
    after: str | None = None
    pid: int = 0
    started: float = 0.0
    again_at: float = 0.0
    back_off: float = BACK_OFF[0]
    done: bool = False

    def ended(self, status: int, now: float) -> None:
        """Note the end, and when to start again: later each time, unless it lived well."""
        self.pid = 0
        self.done = self.once and status == 0
        if now - self.started > LIVED_WELL:
            self.back_off = BACK_OFF[0]
        self.again_at = now + self.back_off
        self.back_off = min(self.back_off * 2, BACK_OFF[1])


class Supervisor:
    """Forks its children, restarts what dies, stops all within ten seconds of one SIGTERM.

    They are forked, not started anew: the imports are done, so the page answers sooner.
    """

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        _share_memory()
        while not self.stopping:
            self._start_due()
            self._reap()
            time.sleep(LOOK_EVERY)
        self._stop()

    def _hear(self, *_: object) -> None:
        self.stopping = True

    def _start_due(self) -> None:
        done = {child.name for child in self.children if child.done}
        for child in self.children:
            waits = child.after is not None and child.after not in done
            if not (child.pid or child.done or waits or self.stopping) and time.monotonic() >= child.again_at:
                child.started = time.monotonic()
                child.pid = _fork(child.run)

    def _reap(self) -> None:
        for child in self.children:
            if child.pid and (status := _ended(child.pid)) is not None:
                child.ended(status, time.monotonic())
                if not child.done:
                    log.warning("process.ended", name=child.name, status=status, again_in=child.back_off)

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN
        for child in self.children:
            if child.pid:
                _signal(child.pid, signal.SIGTERM)
        while any(child.pid for child in self.children) and time.monotonic() < deadline:
            for child in self.children:
                if child.pid and _ended(child.pid) is not None:
                    child.pid = 0
            time.sleep(LOOK_EVERY)
        for child in self.children:
            if child.pid:
                os.killpg(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _ended(pid: int) -> int | None:
    """The exit code of a child that ended (negative: the signal), None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _fork(run: Callable[[], None]) -> int:
    supervisor = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _live(run, supervisor)
    return pid


def _live(run: Callable[[], None], supervisor: int) -> NoReturn:
    """The life of a child: its own session (Ctrl-C is the supervisor's alone), never without its supervisor."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        _die_with(supervisor)
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except Refused as refused:
        log.warning("process.refused", reason=str(refused))
    except BaseException:  # noqa: BLE001  # nothing may unwind into the supervisor's own frames
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with(supervisor: int) -> None:
    """Ask the kernel for a SIGTERM when the supervisor is killed; it may have been, just now."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        os._exit(1)
