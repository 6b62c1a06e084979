"""Callers of the API: panels to report on, and a program with a token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.tokens.actions import create
from statuspage.tokens.rules import Scope
from tests import scenes

Call = Callable[..., TestResponse]


@pytest.fixture
def bearer(app: Flask) -> str:
    """The four panels, and a token that may read and write recovery."""
    with transaction() as session:
        scenes.panels(session)
        scopes = ["recovery:read", "recovery:write"]
        return create(session, name="job", scopes=scopes, expires_at=None, actor=SYSTEM)


@pytest.fixture
def call(client: FlaskClient, bearer: str) -> Call:
    """`call("POST", "reports", body)`: a body that is not bytes is sent as JSON."""
    return caller(client, bearer, "/api/v1/recovery/")


@pytest.fixture
def write(client: FlaskClient) -> Call:
    """The fire on 22 March 2021, and a program that may do all: `write("POST", "incidents", body)`.

    Nothing is published before the first thing is written.
    """
    scenes.live_at()
    with transaction() as session:
        scenes.everything(session)
        scopes = [one.value for one in Scope]
        token = create(session, name="deploys", scopes=scopes, expires_at=None, actor=SYSTEM)
    return caller(client, token, "/api/v1/")


def caller(client: FlaskClient, bearer: str, base: str) -> Call:
    """A program with a token."""

    def send(
        method: str, path: str, body: Any = None, *, kind: str = "application/json", **headers: str
    ) -> TestResponse:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {
            "Authorization": f"Bearer {bearer}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        content_type = kind if body is not None else None
        sent = {"data": data, "content_type": content_type, "headers": named}
        # Buffered: an answer that is not closed keeps its place in front of the app.
        return client.open(f"{base}{path}", method=method, buffered=True, **sent)

    return send


def told(answer: TestResponse, status: int = 200) -> Any:
    """What an answer says; it must have this status."""
    assert answer.status_code == status, answer.text
    return answer.json


def faults(answer: TestResponse, status: int = 422) -> list[str]:
    """The paths of the fields that a problem names."""
    assert answer.mimetype == "application/problem+json"
    return [one["path"] for one in told(answer, status).get("errors", [])]


def report(**changes: Any) -> dict[str, Any]:
    return {
        "account": "10423",
        "panel": "panel-c",
        "stage": "orders",
        "state": "running",
        "done": 1200,
        "total": 4000,
        "sequence": 17,
        "at": "2021-03-22T13:58:00+01:00",
        **changes,
    }


def ndjson(*rows: Any) -> bytes:
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
