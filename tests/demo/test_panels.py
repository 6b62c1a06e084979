"""The fake panels, and what they look like to a probe when they are broken."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from statuspage.demo import panels
from statuspage.demo.props import HOST, Prop, Props, ports
from tests.processes import get, until


@pytest.fixture
def props(tmp_path: Path) -> Props:
    found = Props(tmp_path)
    a, b, c, d = ports([0, 0, 0, 0])
    found.keep({"panel-a": Prop(a, b, "key-a"), "panel-b": Prop(c, d, "key-b")})
    return found


@contextmanager
def living(props: Props, site: tuple[str, int] = (HOST, 9)) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(panels.live(props, site, over.is_set)))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def page_says(props: Props, slug: str, status: int) -> Callable[[], bool]:
    def asked() -> bool:
        answer = get(props.panels()[slug].web_port, "/login")
        return answer is not None and answer[0] == status

    return asked


def api_answers(props: Props, slug: str) -> bool:
    try:
        socket.create_connection((HOST, props.panels()[slug].api_port), 2).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_fake_panel_answers_until_it_is_broken_and_again_when_mended(props: Props) -> None:
    with living(props):
        until(page_says(props, "panel-b", 200))
        assert api_answers(props, "panel-b")
        props.set_broken(["panel-b"])
        until(page_says(props, "panel-b", 500))
        until(lambda: not api_answers(props, "panel-b"))
        assert page_says(props, "panel-a", 200)()
        assert api_answers(props, "panel-a")
        props.set_broken([])
        until(page_says(props, "panel-b", 200))
        until(lambda: api_answers(props, "panel-b"))


def test_the_heart_of_a_broken_panel_stands_still(props: Props) -> None:
    beats: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            beats.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        props.set_broken(["panel-b"])
        with living(props, (HOST, server.server_port)):
            until(lambda: len(beats) >= 2)
        server.shutdown()
    assert set(beats) == {"/api/v1/heartbeats/key-a"}


def test_a_status_page_that_is_away_does_not_stop_the_panels(props: Props) -> None:
    with living(props, (HOST, ports([0])[0])):
        until(page_says(props, "panel-a", 200))
        props.set_broken(["panel-a"])
        until(page_says(props, "panel-a", 500))
