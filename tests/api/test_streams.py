"""A long load: bounded memory, a connection that is cut, and the same file sent again."""

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from statuspage import db
from statuspage.api import bodies
from statuspage.db import Site
from statuspage.recovery.actions.reports import counted
from statuspage.recovery.models import StageCount, StageState
from statuspage.recovery.rules.reports import Tally
from statuspage.web import site as web
from tests.api.conftest import report

PATH = "/api/v1/recovery/reports"


class Endless(io.RawIOBase):
    """A body that is made while it is read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = lines
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while len(self.rest) < len(buffer):
            line = next(self.lines, None)
            if line is None:
                break
            self.rest += line
        part, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def lines(count: int, accounts: int) -> Iterator[bytes]:
    for number in range(count):
        yield json.dumps(report(account=str(number % accounts), sequence=number // accounts)).encode() + b"\n"


def post(client: FlaskClient, bearer: str, body: io.RawIOBase | io.BytesIO, length: int) -> tuple[int, dict[str, int]]:
    answer = client.post(
        PATH,
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(length)},
        headers={"Authorization": f"Bearer {bearer}"},
        content_type=bodies.LINES,
    )
    return answer.status_code, answer.json or {}


def peak_of(client: FlaskClient, bearer: str, count: int) -> int:
    """The most memory that a load of so many lines takes, in bytes."""
    length = sum(map(len, lines(count, 100)))
    tracemalloc.start()
    try:
        status, body = post(client, bearer, Endless(lines(count, 100)), length)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (status, body["rejected"]) == (200, 0)
    return peak


def test_memory_does_not_grow_with_the_lines(client: FlaskClient, bearer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.api.bulk.BATCH", 200)
    monkeypatch.setattr("statuspage.api.bulk.BATCHES", (200, 200))
    # Without the rows, as the database would be most of the time of this test.
    monkeypatch.setattr("statuspage.recovery.actions.reports.apply", lambda *args: Tally(applied=len(args[2])))
    few, many = 600, 6_000
    peak_of(client, bearer, 100)
    kept = sum(map(len, lines(many - few, 100)))  # what keeping no more than the bytes of the lines would take
    assert peak_of(client, bearer, many) - peak_of(client, bearer, few) < 0.6 * kept


def test_after_a_cut_the_same_file_gives_the_same_end_state(client: FlaskClient, bearer: str) -> None:
    whole = b"".join(lines(3_000, 1_000))
    status, _ = post(client, bearer, io.BytesIO(whole[: len(whole) // 2 + 11]), len(whole))
    assert status == 400
    with db.reading() as session:
        kept = session.scalar(select(func.count()).select_from(StageState)) or 0
        assert kept >= 1_000
    status, body = post(client, bearer, io.BytesIO(whole), len(whole))
    assert status == 200
    assert body["rejected"] == 0
    assert body["applied"] < 3_000
    with db.reading() as session:
        assert set(session.scalars(select(StageState.sequence))) == {2}
        counts = {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount))}
        assert counts == dict(counted(session, 3)) == {("orders", "running"): 1_000}


def test_only_the_end_of_a_load_moves_the_revision(client: FlaskClient, bearer: str, site: web.Site) -> None:
    site.publisher.publish()
    with db.reading() as session:
        before = session.scalar(select(Site.revision))
        assert before is not None
    whole = b"".join(lines(3_000, 3_000))
    post(client, bearer, io.BytesIO(whole), len(whole))
    with db.reading() as session:
        assert session.scalar(select(Site.revision)) == before + 1


def test_past_the_most_lines_the_answer_is_413_and_what_came_before_stays(
    client: FlaskClient, bearer: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.api.bulk.MOST_LINES", 1_500)
    whole = b"".join(lines(2_000, 2_000))
    status, _ = post(client, bearer, io.BytesIO(whole), len(whole))
    assert status == 413
    with db.reading() as session:
        kept = session.scalar(select(func.count()).select_from(StageState)) or 0
        assert 1_000 <= kept <= 1_500


@pytest.mark.parametrize("chunk", [1, 3, 7, 1024])
def test_lines_are_split_the_same_whatever_the_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "CHUNK", chunk)
    assert list(bodies.split(io.BytesIO(b"one\n\ntwo\r\nthree"))) == [b"one", b"", b"two\r", b"three"]
