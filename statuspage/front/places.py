"""How many requests may be in Flask at a time, so that slow ones starve neither the page nor the staff."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from statuspage.front.patience import Patient

Environ = dict[str, Any]
# Of the server's first eight threads two stay for finished bytes, one for staff; one may hold a long load.
PLACES = 6
# So many more threads may wait for callers that stopped sending, were answered, and do not hang up.
STALLED = 8
STAFF = "/staff/"
LOAD = "application/x-ndjson"


class Limits:
    """The places in Flask: one is kept for staff, one may be held by a long load."""

    def __init__(self, places: int) -> None:
        self.all = threading.BoundedSemaphore(places)
        self.readers = threading.BoundedSemaphore(max(1, places - 1))
        self.loads = threading.BoundedSemaphore(1)
        self.stalled = threading.BoundedSemaphore(STALLED)

    def enter(self, environ: Environ) -> Callable[[], None] | None:
        """Take a place without waiting; returns how to leave it, or None when there is none."""
        taken: list[threading.BoundedSemaphore] = []
        for limit in self._asked(environ):
            if not limit.acquire(blocking=False):
                _release(taken)
                return None
            taken.append(limit)
        return lambda: _release(taken)

    def part(self, leave: Callable[[], None], body: Patient) -> None:
        """Leave at once, also where the thread must wait for a caller that stopped; too many of those keep theirs."""
        if not body.is_held or not self.stalled.acquire(blocking=False):
            body.wait()
            leave()
            return
        leave()
        body.wait()
        self.stalled.release()

    def _asked(self, environ: Environ) -> Iterator[threading.BoundedSemaphore]:
        if environ.get("CONTENT_TYPE", "").startswith(LOAD):
            yield self.loads
        if not environ.get("PATH_INFO", "").startswith(STAFF):
            yield self.readers
        yield self.all


def _release(taken: list[threading.BoundedSemaphore]) -> None:
    while taken:
        taken.pop().release()


class Leaving:
    """An answer of Flask; its place is free again when the server has sent it."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self.body = body
        self.leave = leave

    def __iter__(self) -> Iterator[bytes]:
        yield from self.body
        self.leave()

    def close(self) -> None:
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            self.leave()

    def __del__(self) -> None:
        # A server that drops an answer without closing it must not lose the place for ever.
        self.leave()
