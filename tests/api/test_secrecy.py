"""Who is a customer never leaks, and what a token may not do it cannot do by any way."""

import json
import random
import re
import time
from collections.abc import Callable
from itertools import product
from statistics import median
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.recovery.actions.accounts import describe_account, open_account
from statuspage.recovery.rules.links import login_key
from statuspage.settings import Settings
from statuspage.tokens.actions import create
from statuspage.tokens.models import ApiToken, StoredAnswer
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from statuspage.web.site import Site
from tests import scenes
from tests.api.conftest import Call, ndjson, report

PAIRS = 40
KNOWN, UNKNOWN = "panels/panel-c/accounts/10423", "panels/panel-c/accounts/99999"
LINES = "application/x-ndjson"


def token(scope: str) -> str:
    with transaction() as session:
        return create(session, name=scope, scopes=[scope], expires_at=None, actor=SYSTEM)


def alike(one: Callable[[int], object], other: Callable[[int], object]) -> None:
    """In pairs of random order neither is the slower one more often than chance has it, nor by much."""
    chance, apart, all_of_them = random.Random(3), [], []
    for number in range(PAIRS):
        took = {}
        for ask in chance.sample([one, other], 2):
            started = time.perf_counter()
            ask(number)
            took[ask] = time.perf_counter() - started
        apart.append(took[one] - took[other])
        all_of_them += took.values()
    slower = sum(difference > 0 for difference in apart)
    # 40 fair coins fall outside of 8 to 32 once in 20,000 times.
    assert 8 <= slower <= 32, f"the first was the slower one {slower} times of {PAIRS}"
    assert abs(median(apart)) < 0.25 * median(all_of_them)


def same(one: TestResponse, other: TestResponse) -> None:
    assert (one.status_code, one.data) == (other.status_code, other.data)
    assert sorted(one.headers) == sorted(other.headers)


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("PUT", ""), ("POST", "/link")])
def test_without_the_scope_a_known_account_looks_like_an_unknown_one(call: Call, method: str, tail: str) -> None:
    call("POST", "reports", report())
    for bearer in (token("incidents:write"), "nothing"):
        asked = [
            call(method, place + tail, {} if method != "GET" else None, Authorization=f"Bearer {bearer}")
            for place in (KNOWN, UNKNOWN)
        ]
        same(*asked)
        assert asked[0].status_code == (401 if bearer == "nothing" else 403)


def test_without_the_scope_a_known_account_takes_as_long_as_an_unknown_one(call: Call) -> None:
    call("POST", "reports", report())
    bearer = f"Bearer {token('incidents:write')}"
    call("GET", KNOWN, Authorization=bearer)
    alike(
        lambda _: call("GET", KNOWN, Authorization=bearer),
        lambda _: call("GET", UNKNOWN, Authorization=bearer),
    )


def test_a_dead_token_looks_like_one_that_never_was(call: Call) -> None:
    bearer = token("recovery:read")
    with transaction() as session:
        prefix = bearer.split("_")[1]
        session.scalars(select(ApiToken).where(ApiToken.prefix == prefix)).one().revoked_at = scenes.NOW
    never = "sp_00000000_" + "x" * 43
    same(
        call("GET", KNOWN, Authorization=f"Bearer {bearer}"),
        call("GET", KNOWN, Authorization=f"Bearer {never}"),
    )


def test_a_known_login_takes_as_long_as_an_unknown_one(
    client: FlaskClient, bearer: str, settings: Settings, site: Site
) -> None:
    site.publisher.publish()
    with transaction(quiet=True) as session:
        for number in range(PAIRS):
            owner = open_account(session, "panel-c", str(number))
            describe_account(session, owner, {"login_hash": login_key(settings.secret, f"anna{number}")}, SYSTEM)

    def wish(login: str, number: int) -> TestResponse:
        address = {"REMOTE_ADDR": f"10.0.{len(login)}.{number}"}
        return client.post("/recovery/link/", data={"login": f"{login}{number}"}, environ_base=address)

    same(wish("anna", 0), wish("berta", 0))
    alike(lambda number: wish("anna", number), lambda number: wish("berta", number))


def test_a_token_opens_nothing_that_its_scope_does_not_name(app: Flask, client: FlaskClient, bearer: str) -> None:
    tokens = {scope: token(scope) for scope in Scope}
    walked = 0
    for rule in app.url_map.iter_rules():
        declared = policy.of(app, rule.endpoint)
        if declared is None or declared.kind != "token":
            continue
        path = re.sub(r"<[^>]+>", "1", re.sub(r"<uuid:[^>]+>", str(UUID(int=1)), rule.rule))
        wrong = [scope for scope in Scope if scope != declared.need]
        for scope, method in product(wrong, (rule.methods or set()) - {"OPTIONS", "HEAD"}):
            walked += 1
            said = client.open(
                path,
                method=method,
                query_string={"scope": declared.need, "cursor": "1"},
                json={"scope": declared.need, "scopes": [declared.need]} if method != "GET" else None,
                headers={"Authorization": f"Bearer {tokens[scope]}", "X-Scope": declared.need, "Idempotency-Key": "k"},
            )
            assert said.status_code == 403, f"{method} {path} with {scope}"
            assert declared.need in said.text
    assert walked > 20
    with reading() as session:
        assert session.scalars(select(StoredAnswer)).all() == []


def test_a_token_may_come_in_the_header_alone(client: FlaskClient, bearer: str) -> None:
    for asked in ({"query_string": {"token": bearer}}, {"json": {**report(), "token": bearer}}):
        answer = client.post("/api/v1/recovery/reports", **asked)  # type: ignore[arg-type]  # words for the client
        assert answer.status_code == 401
    client.set_cookie("Authorization", f"Bearer {bearer}")
    assert client.post("/api/v1/recovery/reports", json=report()).status_code == 401


def test_an_answer_is_kept_for_the_token_that_asked_alone(call: Call) -> None:
    first = call("POST", "reports", report(), Idempotency_Key="k")
    other = call("POST", "reports", report(), Idempotency_Key="k", Authorization=f"Bearer {token('recovery:write')}")
    assert "Idempotent-Replayed" not in other.headers
    assert (first.json or {})["applied"] == (other.json or {})["unchanged"] == 1
    again = call("POST", "reports", report(), Idempotency_Key="k")
    assert (again.data, again.status_code) == (first.data, first.status_code)


def test_no_token_is_ever_written_down(
    call: Call, bearer: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    call("POST", "reports", report(), Idempotency_Key="k")
    call("POST", "reports", ndjson(report(account="2")), kind=LINES)
    call("POST", "reports", b"{", Authorization=f"Bearer {bearer}x")
    call("POST", f"reports?token={bearer}", b"{")
    monkeypatch.setattr("statuspage.recovery.actions.reports.apply", broken)
    assert call("POST", "reports", report()).status_code == 500
    secret = bearer.split("_", 2)[2]
    said = capfd.readouterr()
    assert "broken on purpose" in said.out + said.err
    assert secret not in said.out + said.err
    with reading() as session:
        kept = [one.after for one in session.scalars(select(AuditEntry))]
        kept += [one.body for one in session.scalars(select(StoredAnswer))]  # type: ignore[misc]  # both are looked through as text
        assert secret not in json.dumps(kept)
        assert all(secret.encode() not in one.secret_hash for one in session.scalars(select(ApiToken)))
