"""What is measured and how: requests by wrk, CPU seconds and private memory from /proc."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICKS = os.sysconf("SC_CLK_TCK")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
SERVERS, LOAD = 0, 1


def pin(core: int) -> list[str]:
    """The words before a command that keep it on one core, so that load and server do not take from each other."""
    return ["taskset", "-c", str(core % (os.cpu_count() or 1))]


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process and all that came of it."""
    return sum(_own_cpu(one) for one in family(pid))


def _own_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def private_mb(pid: int) -> float:
    """Memory that no other process shares, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@dataclass(frozen=True)
class Load:
    """What wrk saw of one server, and what it cost that server."""

    requests: int
    cpu: float
    p50: float
    p99: float
    errors: str

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu if self.cpu else 0.0


def load(url: str, pid: int, connections: int, seconds: int, headers: Iterable[str] = ()) -> Load:
    """Ask one URL as fast as it goes for some seconds; latencies in milliseconds."""
    given = [word for header in headers for word in ("-H", header)]
    before = cpu_seconds(pid)
    command = [*pin(LOAD), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(pid) - before
    errors = " ".join(line.strip() for line in said.splitlines() if "errors" in line or "Non-2xx" in line)
    requests = re.search(r"(\d+) requests in", said)
    assert requests is not None, said
    return Load(int(requests[1]), spent, _latency(said, "50%"), _latency(said, "99%"), errors)


def _latency(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * MILLISECONDS[found[2]] if found else 0.0


def needs(*programs: str) -> None:
    """End with one line where a program is missing."""
    missing = [one for one in programs if not shutil.which(one, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing:
        sys.exit(f"This needs {', '.join(missing)}: install it (on Debian: apt-get install {' '.join(missing)})")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines)


def middle(values: Iterable[float], digits: int = 1) -> str:
    """Median, with the least and the greatest."""
    found = sorted(values)
    return f"{median(found):.{digits}f} ({found[0]:.{digits}f}–{found[-1]:.{digits}f})"


def percentile(values: Sequence[float], share: float) -> float:
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * share))]
