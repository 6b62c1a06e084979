"""The stand-in as a real proxy serves it: 503 for all and everything, and never in the way of a panel that works."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.web.site import Site
from tests import scenes
from tests.nginx import verdict
from tests.processes import free_port, get
from tests.stand_ins import MARK, Place, printed, served

pytestmark = [pytest.mark.process, pytest.mark.nginx]
DOWN = "Panel C nie działa."


@pytest.fixture
def place(scene: Site, tmp_path: Path) -> Iterator[Place]:
    with served(scene, tmp_path) as one:
        yield one


def test_what_is_printed_is_accepted_as_it_stands(scene: Site, tmp_path: Path) -> None:
    for slug in ("panel-a", "panel-c", "panel-d"):
        assert verdict(tmp_path / slug, printed(scene, tmp_path, slug)) == ""


@pytest.mark.parametrize("closed", [True, False])
def test_a_dead_panel_is_503_at_every_address_and_for_every_method(scene: Site, tmp_path: Path, closed: bool) -> None:
    with served(scene, tmp_path, closed=closed) as place:
        for path in ("/", "/orders/17?sort=date", "/.stand-in/panel-c.html", "/%7Ea/../x", "/stand-in.js"):
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
                answer, body = place.ask(method, path, b"x" * 5_000_000 if method == "PUT" else b"", Accept="text/html")
                told = answer.headers
                assert (answer.status, told["Cache-Control"], told[MARK]) == (503, "no-store", "panel-c")
                assert told["Retry-After"].endswith("GMT")
                assert told["X-Robots-Tag"] == "noindex"
                assert "default-src 'none'" in told["Content-Security-Policy"]
                for name in ("Set-Cookie", "Location", "ETag", "Last-Modified", "Clear-Site-Data"):
                    assert told[name] is None, name
                assert (DOWN in body.decode()) is (method != "HEAD")


def test_programs_get_a_problem_and_no_page(place: Place) -> None:
    for path, accept in (("/api/orders", "*/*"), ("/orders", "application/json"), ("/x", "application/ld+json, */*")):
        answer, body = place.ask("POST", path, b"{}", Accept=accept)
        assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert answer.headers["Retry-After"].endswith("GMT")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers[MARK] == "panel-c"
        assert json.loads(body)["title"] == "Panel C is down."


def test_a_panel_that_works_is_passed_through_and_its_own_failures_are_replaced(place: Place) -> None:
    place.panel.mend()
    for status in (200, 204, 404, 405, 418, 500):
        answer, _ = place.ask("GET", f"/answer-{status}")
        assert answer.status == status
        assert answer.headers[MARK] is None
        assert answer.headers["Set-Cookie"] == "panel=1"
    for status in (502, 503, 504):
        answer, body = place.ask("POST", f"/answer-{status}", b"x", Accept="text/html")
        assert (answer.status, answer.headers[MARK], answer.headers["Set-Cookie"]) == (503, "panel-c", None)
        assert DOWN in body.decode()


def test_closed_altogether_nobody_reaches_what_is_left_of_the_panel(scene: Site, tmp_path: Path) -> None:
    with served(scene, tmp_path, closed=True) as place:
        place.panel.mend()
        for method, path in (("GET", "/"), ("POST", "/orders"), ("DELETE", "/api/orders/1")):
            answer, _ = place.ask(method, path)
            assert (answer.status, answer.headers[MARK]) == (503, "panel-c")


def test_without_a_script_it_looks_again_by_itself(place: Place) -> None:
    _, body = place.ask("GET", "/", Accept="text/html")
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in body.decode()


@pytest.mark.parametrize("slug", ["panel-a", "panel-b", "panel-c", "panel-d"])
def test_without_an_estimate_that_lies_ahead_every_panel_asks_back_in_minutes(
    scene: Site, tmp_path: Path, slug: str
) -> None:
    scenes.live_at(scenes.at("2021-03-24 09:00"))
    with served(scene, tmp_path, slug) as place:
        answer, body = place.ask("GET", "/", Accept="text/html")
        assert (answer.status, answer.headers[MARK], answer.headers["Retry-After"]) == (503, slug, "300")
        assert b"</html>" in body


def test_a_page_that_is_missing_is_503_too(place: Place, tmp_path: Path) -> None:
    (tmp_path / "panel-c.html").unlink()
    answer, _ = place.ask("GET", "/", Accept="text/html")
    assert (answer.status, answer.headers["Cache-Control"], answer.headers[MARK]) == (503, "no-store", "panel-c")


def test_the_operators_own_lines_are_included_and_outlive_a_new_printing(scene: Site, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "panel-c.tls").write_text(f"listen 127.0.0.1:{port};\n")
    with served(scene, tmp_path):
        answer = get(port)
    assert answer is not None
    assert (answer[0], answer[1][MARK.lower()]) == (503, "panel-c")
