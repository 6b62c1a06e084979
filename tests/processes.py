"""Real processes of ours for tests: started in a folder of their own, found again by a mark in their environment."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-c", "from statuspage.cli import main; main(prog_name='statuspage')"]
MARK = "SP_TEST_MARK"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def get(port: int, path: str = "/") -> tuple[int, dict[str, str], bytes] | None:
    """Status, headers and body; None when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    except OSError:
        return None
    finally:
        connection.close()


def until(true: Callable[[], object], seconds: float = 15.0) -> float:
    """Wait until it is true; how long it took. Fails the test after `seconds`."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "it did not come true in time"
        time.sleep(0.02)
    return time.monotonic() - started


class Running:
    """One command of ours, running, with all the processes that came of it."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self.folder = folder
        self.mark = uuid4().hex
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STATUSPAGE_")}
        env = {**kept, "PYTHONPATH": str(ROOT), MARK: self.mark, **environment}
        self.log = (folder / f"log-{self.mark[:6]}").open("w+")
        self.process = subprocess.Popen(
            [*COMMAND, *words], cwd=folder, env=env, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def said(self) -> str:
        return Path(self.log.name).read_text()

    def marked(self) -> list[int]:
        """All living processes that carry the mark, the command itself included."""
        return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit() and self._is_ours(one)]

    def _is_ours(self, process: Path) -> bool:
        try:
            alive = (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            return alive and f"{MARK}={self.mark}".encode() in (process / "environ").read_bytes()
        except OSError:
            return False

    def children(self, of: int | None = None) -> list[int]:
        parent = of or self.process.pid
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in found]

    def stop(self) -> float:
        """SIGTERM, and how long it took until it was over."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        return time.monotonic() - started

    def clear(self) -> None:
        for pid in self.marked():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(5)
        self.log.close()


@contextmanager
def running(folder: Path, *words: str, **environment: str) -> Iterator[Running]:
    one = Running(folder, *words, **environment)
    try:
        yield one
    finally:
        one.clear()
