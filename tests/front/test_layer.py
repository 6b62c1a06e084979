"""The outermost layer: negotiation, conditional requests, methods, and the places behind it."""

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from statuspage.front import Front, Hosts, Watch
from statuspage.front.answers import negotiate
from statuspage.front.layer import Application
from statuspage.publishing.documents import FOREVER, Document
from statuspage.publishing.pages import Page, finished
from statuspage.publishing.store import Facts, Store, Version

BODY = ("<p>Panel C is down.</p>" * 100).encode()
FLASKS = {"/other", "/faq/", "/recovery/my/", "/healthz", "/which-panel/"}
BODIES = {"identity": b"1", "gzip": b"2", "br": b"3"}


def page(path: str, body: bytes = BODY, **fields: Any) -> Page:
    fields = {"media_type": "text/html", **fields}
    return finished(Document(path, inputs=None, render=lambda: body, **fields), "1", body)


def flask(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("299 Flask", [("Content-Type", "text/plain")])
    return [b"flask"]


def front(inner: Application, store: Store, places: int = 6) -> Front:
    return Front(inner, Watch(store), ("pl", "en"), Hosts("http://status.example.com"), FLASKS.__contains__, places)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "public")
    pages = {
        "/": page("/"),
        "/faq/": page("/faq/"),
        "/tiny.json": page("/tiny.json", b"{}", media_type="application/json", cross_origin=True),
        "/static/a.1.css": page("/static/a.1.css", media_type="text/css", cache=FOREVER),
    }
    store._current = Version("1", Facts(1, "2021-03-22T14:05:00+01:00"), pages)
    return store


@pytest.fixture
def reader(store: Store) -> Client:
    return Client(front(flask, store))


def accepting(reader: Client, words: str | None, **more: str) -> TestResponse:
    headers = {**({} if words is None else {"Accept-Encoding": words}), **more}
    return reader.get("/", headers=headers)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0, br;q=0", "identity"),
        ("identity", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("deflate", "identity"),
        ("gzip;q=nonsense", "identity"),
        (";;,,q=", "identity"),
    ],
)
def test_the_reader_gets_the_smallest_body_it_takes(accepted: str | None, chosen: str | None) -> None:
    assert negotiate(accepted, BODIES) == chosen


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_accept_header_breaks_the_negotiation(words: str) -> None:
    assert negotiate(words, BODIES) in {"identity", "gzip", "br", None}


def test_each_encoding_is_the_same_page_with_an_etag_of_its_own(reader: Client) -> None:
    plain, zipped, small = (accepting(reader, words) for words in (None, "gzip", "br"))
    assert plain.data == BODY
    assert gzip.decompress(zipped.data) == BODY
    assert brotli.decompress(small.data) == BODY
    assert len({plain.headers["ETag"], zipped.headers["ETag"], small.headers["ETag"]}) == 3
    for answer in (plain, zipped, small):
        assert answer.status_code == 200
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["ETag"].startswith('"')
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Content-Encoding" not in plain.headers


def test_a_refused_identity_without_another_is_406(reader: Client) -> None:
    assert accepting(reader, "identity;q=0").status_code == 406


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"other", {0}', "*", '"a", W/{0}, "b"'])
def test_a_known_etag_is_304_without_a_body(reader: Client, form: str) -> None:
    etag = accepting(reader, "gzip").headers["ETag"]
    answer = accepting(reader, "gzip", **{"If-None-Match": form.format(etag)})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Length" not in answer.headers


def test_another_etag_is_answered_in_full_whatever_the_date(reader: Client) -> None:
    tomorrow = "Fri, 01 Jan 2100 00:00:00 GMT"
    for etag in ('"other"', accepting(reader, "br").headers["ETag"], "nonsense"):
        answer = accepting(reader, "gzip", **{"If-None-Match": etag, "If-Modified-Since": tomorrow})
        assert answer.status_code == 200, etag


def test_not_modified_since_is_304_and_nonsense_is_not(reader: Client) -> None:
    modified = accepting(reader, None).headers["Last-Modified"]
    assert accepting(reader, None, **{"If-Modified-Since": modified}).status_code == 304
    for since in ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "", "99999999999999999999"):
        assert accepting(reader, None, **{"If-Modified-Since": since}).status_code == 200


