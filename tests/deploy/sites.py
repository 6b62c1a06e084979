"""The site of a test behind a real nginx with the configuration that we ship, adapted as its first lines say."""

import http.client
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.nginx import Nginx, brotli, nginx
from tests.processes import ROOT, free_port

SHIPPED = ROOT / "deploy" / "nginx" / "statuspage.conf"
HOST = "status.example.com"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Behind:
    """A site behind nginx: nginx answers on `port`, the app (if it lives) on `app_port`."""

    proxy: Nginx
    port: int
    app_port: int
    log: Path

    def ask(self, path: str, method: str = "GET", body: bytes = b"", host: str = HOST, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            # The paths that clients never send must get through too.
            connection._validate_path = lambda url: None  # type: ignore[attr-defined,method-assign]
            connection.request(method, path, body, {"Host": host, **named})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())


def adapted(public: Path, folder: Path, port: int, app_port: int) -> str:
    """The shipped configuration without TLS, on ports of this machine."""
    without_tls = ["sed", "/# TLS begins/,/# TLS ends/d", str(SHIPPED)]
    words = subprocess.run(without_tls, capture_output=True, text=True, check=True).stdout
    words = words.replace("listen 80", f"listen 127.0.0.1:{port}").replace("127.0.0.1:8000", f"127.0.0.1:{app_port}")
    words = words.replace("/var/lib/statuspage/instance/public", str(public))
    words = words.replace("/var/log/nginx", str(folder))
    return words.replace("# brotli_static on;", "brotli_static on;" if brotli() else "")


@contextmanager
def behind(public: Path, folder: Path) -> Iterator[Behind]:
    """The published folder behind nginx; the app is dead until somebody starts it on `app_port`."""
    port, app_port = free_port(), free_port()
    folder.mkdir()
    with nginx(folder, adapted(public, folder, port, app_port), port) as proxy:
        yield Behind(proxy, port, app_port, folder / "statuspage.log")
