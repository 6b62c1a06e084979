"""A real nginx for tests: with a configuration of theirs, in a folder of its own, on a port of this machine."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import until

BROTLI = "ngx_http_brotli_static_module.so"
# Workers drop to `user`, which could not read the private folders that tests are given; as another user it is not set.
USER = "user root;" if os.getuid() == 0 else ""
MAIN = """\
{user}
{modules}
daemon off;
worker_processes {workers};
worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{http}
}}
"""


def binary() -> str | None:
    """Where nginx lies, or None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def brotli() -> Path | None:
    """Where its module for ready-made brotli files lies, or None."""
    found = Path("/usr/lib/nginx/modules") / BROTLI
    return found if found.exists() else None


@dataclass
class Nginx:
    """One running nginx."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def accessed(self) -> str:
        return (self.folder / "access.log").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "error.log").read_text()

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)


def configured(folder: Path, http: str, workers: int = 1) -> list[str]:
    """Write the configuration, `http` being what stands in its http block; returns the command that uses it."""
    found = binary()
    assert found, "nginx is not installed"
    modules = f"load_module {brotli()};" if brotli() else ""
    folder.mkdir(exist_ok=True)
    words = MAIN.format(user=USER, modules=modules, workers=workers, folder=folder, http=http)
    (folder / "nginx.conf").write_text(words)
    return [found, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def verdict(folder: Path, http: str) -> str:
    """What `nginx -t` finds wrong; nothing when it accepts the configuration."""
    done = subprocess.run([*configured(folder, http), "-t"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 and "[warn]" not in done.stderr else done.stderr


@contextmanager
def nginx(folder: Path, http: str, port: int, workers: int = 1) -> Iterator[Nginx]:
    """Start it with `http` as its http block, wait until `port` answers, and stop it after."""
    process = subprocess.Popen(configured(folder, http, workers), start_new_session=True)
    one = Nginx(folder, process)
    try:
        until(lambda: _listens(port) or process.poll() is not None)
        assert process.poll() is None, one.errors
        yield one
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
