"""A body that stops in the middle gives its place back, and its caller hears what was taken."""

import http.client
import io
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from werkzeug.exceptions import RequestTimeout

from statuspage.front import patience
from statuspage.front.patience import PIECE, Patient
from tests.client.loads import counts_are_true, kept, line
from tests.processes import get, until
from tests.survival.places import Place, found

IMPATIENT = """
from statuspage.front import patience
patience.SILENCE = 1.0
from statuspage.cli import main
main(prog_name="statuspage")
"""
PATH = "/api/v1/recovery/reports"
STOPPED = 4


@contextmanager
def caller() -> Iterator[tuple[Patient, socket.socket]]:
    """A body that comes through a real connection, as gunicorn gives it, and the caller's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as body:
        yield Patient({"wsgi.input": body, "gunicorn.socket": ours}), theirs


def readings() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if isinstance(one, patience.Reading)]


def test_what_comes_is_handed_on_to_the_end() -> None:
    whole = bytes(range(256)) * 1000
    for length in ({"CONTENT_LENGTH": str(len(whole))}, {}):
        assert Patient({"wsgi.input": io.BytesIO(whole), **length}).read() == whole
        body = Patient({"wsgi.input": io.BytesIO(whole), **length})
        assert b"".join(iter(lambda: body.read(1000), b"")) == whole  # noqa: B023  # read before the next turn


def test_nothing_is_read_past_the_length_that_was_announced() -> None:
    body = Patient({"wsgi.input": io.BytesIO(b"mine" + b"the next request"), "CONTENT_LENGTH": "4"})
    assert (body.read(1000), body.read(1000)) == (b"mine", b"")


def test_a_caller_that_stops_is_given_up_and_nobody_is_left_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE", 0.2)
    with caller() as (body, theirs):
        theirs.sendall(b"x" * (PIECE + 10))
        assert len(body.read(PIECE)) == PIECE
        with pytest.raises(RequestTimeout):
            body.read(PIECE)
        until(lambda: not readings(), 5)


def test_a_trickle_is_given_up_when_it_is_slower_than_the_least_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE", 0.5)
    with caller() as (body, theirs):
        started, over = time.monotonic(), threading.Event()

        def trickle() -> None:
            while not over.wait(0.1):
                theirs.sendall(b"x" * 100)

        trickling = threading.Thread(target=trickle)
        trickling.start()
        with pytest.raises(RequestTimeout):
            b"".join(iter(lambda: body.read(100), b""))
        over.set()
        trickling.join()
        assert 0.4 < time.monotonic() - started < 2


def test_a_fault_of_the_connection_is_told_as_it_is() -> None:
    with caller() as (body, theirs):
        theirs.close()
        assert body.read(10) == b""
    with pytest.raises(ValueError, match="closed"):
        body.read(10)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr("tests.processes.COMMAND", [sys.executable, "-c", IMPATIENT])
    url = f"sqlite:///{tmp_path / 'instance' / 'statuspage.db'}"
    return found(Place(tmp_path, url, tmp_path / "instance" / "public"))


def lines(count: int) -> bytes:
    return "".join(line(number) + "\n" for number in range(count)).encode()


@contextmanager
def stopped(place: Place, port: int, sent: bytes, kind: str) -> Iterator[http.client.HTTPConnection]:
    """A connection on which some of a long body was sent, and then nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", PATH)
    headers = {"Authorization": f"Bearer {place.token}", "Content-Type": kind, "Content-Length": "900000"}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(sent)
    try:
        yield connection
    finally:
        connection.close()


def posted(place: Place, port: int, body: bytes) -> tuple[int, dict[str, int]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": f"Bearer {place.token}", "Content-Type": "application/x-ndjson"}
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, json.loads(told) if told.startswith(b"{") else {}


@pytest.mark.process
def test_a_load_that_stops_is_told_what_was_taken_and_the_next_one_gets_its_place(place: Place) -> None:
    whole = lines(600)
    with (
        place.serving("web") as (_, port),
        stopped(place, port, whole[: len(whole) // 2], "application/x-ndjson") as one,
    ):
        answer = one.getresponse()
        told = json.loads(answer.read())
        assert (answer.status, answer.headers["Content-Type"]) == (408, "application/problem+json")
        assert "send the same file again" in told["detail"]
        assert 100 < told["applied"] == kept(place) < 300
        # The connection is still there, silent; the place is free all the same.
        status, again = posted(place, port, whole)
    assert (status, again["rejected"], kept(place)) == (200, 0, 600)
    assert counts_are_true(place)


@pytest.mark.process
def test_callers_that_stop_keep_nobody_out_even_while_they_do_not_hang_up(place: Place) -> None:
    with place.serving("web") as (_, port), ExitStack() as stack:
        silent = [
            stack.enter_context(stopped(place, port, b'{"account": "1', "application/json")) for _ in range(STOPPED)
        ]
        for one in silent:
            assert one.sock is not None
            assert b" 408 " in one.sock.recv(1000)
        for _ in range(3):
            assert get(port) is not None
            assert posted(place, port, lines(1))[0] == 200