def test_head_has_the_headers_of_get_and_no_body(reader: Client) -> None:
    get, head = reader.get("/"), reader.head("/")
    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_other_methods_are_refused_with_those_allowed(reader: Client, method: str) -> None:
    answer = reader.open("/", method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_query_strings_are_ignored_but_for_the_declared(reader: Client) -> None:
    assert reader.get("/?utm_source=x&q=1").data == BODY
    assert reader.get("/faq/?faq=1&xq=2").data == BODY
    assert reader.get("/faq/?page=2&q=magazyn").data == b"flask"
    assert reader.get("/en/nothing/?q=1").status_code == 404


def test_a_range_is_not_amplified(reader: Client) -> None:
    many = ",".join(f"{start}-" for start in range(500))
    answer = reader.get("/", headers={"Range": f"bytes={many}"})
    assert (answer.status_code, answer.data) == (200, BODY)


def test_assets_never_expire_and_json_may_be_read_from_anywhere(reader: Client) -> None:
    asset = reader.get("/static/a.1.css")
    assert "immutable" in asset.headers["Cache-Control"]
    assert asset.headers["Content-Type"] == "text/css; charset=utf-8"
    document = reader.get("/tiny.json", headers={"Accept-Encoding": "br"})
    assert document.headers["Access-Control-Allow-Origin"] == "*"
    assert (document.data, document.headers.get("Content-Encoding")) == (b"{}", None)
    assert "Access-Control-Allow-Origin" not in reader.get("/").headers


def test_before_the_first_publication_the_page_asks_to_wait(tmp_path: Path) -> None:
    reader = Client(front(flask, Store(tmp_path)))
    for path in ("/", "/en/", "/panels/panel-c/", "/en/history.atom"):
        answer = reader.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2"), path
    assert reader.get("/healthz").data == b"flask"


class Slow:
    """A Flask whose answers all wait until told."""

    def __init__(self) -> None:
        self.inside = 0
        self.go = threading.Event()
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self.lock:
            self.inside += 1
        self.go.wait(10)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"slow"]


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.go.set()


def crowd(
    layer: Front, path: str, size: int, answers: list[int], kind: str | None = None, **more: Any
) -> list[threading.Thread]:
    def call() -> None:
        answers.append(Client(layer).open(path, buffered=True, content_type=kind, **more).status_code)

    threads = [threading.Thread(target=call) for _ in range(size)]
    for thread in threads:
        thread.start()
    return threads


def wait_for(true: Callable[[], bool]) -> None:
    patience = threading.Event()
    for _ in range(500):
        if true():
            return
        patience.wait(0.01)
    raise AssertionError("it did not come true in time")


def test_slow_requests_leave_the_page_and_the_staff_alone(store: Store, slow: Slow) -> None:
    layer = front(slow, store)
    answers: list[int] = []
    threads = crowd(layer, "/which-panel/?created=2020-01-01", 12, answers)
    wait_for(lambda: len(answers) == 7)
    assert (set(answers), slow.inside) == ({503}, 5)
    assert Client(layer).get("/").data == BODY
    refused = Client(layer).get("/recovery/my/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    staff = crowd(layer, "/staff/", 1, answers)
    wait_for(lambda: slow.inside == 6)
    slow.go.set()
    for thread in threads + staff:
        thread.join(10)
    assert sorted(answers) == [200] * 6 + [503] * 7
    assert Client(layer).get("/recovery/my/").status_code == 200


def test_one_long_load_at_a_time_is_let_in_and_single_reports_pass_it(store: Store, slow: Slow) -> None:
    layer = front(slow, store)
    answers: list[int] = []
    loads = crowd(layer, "/api/v1/recovery/reports", 5, answers, method="POST", kind="application/x-ndjson")
    wait_for(lambda: len(answers) == 4)
    reports = crowd(layer, "/api/v1/recovery/reports", 4, answers, method="POST", kind="application/json")
    wait_for(lambda: slow.inside == 5)
    slow.go.set()
    for thread in loads + reports:
        thread.join(10)
    assert sorted(answers) == [200] * 5 + [503] * 4


def test_an_answer_that_is_read_or_dropped_gives_its_place_back(store: Store) -> None:
    reader = Client(front(flask, store, 2))
    for _ in range(5):
        assert reader.get("/other").data == b"flask"
    for _ in range(5):
        assert reader.get("/other").status_code == 299


def test_a_request_that_breaks_gives_its_place_back(store: Store) -> None:
    def broken(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise RuntimeError("broken")

    layer = front(broken, store, 2)
    for _ in range(5):
        with pytest.raises(RuntimeError):
            Client(layer).get("/other")
