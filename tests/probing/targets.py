"""Real targets on this machine for probes: a web server whose answer can be changed, and a black hole."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fake:
    """A web server; what it answers can be changed while it runs."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b"panel-b works"
        self.delay = 0.0
        self.reset = False
        self.location = ""
        self.asked = 0
        self.paths: Counter[str] = Counter()
        self.counting = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked += 1
                with fake.counting:
                    fake.paths[self.path] += 1
                time.sleep(fake.delay)
                if fake.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    self.connection.close()
                    return
                self.send_response(fake.status)
                self.send_header("Content-Length", str(len(fake.body)))
                if fake.location:
                    self.send_header("Location", fake.location)
                self.end_headers()
                self.wfile.write(fake.body)

            def log_message(self, *words: object) -> None:
                """Tests are quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                """A prober that hangs up is no error."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def die(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def fake_panel() -> Iterator[Fake]:
    fake = Fake()
    try:
        yield fake
    finally:
        fake.die()


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
