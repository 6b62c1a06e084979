"""A worker that runs out of open files, told on its own process: `python -m tests.probing.starved URL FOLDER`.

Prints what it stored before, during and after the shortage: the good results, the bad ones, and what could not be.
"""

import contextlib
import json
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

SECONDS = 5.0
LIMIT = 256


def rounds(prober: Prober, meanwhile: Callable[[], None] = lambda: None) -> dict[str, object]:
    """What the worker does, for some seconds, and what came of it."""
    before, missed = results(), prober.engine.not_looked.total()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        prober.tick()
        prober.collect()
        meanwhile()
        time.sleep(0.1)
    good, bad = (now - then for now, then in zip(results(), before, strict=True))
    return {"good": good, "bad": bad, "not_looked": prober.engine.not_looked.total() - missed, "errors": errors()}


def starve(held: list[socket.socket]) -> None:
    """Take all files there are, but for one."""
    with contextlib.suppress(OSError):
        held.extend(iter(socket.socket, None))
    held.pop().close()


def results() -> tuple[int, int]:
    with reading() as session:
        found = list(session.scalars(select(ProbeResult.ok)))
    return found.count(True), found.count(False)


def errors() -> list[str | None]:
    with reading() as session:
        return list(session.scalars(select(ProbeResult.error).where(ProbeResult.error.is_not(None))))


def main(url: str, folder: str) -> None:
    app = create_app(load(instance_dir=Path(folder), database_url=url, secret_key="test" * 8))
    with app.app_context():
        prober = Prober(["127.0.0.0/8"])
        said = [rounds(prober)]
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, hard))
        held: list[socket.socket] = []
        said.append(rounds(prober, lambda: starve(held)))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for one in held:
            one.close()
        said.append(rounds(prober))
        prober.stop()
        print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
