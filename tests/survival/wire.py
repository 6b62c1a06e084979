"""A wire to a PostgreSQL server that can be cut: whoever is on it is neither answered nor hung up on."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

SOCKET = ".s.PGSQL.5432"


class Wire:
    """Forwards what is said at a socket in `folder` to the server of `url`, while `works` is set."""

    def __init__(self, url: str, folder: Path) -> None:
        self.works = threading.Event()
        self.works.set()
        self.server = str(Path(str(make_url(url).query["host"])) / SOCKET)
        self.url = make_url(url).set(query={"host": str(folder)}).render_as_string(hide_password=False)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / SOCKET))
        self.listener.listen(64)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                threading.Thread(target=self.join, args=(near,), daemon=True).start()

    def join(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self.server)
            back = threading.Thread(target=self.carry, args=(far, near), daemon=True)
            back.start()
            self.carry(near, far)
            back.join()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := one.recv(65536):
                self.works.wait()
                other.sendall(said)
        self.works.wait()
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(url: str, folder: Path) -> Iterator[Wire]:
    one = Wire(url, folder)
    threading.Thread(target=one.accept, daemon=True).start()
    try:
        yield one
    finally:
        one.works.set()
        one.listener.shutdown(socket.SHUT_RDWR)
        one.listener.close()
