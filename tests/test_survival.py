"""The page outlives what it is made from: a deleted database, a dead worker, a locked database."""

import http.client
import json
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

from statuspage import db
from statuspage.app import create_app
from statuspage.audit.actions import SYSTEM
from statuspage.commands.database import bring_up
from statuspage.settings import load
from statuspage.tokens.actions import create
from tests import scenes
from tests.api.conftest import report
from tests.processes import Running, free_port, get, running, until
from tests.staff.desks import PASSWORD, person

pytestmark = pytest.mark.process
EMAIL = "anna@example.com"
REPORTS = "/api/v1/recovery/reports"
ACCOUNT = "/api/v1/recovery/panels/panel-c/accounts/10423"
DOWN = "nie działa"


@dataclass
class Answer:
    status: int
    headers: Message
    text: str


class Browser:
    """A person's browser, or with a token a program, at the real server."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": self.base}
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> Answer:
        request = Request(self.base + path, body, {**self.headers, "Content-Type": kind})
        try:
            answer = self.opener.open(request, timeout=20)
        except HTTPError as refused:
            answer = refused
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())

    def form(self, path: str, **fields: str) -> dict[str, str]:
        """The fields of the form at an address, with the secret that the page gave."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask(path).text)
        assert found, path
        return {"csrf_token": found[1], **fields}

    def send(self, path: str, fields: dict[str, str]) -> Answer:
        return self.ask(path, urlencode(fields).encode())

    def sign_in(self) -> None:
        door = "/staff/sign-in/"
        answer = self.send(door, self.form(door, email=EMAIL, password=PASSWORD))
        assert answer.status == 200, answer.text

    def report(self) -> Answer:
        return self.ask(REPORTS, json.dumps(report()).encode(), "application/json")


@dataclass
class Reader:
    """Somebody who reads the page again and again over one connection."""

    port: int
    statuses: list[int] = field(default_factory=list)
    slowest: float = 0.0
    undated: int = 0
    failed: list[str] = field(default_factory=list)

    def read(self, stop: threading.Event) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            while not stop.wait(0.005):
                started = time.monotonic()
                try:
                    connection.request("GET", "/")
                    answer = connection.getresponse()
                    body = answer.read().decode()
                except (OSError, http.client.HTTPException) as error:
                    self.failed.append(repr(error))
                    continue
                self.slowest = max(self.slowest, time.monotonic() - started)
                self.statuses.append(answer.status)
                self.undated += "Stan z" not in body


@contextmanager
def load_of(port: int, threads: int = 4) -> Iterator[list[Reader]]:
    stop = threading.Event()
    readers = [Reader(port) for _ in range(threads)]
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
    for reader in readers:
        assert (reader.failed, set(reader.statuses), reader.undated) == ([], {200}, 0)
        assert len(reader.statuses) > 20


@pytest.fixture
def token(tmp_path: Path) -> str:
    """A site with the four panels, one editor and one program, published; returns the program's token."""
    app = create_app(load(instance_dir=tmp_path / "instance", database_url=f"sqlite:///{database(tmp_path)}"))
    with app.app_context():
        bring_up(app)
        with db.transaction() as session:
            scenes.panels(session)
            scopes = ["recovery:read", "recovery:write"]
            made = create(session, name="job", scopes=scopes, expires_at=None, actor=SYSTEM)
        person(EMAIL)
        app.extensions["statuspage"].publisher.publish()
        db.db.engine.dispose()
    return made


def database(folder: Path) -> Path:
    return folder / "instance" / "statuspage.db"


def remove_database(folder: Path) -> None:
    for path in (folder / "instance").glob("statuspage.db*"):
        path.unlink()


def serving(one: Running, port: int) -> None:
    until(lambda: (found := get(port)) is not None and found[0] == 200, 30)
    assert one.process.poll() is None, one.said()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def refused(answer: Answer) -> None:
    assert answer.status == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert "database" in answer.text or "baz" in answer.text


def watched(port: int) -> None:
    """What machines that watch us hear while the database is gone."""
    ready, metrics = get(port, "/readyz"), get(port, "/metrics")
    assert ready is not None
    assert metrics is not None
    assert (ready[0], metrics[0]) == (503, 200)
    assert b"database" in ready[2]
    assert b"statuspage_database_up 0.0" in metrics[2]


