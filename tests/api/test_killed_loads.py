"""A load whose process is killed with -9, at any of its statements, and the same file sent again."""

import json
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from statuspage import db
from statuspage.api import bodies
from statuspage.recovery.actions.reports import counted
from statuspage.recovery.models import AccountRecovery, PanelRecovery, StageCount, StageState
from statuspage.recovery.rules.reports import State
from tests.api.conftest import ndjson, report

PATH = "/api/v1/recovery/reports"
POINTS, ATOMIC_POINTS = 20, 5
Standing = dict[tuple[str, str, str], tuple[int, str, int]]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.api.bulk.BATCH", 100)
    monkeypatch.setattr("statuspage.api.bulk.BATCHES", (100, 100))


def load(panels: list[str], later: int = 0, count: int = 600) -> list[dict[str, object]]:
    """Reports of few accounts, so that they come twice, late and out of order; all are `later` than others."""
    chance = random.Random(11)  # the same statements each time
    states = [state.value for state in State if state is not State.RESTORED]
    return [
        report(
            account=str(chance.randrange(80)),
            panel=chance.choice(panels),
            stage=chance.choice(["orders", "archive"]),
            state=chance.choice(states),
            sequence=9 * later + chance.randrange(9),
            done=chance.randrange(5),
        )
        for _ in range(count)
    ]


def send(client: FlaskClient, bearer: str, body: bytes, query: str = "") -> dict[str, int]:
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = client.post(PATH + query, data=body, content_type=bodies.LINES, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return answer.json


@contextmanager
def counting(most: int | None = None) -> Iterator[list[str]]:
    """Keeps statements and commits; the process dies right before number `most`."""
    seen: list[str] = []

    def statement(connection: object, cursor: object, words: str, *_: object) -> None:
        note(words)

    def note(words: object) -> None:
        seen.append(str(words))
        if len(seen) == most:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(db.db.engine, "before_cursor_execute", statement)
    event.listen(db.db.engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(db.db.engine, "before_cursor_execute", statement)
        event.remove(db.db.engine, "commit", note)


def last_of(seen: list[str]) -> int:
    """The last statement of a load: the one after its note for the audit log. What follows commits, and publishes."""
    return 1 + next(place for place, words in enumerate(seen, 1) if words.startswith("INSERT INTO audit_entry"))


def killed(client: FlaskClient, bearer: str, body: bytes, point: int, query: str = "") -> None:
    """Send the load in a process of its own that dies at this point."""
    pid = os.fork()
    if pid == 0:
        try:
            db.db.engine.dispose(close=False)
            with counting(point):
                send(client, bearer, body, query)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "it was over before it was killed"


def standing() -> Standing:
    with db.reading() as session:
        rows = session.execute(select(StageState, AccountRecovery).join(AccountRecovery))
        return {
            (account.panel.slug, account.account, row.stage): (row.sequence, row.state.value, row.done)
            for row, account in rows
        }


def counters_are_true() -> None:
    with db.reading() as session:
        for panel in session.scalars(select(PanelRecovery)):
            kept = session.scalars(select(StageCount).where(StageCount.panel_id == panel.panel_id))
            assert {(one.stage, one.state): one.accounts for one in kept if one.accounts} == dict(
                counted(session, panel.panel_id)
            )
            mine = select(func.count()).select_from(AccountRecovery)
            assert panel.seen == session.scalar(mine.where(AccountRecovery.panel_id == panel.panel_id))


def greatest(sent: list[dict[str, object]]) -> Standing:
    found: dict[tuple[str, str, str], tuple[int, str, int]] = {}
    for one in sent:
        key = (str(one["panel"]), str(one["account"]), str(one["stage"]))
        rank = (int(str(one["sequence"])), str(one["state"]), int(str(one["done"])))
        found[key] = max(found.get(key, rank), rank)
    return found


@pytest.mark.process
def test_a_load_killed_at_any_point_and_sent_again_ends_as_if_it_never_was(
    app: Flask, client: FlaskClient, bearer: str
) -> None:
    send(client, bearer, ndjson(*load(["panel-a", "panel-c"])))
    with counting() as seen:
        send(client, bearer, ndjson(*load(["panel-a", "panel-c"], 1)))
    kept = 0
    for number in range(POINTS):
        before, sent = standing(), load(["panel-a", "panel-c"], 2 + number)
        killed(client, bearer, ndjson(*sent), 2 + number * (last_of(seen) - 2) // (POINTS - 1))
        kept += standing() != before
        counters_are_true()
        assert send(client, bearer, ndjson(*sent))["rejected"] == 0
        assert standing() == before | greatest(sent)
        counters_are_true()
    assert kept > POINTS / 2, "what was committed before the kill stays"
    assert send(client, bearer, ndjson(*sent))["applied"] == 0


@pytest.mark.process
def test_all_or_none_that_is_killed_leaves_none(app: Flask, client: FlaskClient, bearer: str) -> None:
    send(client, bearer, b"\n")  # the token's first use is noted
    with counting() as seen:
        send(client, bearer, ndjson(*load(["panel-d"])), "?atomic=true")
    before, sent = standing(), load(["panel-a"])
    for number in range(ATOMIC_POINTS):
        point = 2 + number * (last_of(seen) - 2) // (ATOMIC_POINTS - 1)
        killed(client, bearer, ndjson(*sent), point, "?atomic=true")
        assert standing() == before
        counters_are_true()
    send(client, bearer, ndjson(*sent), "?atomic=true")
    assert standing() == before | greatest(sent)
    counters_are_true()


def test_a_file_with_every_fault_keeps_all_its_right_lines_and_explains_each_wrong_one(
    client: FlaskClient, bearer: str
) -> None:
    plain = json.dumps(report()).encode()
    wrong = [
        b"{",
        b"\xff\xfe\xfd",
        b"\x00",
        b"[" * 5_000,
        b'"' + b"x" * 40_000 + b'"',
        plain[:-1],
        plain + plain,
        plain.replace(b"1200", b"NaN"),
        plain.replace(b"1200", b"-Infinity"),
        plain.replace(b"1200", b"-1"),
        plain.replace(b"1200", b"1e400"),
        plain.replace(b"1200", b"9223372036854775808"),
        plain.replace(b"1200", b"9" * 3_000),
        plain.replace(b"1200", b"5000"),
        plain.replace(b"10423", b"\\u0000"),
        plain.replace(b"10423", b"\\ud800"),
        plain.replace(b"10423", b"a\xffb"),
        plain[:-1] + b', "account": "2"}',
        plain.replace(b"panel-c", b"panel-x"),
        plain.replace(b"T13:58:00+01:00", b"T13:58:00"),
    ]
    body = b"".join(ndjson(one, report(account=f"a{number}")) for number, one in enumerate(wrong))
    answer = send(client, bearer, body)
    assert (answer["applied"], answer["rejected"]) == (len(wrong), len(wrong))
    errors: list[dict[str, object]] = answer["errors"]  # type: ignore[assignment]  # the one member that is no count
    assert [one["line"] for one in errors] == list(range(1, 2 * len(wrong), 2))
    assert all(one["reason"] for one in errors)
    assert {name for _, name, _ in standing()} == {f"a{number}" for number in range(len(wrong))}
    counters_are_true()
