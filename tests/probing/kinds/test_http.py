"""What is asked of a web server, which redirects are followed, and what never leaves with them."""

from collections.abc import Iterator

import pytest

from tests.probing.farm import answer, once, saying
from tests.probing.looks import http, look
from tests.probing.targets import Fake, fake_panel


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


def test_method_headers_and_body_are_sent_as_set() -> None:
    heard: list[bytes] = []
    with saying(once(answer(b'{"state": "ok"}', "X-Version: 3")), hears=heard) as port:
        wanted = {"json_path": "state", "json_value": "ok", "header_name": "x-version", "header_value": "3"}
        asked = {"method": "POST", "headers": "X-Key: a: b\nAccept: application/json", "body": '{"żółw": 1}'}
        (seen,) = look(http(f"http://127.0.0.1:{port}/check?a=1", **asked, **wanted))
    assert seen.ok, seen.error
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /check?a=1 HTTP/1.1\r\n")
    assert b"X-Key: a: b" in head
    assert b"Accept: application/json" in head
    assert body == '{"żółw": 1}'.encode()


def test_a_head_request_is_judged_by_its_status() -> None:
    with saying(once(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")) as port:
        (seen,) = look(http(f"http://127.0.0.1:{port}/", method="HEAD"))
    assert seen.ok, seen.error


def test_a_redirect_is_followed_only_where_it_may_lead(panel: Fake) -> None:
    away = answer(b"", f"Location: http://localhost:{panel.port}/", status="302 Found")
    with saying(once(away)) as port:
        address = f"http://127.0.0.1:{port}/"
        none, same, anywhere = look(http(address), http(address, redirects="same-host"), http(address, redirects="any"))
    assert none.error == "HTTP 302"
    assert same.error == "redirected to another host: localhost"
    assert anywhere.ok, anywhere.error
    assert panel.asked == 1


@pytest.mark.parametrize(
    ("status", "method", "has_body"), [("302 Found", b"GET", False), ("307 Temporary Redirect", b"POST", True)]
)
def test_a_redirect_to_the_same_place_keeps_the_headers_and_as_told_the_body(
    status: str, method: bytes, has_body: bool
) -> None:
    heard: list[bytes] = []
    replies = [answer(b"", "Location: /next", status=status), answer(b"here")]
    with saying(lambda line: line.sendall(replies.pop(0)), hears=heard) as port:
        asked = {"method": "POST", "headers": "X-Key: secret", "body": "hello", "redirects": "same-host"}
        (seen,) = look(http(f"http://127.0.0.1:{port}/", keyword="here", **asked))
    assert seen.ok, seen.error
    assert heard[1].startswith(method + b" /next ")
    assert b"X-Key: secret" in heard[1]
    assert (b"hello" in heard[1]) is has_body


def test_keys_do_not_go_with_a_redirect_to_another_place() -> None:
    heard: list[bytes] = []
    with saying(once(answer(b"there")), hears=heard) as other:
        away = answer(b"", f"Location: http://127.0.0.1:{other}/", status="308 Permanent Redirect")
        with saying(once(away)) as port:
            asked = {"method": "POST", "headers": "Authorization: Bearer secret", "body": "secret", "redirects": "any"}
            (seen,) = look(http(f"http://127.0.0.1:{port}/", **asked))
    assert seen.ok, seen.error
    assert b"secret" not in heard[0]


def test_a_slow_answer_says_what_it_is_slower_than(panel: Fake) -> None:
    panel.delay = 0.1
    (seen,) = look(http(panel.url, slow_ms=50))
    assert (seen.ok, seen.degraded, seen.error) == (True, True, "slower than 50 ms")
    (wrong,) = look(http(panel.url, slow_ms=50, keyword="no such word"))
    assert (wrong.ok, wrong.degraded) == (False, False)
