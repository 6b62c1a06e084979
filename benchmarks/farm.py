"""A farm of targets in a process of its own: many ports of this machine that answer at once, late or never."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.probing.farm import Authority

PORTS = 200
LATE = 2.0
LIVES = 1800.0
BODY = b"panel-b works"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY) + BODY
)


class Target(asyncio.Protocol):
    """One connection: `/` is answered at once, `/late` after two seconds, `/never` not at all."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET /late"):
            asyncio.get_running_loop().call_later(LATE, self.answer)
        elif not data.startswith(b"GET /never"):
            self.answer()

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)
            self.transport.close()


async def serve(folder: Path) -> None:
    """Open the ports, say on one line which they are, and live until told to end, or long enough."""
    authority = Authority(folder, openssl)
    ports = [[await port(tls) for _ in range(PORTS)] for tls in (None, authority.server())]
    print(json.dumps({"authority": str(authority.file), "http": ports[0], "https": ports[1]}), flush=True)
    await asyncio.sleep(LIVES)


def openssl(*words: str) -> None:
    subprocess.run([shutil.which("openssl") or "openssl", *words], check=True, capture_output=True)


async def port(tls: ssl.SSLContext | None) -> int:
    server = await asyncio.get_running_loop().create_server(Target, "127.0.0.1", 0, backlog=1024, ssl=tls)
    found: int = server.sockets[0].getsockname()[1]
    return found


@dataclass(frozen=True)
class Farm:
    """Where the targets are, and which authority signed their certificates."""

    authority: str
    http: list[int]
    https: list[int]

    def address(self, number: int, scheme: str, path: str = "") -> str:
        ports = self.http if scheme == "http" else self.https
        return f"{scheme}://127.0.0.1:{ports[number % PORTS]}/{path}"


@contextmanager
def farm() -> Iterator[Farm]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.farm", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
            assert process.stdout is not None
            try:
                yield Farm(**json.loads(process.stdout.readline()))
            finally:
                process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
