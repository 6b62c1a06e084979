"""A panel of our own for tests of what stands before it: it works, dies and comes back on the same port."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><html lang=en><title>Panel</title><h1>Orders of today</h1><a href=/next>next</a></html>"


class Answer(BaseHTTPRequestHandler):
    """The same page at every address; it may be cached as a browser likes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        self.send_response(int(self.path.removeprefix("/answer-")) if self.path.startswith("/answer-") else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.send_header("Set-Cookie", "panel=1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(PAGE)

    do_POST = do_HEAD = do_PUT = do_DELETE = do_GET  # noqa: N815  # the names are http.server's

    def log_message(self, *args: object) -> None:
        pass


class Panel:
    """Dead until `mend()`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.server: ThreadingHTTPServer | None = None

    def mend(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def kill(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
