"""Targets that misbehave: servers on this machine that answer with whatever bytes a test wants, also in TLS."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Says = Callable[[socket.socket], None]
CHUNK = b"x" * 65536
MOST = 64 * 1024 * 1024
LONGEST = 20.0


@contextmanager
def saying(
    says: Says, *, tls: ssl.SSLContext | None = None, hears: list[bytes] | None = None, host: str = "127.0.0.1"
) -> Iterator[int]:
    """A port where each connection is read once (into `hears`) and then answered by `says`; bounded in time."""
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(LONGEST)
            with tls.wrap_socket(connection, server_side=True) if tls else connection as line:
                (hears if hears is not None else []).append(line.recv(65536))
                says(line)

    def accept(listener: socket.socket) -> None:
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server((host, 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join()


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def once(reply: bytes) -> Says:
    return lambda line: line.sendall(reply)


def drip(line: socket.socket) -> None:
    """A byte now and then, for ever."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(int(LONGEST / 0.05)):
        line.sendall(b"x")
        time.sleep(0.05)


def endless_body(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(MOST // len(CHUNK)):
        line.sendall(CHUNK)


def endless_line(line: socket.socket) -> None:
    """A header that has no end."""
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(MOST // len(CHUNK)):
        line.sendall(CHUNK)


def many_headers(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        line.sendall(b"".join(b"X-%d: y\r\n" % (number * 1000 + one) for one in range(1000)))
    line.sendall(b"\r\n")


class Authority:
    """A certificate authority of the test, and the certificates that it signs."""

    def __init__(self, folder: Path, run: Callable[..., None]) -> None:
        self.folder = folder
        self.run = run
        self.file = folder / "ca.pem"
        run("req", "-x509", *self._key("ca"), "-out", str(self.file), "-days", "2", "-subj", "/CN=Test CA")

    def _key(self, name: str) -> list[str]:
        key = str(self.folder / f"{name}.key")
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", key]

    def server(self, names: str = "DNS:localhost,IP:127.0.0.1", days: int = 30) -> ssl.SSLContext:
        """A server's side with a certificate for these names, that ends so many days from now."""
        name = f"{abs(hash((names, days)))}"
        request, made, extra = (self.folder / f"{name}.{end}" for end in ("csr", "pem", "ext"))
        extra.write_text(f"subjectAltName={names}\n")
        self.run("req", *self._key(name), "-out", str(request), "-subj", "/CN=x")
        signed = ["-in", str(request), "-CA", str(self.file), "-CAkey", str(self.folder / "ca.key")]
        self.run("x509", "-req", *signed, "-days", str(days), "-extfile", str(extra), "-out", str(made))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, self.folder / f"{name}.key")
        return context
