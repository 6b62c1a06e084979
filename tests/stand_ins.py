"""A dead panel of ours behind a real proxy that has the printed stand-in."""

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from statuspage.commands.stand_in import Place as Kit
from statuspage.commands.stand_in import make
from statuspage.web.site import Site
from tests.nginx import Nginx, nginx
from tests.panel import Panel
from tests.processes import free_port

MARK = "X-Status-Stand-In"


@dataclass
class Place:
    """A proxy on `port` before a panel."""

    proxy: Nginx
    panel: Panel
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()


def printed(site: Site, folder: Path, slug: str = "panel-c") -> str:
    """Write the page into a folder; the configuration that serves it from there."""
    snapshot = site.snapshot()
    files = make(site.pages, snapshot, snapshot.panel_by_slug[slug], site.pages.locales, Kit(folder))
    (folder / f"{slug}.html").write_text(files.page)
    return files.conf


@contextmanager
def served(site: Site, folder: Path, slug: str = "panel-c", *, closed: bool = False) -> Iterator[Place]:
    """The stand-in of a panel that is dead until it is mended; `closed`: nobody is let through to it at all."""
    port, behind = free_port(), free_port()
    conf = printed(site, folder, slug).replace("# return 503;", "return 503;" if closed else "# return 503;")
    conf = conf.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    panel = Panel(behind)
    try:
        with nginx(folder / slug, conf, port) as proxy:
            yield Place(proxy, panel, port)
    finally:
        panel.kill()
