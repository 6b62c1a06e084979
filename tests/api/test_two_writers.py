"""Several programs write one thing at the same moment: one wins, the others are told, nothing is lost or doubled."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.texts.queries import revisions
from statuspage.tokens.actions import create
from statuspage.tokens.rules import Scope
from tests import scenes
from tests.api import test_articles, test_incidents, test_maintenance, test_promises, test_updates
from tests.api.conftest import caller, told

WRITERS = 5


@pytest.fixture
def token(app: Flask) -> str:
    scenes.live_at()
    with transaction() as session:
        scenes.everything(session)
        return create(session, name="all", scopes=list(Scope), expires_at=None, actor=SYSTEM)


def at_once(app: Flask, token: str, method: str, path: str, body: Callable[[int], Any], **headers: str) -> list[Any]:
    """What each of several programs is answered, all let loose at once."""
    gate = threading.Barrier(WRITERS)

    def send(number: int) -> TestResponse:
        write = caller(app.test_client(), token, "/api/v1/")
        gate.wait()
        return write(method, path, body(number), **headers)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(send, range(WRITERS)))


def won(answers: list[TestResponse]) -> TestResponse:
    """The one answer that says yes; all others are conflicts."""
    (winner,) = [one for one in answers if one.status_code < 300]
    assert {one.status_code for one in answers if one is not winner} == {409}
    return winner


def test_one_key_sent_several_times_at_once_opens_one_incident(app: Flask, token: str) -> None:
    answers = at_once(app, token, "POST", "incidents", lambda number: test_incidents.new(), Idempotency_Key="k")
    assert {one.status_code for one in answers} <= {201, 409}
    write = caller(app.test_client(), token, "/api/v1/")
    again = told(write("POST", "incidents", test_incidents.new(), Idempotency_Key="k"), 201)
    assert all(one.json == again for one in answers if one.status_code == 201)
    listed = told(write("GET", "incidents"))["incidents"]
    assert [one["id"] for one in listed] == [scenes.FIRE, again["id"]]


def test_of_several_titles_written_at_once_one_stands_and_the_one_before_is_kept(app: Flask, token: str) -> None:
    write = caller(app.test_client(), token, "/api/v1/")
    before = told(write("GET", f"incidents/{scenes.FIRE}"))
    answers = at_once(
        app,
        token,
        "PATCH",
        f"incidents/{scenes.FIRE}",
        lambda number: {"title": {"pl": f"Tytuł {number}"}, "version": before["version"]},
    )
    assert told(write("GET", f"incidents/{scenes.FIRE}"))["title"] == won(answers).get_json()["title"]
    with reading() as session:
        (kept,) = [one for one in revisions(session, "incident", scenes.FIRE) if one.field == "title"]
    assert kept.body.by_locale["pl"] == before["title"]["pl"]


def test_of_several_updates_from_one_reading_one_is_posted(app: Flask, token: str) -> None:
    write = caller(app.test_client(), token, "/api/v1/")
    before = told(write("GET", f"incidents/{scenes.FIRE}"))
    body = {"version": before["version"]}
    answers = at_once(app, token, "POST", f"incidents/{scenes.FIRE}/updates", lambda number: test_updates.word(**body))
    posted = won(answers).get_json()["id"]
    after = told(write("GET", f"incidents/{scenes.FIRE}"))["updates"]
    assert [one["id"] for one in after] == [*(one["id"] for one in before["updates"]), posted]


def test_of_several_promises_that_supersede_the_same_one_stands(app: Flask, token: str) -> None:
    write = caller(app.test_client(), token, "/api/v1/")
    first = told(write("POST", "estimates", test_promises.promise()), 201)["id"]

    def later(number: int) -> dict[str, Any]:
        return test_promises.promise(starts_at=f"2021-04-0{number + 1}T00:00:00+02:00", supersedes=first)

    winner = won(at_once(app, token, "POST", "estimates", later)).get_json()
    ledger = test_promises.ledger(app.test_client(), "panel-c")
    assert ledger["current"]["id"] == winner["id"]
    assert [one["id"] for one in ledger["promises"]][-2:] == [first, winner["id"]]


@pytest.mark.parametrize(
    ("path", "body"), [("articles", test_articles.guide()), ("maintenance", test_maintenance.work())]
)
def test_of_several_changes_from_one_reading_one_is_made(
    app: Flask, token: str, path: str, body: dict[str, Any]
) -> None:
    write = caller(app.test_client(), token, "/api/v1/")
    made = told(write("POST", path, body), 201)
    place = f"{path}/{made['id']}"
    tried = at_once(
        app,
        token,
        "PATCH",
        place,
        lambda number: {"title": {"en": f"Title {number}"}, "version": made["version"]},
    )
    assert told(write("GET", place)) == won(tried).get_json()
