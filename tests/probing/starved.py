"""A worker that runs out of open files, told on its own process: `python -m tests.probing.starved URL FOLDER`.

Prints what it stored before, during and after the shortage: the good results, the bad ones, and what could not be.
"""

import contextlib
import json
import random
import resource
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from statuspage.app import create_app
from statuspage.db import reading
from statuspage.probing.jobs import Prober
from statuspage.probing.models import ProbeResult
from statuspage.settings import load

LONGEST, ENOUGH = 30.0, 20
LIMIT = 256


def rounds(prober: Prober, enough: str, meanwhile: Callable[[], None] = lambda: None) -> dict[str, int]:
    """What the worker does until it has enough of something, and what came of it."""
    began, missed = results(), prober.engine.not_looked.total()
    end = time.monotonic() + LONGEST
    while True:
        prober.tick()
        prober.collect()
        good, bad = (now - then for now, then in zip(results(), began, strict=True))
        found = {"good": good, "bad": bad, "not_looked": prober.engine.not_looked.total() - missed}
        if found[enough] >= ENOUGH or time.monotonic() > end:
            return found
        meanwhile()
        time.sleep(0.1)


def starve(held: list[socket.socket]) -> None:
    """Take all files there are, and give one back now and then."""
    if held and random.random() < 0.2:  # no secret
        held.pop().close()
        return
    with contextlib.suppress(OSError):
        held.extend(iter(socket.socket, None))


def results() -> tuple[int, int]:
    with reading() as session:
        found = list(session.scalars(select(ProbeResult.ok)))
    return found.count(True), found.count(False)


def main(url: str, folder: str) -> None:
    app = create_app(load(instance_dir=Path(folder), database_url=url, secret_key="test" * 8))
    with app.app_context():
        prober = Prober(["127.0.0.0/8"])
        said = [rounds(prober, "good")]
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, hard))
        held: list[socket.socket] = []
        said.append(rounds(prober, "not_looked", lambda: starve(held)))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for one in held:
            one.close()
        said.append(rounds(prober, "good"))
        prober.stop()
        print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
