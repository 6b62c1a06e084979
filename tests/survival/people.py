"""Who comes to a site in trouble: a browser, a program with a token, readers who never stop reading."""

import gzip
import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from itertools import cycle
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

import brotli

from statuspage.publishing.documents import STALE_SHOWN
from statuspage.publishing.pages import etag_of
from tests import scenes
from tests.api.conftest import report
from tests.staff.desks import PASSWORD
from tests.staff.pages import values_in

EMAIL = "anna@example.com"
REPORTS = "/api/v1/recovery/reports"
ACCOUNT = "/api/v1/recovery/panels/panel-c/accounts/10423"
UPDATE = f"/staff/incidents/{scenes.FIRE}/update"
# All that an update changes, in every format.
TOLD_IN = ("/", "/en/", f"/incidents/{scenes.FIRE}/", "/history.atom", "/api/v2/summary.json")
NUMBER = re.compile(r"Numer (\d+)\.")
UNPACK = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@dataclass
class Answer:
    status: int
    headers: Message
    text: str


class Stay(HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


class Browser:
    """A person's browser, or with a token a program, at the real server."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": self.base}
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), Stay)

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> Answer:
        request = Request(self.base + path, body, {**self.headers, "Content-Type": kind})
        try:
            answer = self.opener.open(request, timeout=30)
        except HTTPError as refused:
            answer = refused
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())

    def form(self, path: str, **fields: str) -> dict[str, object]:
        """The fields of the form at an address as the page gave them, and what the person writes into it."""
        answer = self.ask(path)
        assert answer.status == 200, answer.text
        return {**values_in(answer.text), **fields}

    def update(self, words: str) -> dict[str, object]:
        """The filled form of an update, ready to be sent."""
        return self.form(UPDATE, act="publish", **{"body-pl": words, "body-en": words})

    def send(self, path: str, fields: dict[str, object]) -> Answer:
        return self.ask(path, urlencode(fields, doseq=True).encode())

    def sign_in(self) -> None:
        door = "/staff/sign-in/"
        answer = self.send(door, self.form(door, email=EMAIL, password=PASSWORD))
        assert answer.status == 303, answer.text

    def report(self, **changes: object) -> Answer:
        return self.ask(REPORTS, json.dumps(report(**changes)).encode(), "application/json")


def refused(answer: Answer) -> None:
    assert answer.status == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert "database" in answer.text or "baz" in answer.text


@dataclass
class Reader:
    """Somebody who reads pages again and again over one connection, and finds fault with them."""

    port: int
    paths: tuple[str, ...] = ("/",)
    pause: float = 0.005
    statuses: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def read(self, stop: threading.Event) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            asked = zip(cycle(self.paths), cycle(UNPACK))
            while not stop.wait(self.pause):
                started = time.monotonic()
                path, encoding = next(asked)
                try:
                    connection.request("GET", path, headers={"Accept-Encoding": encoding})
                    answer = connection.getresponse()
                    body = answer.read()
                except (OSError, http.client.HTTPException) as error:
                    self.wrong.append(f"{path}: {error!r}")
                    continue
                self.times.append(time.monotonic() - started)
                self.statuses.append(answer.status)
                self._look(path, answer, body)

    def _look(self, path: str, answer: http.client.HTTPResponse, body: bytes) -> None:
        """Each body is whole, is what its ETag names, and says when it was true."""
        whole = UNPACK[answer.headers.get("Content-Encoding", "identity")](body)
        if etag_of(whole) != answer.headers.get("ETag", "").strip('"').partition("-")[0]:
            self.wrong.append(f"{path}: torn")
        if path == "/" and "Stan z" not in whole.decode():
            self.wrong.append(f"{path}: undated")
        if STALE_SHOWN in whole or "Cache-Status" in answer.headers:
            self.wrong.append(f"{path}: called stale")
        if found := NUMBER.findall(whole.decode()):
            self.numbers.append(max(map(int, found)))

    @property
    def slowest(self) -> float:
        return max(self.times)


@contextmanager
def load_of(
    port: int, threads: int = 4, paths: tuple[str, ...] = ("/",), pause: float = 0.005
) -> Iterator[list[Reader]]:
    stop = threading.Event()
    readers = [Reader(port, paths, pause) for _ in range(threads)]
    running_readers = [threading.Thread(target=one.read, args=(stop,)) for one in readers]
    for thread in running_readers:
        thread.start()
    try:
        yield readers
    finally:
        stop.set()
        for thread in running_readers:
            thread.join()


def all_were_served(readers: list[Reader]) -> None:
    """Nobody met an error, a torn page, or an older one than before."""
    for reader in readers:
        assert (reader.wrong, set(reader.statuses)) == ([], {200})
        assert len(reader.statuses) > 20
        assert reader.numbers == sorted(reader.numbers)


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
