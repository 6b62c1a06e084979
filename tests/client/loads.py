"""A real status page to push to, a file to push, and the command as a user starts it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.processes import COMMAND, ROOT
from tests.survival.places import Place

STAGES = ("access", "orders", "archive", "warehouse")
PEAK = """
import atexit, resource, sys
atexit.register(lambda: print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from statuspage.cli import main
main(prog_name="statuspage")
"""
MEMORY = [sys.executable, "-c", PEAK]


def line(number: int, **changes: object) -> str:
    row = {
        "account": f"{number // len(STAGES):06}",
        "panel": "panel-c",
        "stage": STAGES[number % len(STAGES)],
        "state": "running",
        "done": 3,
        "total": 10,
        "sequence": 7,
        "at": "2021-03-22T13:58:00+01:00",
    }
    return json.dumps({**row, **changes})


def write(path: Path, count: int, pad: int = 0) -> Path:
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            out.write(line(number) + " " * pad + "\n")
    return path


def push(place: Place, port: int, file: Path | str, *words: str, command: list[str] = COMMAND) -> subprocess.Popen[str]:
    """`statuspage recovery push` from a folder where there is no site."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STATUSPAGE_")}
    return subprocess.Popen(
        [*command, "recovery", "push", str(file), "--to", f"http://127.0.0.1:{port}", *words],
        env={**environment, "PYTHONPATH": str(ROOT), "STATUSPAGE_TOKEN": place.token},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pushed(place: Place, port: int, file: Path | str, *words: str, typed: str | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    with push(place, port, file, *words) as one:
        out, errors = one.communicate(typed, timeout=90)
        return one.returncode, out, errors


def kept(place: Place) -> int:
    with closing(sqlite3.connect(place.database, timeout=10)) as database:
        found: int = database.execute("select count(*) from stage_state").fetchone()[0]
        return found


def counts_are_true(place: Place) -> bool:
    """Whether the counters equal a recount."""
    with closing(sqlite3.connect(place.database, timeout=10)) as database:
        counted = Counter(dict(database.execute("select stage || state, accounts from stage_count")))
        rows = Counter(one for (one,) in database.execute("select stage || state from stage_state"))
        return +counted == rows


def interrupt(one: "subprocess.Popen[str]", mark: Path) -> tuple[int, str, str]:
    """Ctrl-C as soon as a part was taken."""
    until = time.monotonic() + 30
    while not mark.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    one.send_signal(signal.SIGINT)
    out, errors = one.communicate(timeout=30)
    return one.returncode, out, errors
