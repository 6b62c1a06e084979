"""A body that stops in the middle holds its place in Flask only so long, whoever serves us."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from werkzeug.exceptions import RequestTimeout

from statuspage.i18n import noop

# A server reads until it has all that it was asked for, so one piece is the least that must come within `SILENCE`.
PIECE = 32 * 1024
SILENCE = 30.0
LEAST_RATE = 8 * 1024
TOO_SLOW = noop("The rest of what you were sending did not come in time. Nothing was saved; please send it again.")


class Patient:
    """The body of a request, as `wsgi.input`.

    Raises `RequestTimeout` when a piece takes more than `SILENCE` seconds, or when all the waiting comes to more than
    that and `LEAST_RATE` bytes a second.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self.body = environ["wsgi.input"]
        self.connection: socket.socket | None = environ.get("gunicorn.socket")
        self.rest = int(environ["CONTENT_LENGTH"]) if environ.get("CONTENT_LENGTH", "").isdigit() else None
        self.left = SILENCE
        self.given_up: Reading | None = None

    def read(self, size: int = -1) -> bytes:
        """So many bytes at most; all that is left where no size is given."""
        if size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        wanted = min(size, PIECE) if self.rest is None else min(size, PIECE, self.rest)
        if not wanted:
            return b""
        piece = self._await(wanted)
        if self.rest is not None:
            self.rest -= len(piece)
        return piece

    def _await(self, size: int) -> bytes:
        """A read cannot be interrupted, so a thread of its own waits in it; when it is late nobody waits for it."""
        reading, started = Reading(self.body, size), time.monotonic()
        reading.start()
        if not reading.done.wait(min(SILENCE, self.left)):
            self.given_up = reading
            self._hang_up()
            raise RequestTimeout(TOO_SLOW)
        self.left += len(reading.piece) / LEAST_RATE - (time.monotonic() - started)
        if reading.fault is not None:
            raise reading.fault
        return reading.piece

    @property
    def is_held(self) -> bool:
        """Whether a read that was given up still waits for the caller."""
        return self.given_up is not None and self.given_up.is_alive()

    def wait(self) -> None:
        """Until the caller has hung up. granian, where a request ends while its body is read, stops altogether."""
        if self.given_up is not None:
            self.given_up.join()

    def _hang_up(self) -> None:
        """gunicorn's own thread would otherwise go on waiting for the rest of the body after our answer."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RD)


class Reading(threading.Thread):
    """One read: `done` when the piece, or what went wrong, is there."""

    def __init__(self, body: Any, size: int) -> None:
        super().__init__(name="body", daemon=True)
        self.body = body
        self.size = size
        self.piece = b""
        self.fault: Exception | None = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            self.piece = self.body.read(self.size)
        except Exception as fault:  # noqa: BLE001  # whatever it is, it is raised again where the piece is awaited
            self.fault = fault
        self.done.set()
