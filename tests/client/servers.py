"""The other side for the client: a server that answers as it is told, and a way to a real one that can be cut."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "sp_abcd1234_" + "s" * 43
NOTHING = {"applied": 0, "unchanged": 0, "stale": 0, "rejected": 0, "errors": []}


@dataclass
class Said:
    """One answer of the server; `cut` ends the connection without a word, `slow` sends a byte a tenth of a second."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    slow: bool = False


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Answers with what it is given in turn, then counts lines as the API does."""

    def __init__(self, *answers: Said) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.url = ""

    def bodies(self) -> list[bytes]:
        return [one.body for one in self.asked]

    def next(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if self.answers:
            return self.answers.pop(0)
        lines = [one for one in asked.body.split(b"\n") if one]
        return Said(200, {**NOTHING, "applied": len(lines)})


@contextmanager
def serving(*answers: Said) -> Iterator[Server]:
    server = Server(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = server.next(Asked(self.command, self.path, dict(self.headers), self.read()))
            if said.cut:
                self.close_connection = True
                return
            raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                for piece in [raw[i : i + 1] for i in range(len(raw))] if said.slow else [raw]:
                    self.wfile.write(piece)
                    threading.Event().wait(0.1 if said.slow else 0)

        do_PUT = do_GET = do_POST  # noqa: N815  # named by the standard library

        def read(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_port}"
        yield server
        http.shutdown()


class Way:
    """Carries bytes to a real server; `cuts` says for each connection after how many bytes it is cut."""

    def __init__(self, to: int, cuts: Callable[[int], int | None]) -> None:
        self.to = to
        self.cuts = cuts
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def carry(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                limit = self.cuts(self.count)
                self.count += 1
                threading.Thread(target=self._one, args=(near, limit), daemon=True).start()

    def _one(self, near: socket.socket, limit: int | None) -> None:
        with near, socket.create_connection(("127.0.0.1", self.to)) as far:
            back = threading.Thread(target=self._copy, args=(far, near, None), daemon=True)
            back.start()
            if self._copy(near, far, limit):
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                # Closing alone would not end it: the other thread is reading from it.
                far.shutdown(socket.SHUT_RDWR)
                return
            back.join(30)

    @staticmethod
    def _copy(source: socket.socket, to: socket.socket, limit: int | None) -> bool:
        """Copy until the end; True when the limit was reached."""
        sent = 0
        with suppress(OSError):
            while piece := source.recv(16 * 1024):
                to.sendall(piece)
                sent += len(piece)
                if limit is not None and sent >= limit:
                    return True
            to.shutdown(socket.SHUT_WR)
        return False


@contextmanager
def cut_way(to: int, cuts: Callable[[int], int | None]) -> Iterator[Way]:
    way = Way(to, cuts)
    threading.Thread(target=way.carry, daemon=True).start()
    try:
        yield way
    finally:
        way.listener.close()
