"""A worker that runs out of open files, told on its own process: `python -m tests.probing.starved URL FOLDER`.

Prints what it stored before, during and after the shortage: the good results, the bad ones, and what could not be.
"""

import contextlib
import json
import resource
import socket
import sys
import time
from pathlib import Path

from sqlalchemy import select

from statuspage.app import create_app
from statuspage.db import reading
from statuspage.probing.jobs import Prober
from statuspage.probing.models import ProbeResult
from statuspage.settings import load

SECONDS = 5.0
LIMIT, SPARE = 256, 3


def rounds(prober: Prober) -> dict[str, int]:
    """What the worker does, for some seconds, and what came of it."""
    before, missed = results(), prober.engine.not_looked.total()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        prober.tick()
        prober.collect()
        time.sleep(0.1)
    good, bad = (now - then for now, then in zip(results(), before, strict=True))
    return {"good": good, "bad": bad, "not_looked": prober.engine.not_looked.total() - missed}


def all_there_are() -> list[socket.socket]:
    held: list[socket.socket] = []
    with contextlib.suppress(OSError):
        held.extend(iter(socket.socket, None))
    return held


def results() -> tuple[int, int]:
    with reading() as session:
        found = list(session.scalars(select(ProbeResult.ok)))
    return found.count(True), found.count(False)


def main(url: str, folder: str) -> None:
    app = create_app(load(instance_dir=Path(folder), database_url=url, secret_key="test" * 8))
    with app.app_context():
        prober = Prober(["127.0.0.0/8"])
        said = [rounds(prober)]
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, hard))
        held = all_there_are()
        for one in held[-SPARE:]:
            one.close()
        said.append(rounds(prober))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for one in held:
            one.close()
        said.append(rounds(prober))
        prober.stop()
        print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