def test_a_database_deleted_under_load_costs_no_reader_anything_and_no_writer_his_work(
    tmp_path: Path, token: str
) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        serving(one, port)
        program, visitor, editor = Browser(port, token), Browser(port), Browser(port)
        editor.sign_in()
        assert program.report().status == 200
        at_the_door = visitor.form("/staff/sign-in/", email=EMAIL, password=PASSWORD)
        override = "/staff/panels/panel-b/login/override"
        at_the_desk = editor.form(override, shown="major_outage", reason="Seen by hand.")
        with load_of(port) as readers:
            time.sleep(0.5)
            remove_database(tmp_path)
            for _ in range(3):
                refused(program.report())
                refused(program.ask(ACCOUNT))
                refused(visitor.send("/staff/sign-in/", at_the_door))
                refused(editor.send(override, at_the_desk))
                refused(editor.ask("/staff/panels/"))
            watched(port)
            time.sleep(1)
        all_were_served(readers)
        assert not database(tmp_path).exists()
        assert one.stop() < 10
        assert not database(tmp_path).exists()


def test_a_restart_without_the_database_answers_with_the_last_good_page(tmp_path: Path, token: str) -> None:
    remove_database(tmp_path)
    port = free_port()
    started = time.monotonic()
    with running(tmp_path, "run", "--port", str(port)) as one:
        until(lambda: listens(port), 30)
        listening = time.monotonic()
        until(lambda: get(port) is not None, 30)
        first = get(port)
        print(f"restart: listening after {listening - started:.2f} s, page {time.monotonic() - listening:.2f} s later")
        assert first is not None
        assert first[0] == 200, "the first answer is the page, not an excuse"
        assert "Stan z" in first[2].decode()
        for path in ("/which-panel/?created=2020-01-01", "/faq/?q=logowanie", "/en/"):
            found = get(port, path)
            assert found is not None
            assert found[0] == 200, path
        watched(port)
        refused(Browser(port, token).report())
        until(lambda: "is gone, while a site is published" in one.said(), 20)
        assert not database(tmp_path).exists()


def test_without_a_worker_what_staff_change_is_on_the_page_at_once(tmp_path: Path, token: str) -> None:
    port = free_port()
    with running(tmp_path, "web", "--port", str(port)) as one:
        serving(one, port)
        editor = Browser(port)
        editor.sign_in()
        override = "/staff/panels/panel-b/login/override"
        fields = editor.form(override, shown="major_outage", reason="Seen by hand.")
        before = get(port)
        assert before is not None
        assert DOWN not in before[2].decode()
        sent = time.monotonic()
        answer = editor.send(override, fields)
        assert answer.status == 200, answer.text
        answered = time.monotonic() - sent
        visible = answered + until(lambda: (found := get(port)) is not None and DOWN in found[2].decode(), 5)
        print(f"without a worker: saved and answered in {answered:.2f} s, on the page after {visible:.2f} s")
        assert visible < 5


def test_a_locked_database_delays_writers_alone_and_heals_by_itself(tmp_path: Path, token: str) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        serving(one, port)
        program, editor = Browser(port, token), Browser(port)
        editor.sign_in()
        answers: list[Answer] = []
        with closing(sqlite3.connect(database(tmp_path), isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            writer = threading.Thread(target=lambda: answers.append(program.report()))
            with load_of(port) as readers:
                writer.start()
                started = time.monotonic()
                assert Browser(port, token).ask("/api/v1/recovery/panels/panel-c/accounts/0").status == 404
                assert editor.ask("/staff/panels/").status == 200
                assert time.monotonic() - started < 2.5, "who only reads does not wait for the lock"
                time.sleep(max(0.0, started + 3 - time.monotonic()))
                assert answers == [], "nothing is acknowledged that is not on disk"
            other.execute("ROLLBACK")
        all_were_served(readers)
        assert max(reader.slowest for reader in readers) < 2
        writer.join()
        if answers[0].status != 200:
            refused(answers[0])
            assert program.report().status == 200
        assert get_json(program, ACCOUNT)["account"] == "10423"
        assert editor.ask("/staff/panels/").status == 200


def get_json(program: Browser, path: str) -> dict[str, object]:
    answer = program.ask(path)
    assert answer.status == 200, answer.text
    found: dict[str, object] = json.loads(answer.text)
    return found
