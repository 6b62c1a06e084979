"""Links in bulk: made once, told again under the same key, kept nowhere."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from statuspage import clock, db
from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import transaction
from statuspage.recovery.actions.accounts import describe_account, open_account, request_link
from statuspage.recovery.models import LinkRequest, RecoveryLink
from statuspage.tokens.models import StoredAnswer
from tests.api.conftest import Call, report

WANTED = [
    {"panel": "panel-c", "account": "10423"},
    {"panel": "panel-c", "account": "no"},
    {"panel": "x", "account": "1"},
]


@pytest.fixture(autouse=True)
def account(call: Call) -> None:
    call("POST", "reports", report())


def links() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(RecoveryLink)) or 0


def test_a_link_is_made_for_each_account_that_is_known(app: Flask, call: Call) -> None:
    answer = call("POST", "links", [*WANTED, WANTED[0]])
    assert answer.status_code == 201
    assert answer.json is not None
    assert [one["account"] for one in answer.json["links"]] == ["10423", "10423"]
    assert [(one["line"], one["path"]) for one in answer.json["errors"]] == [(2, "/1"), (3, "/2")]
    for one in answer.json["links"]:
        path = one["link"].partition("127.0.0.1:8000")[2]
        assert app.test_client().get(path).status_code == 303
    assert links() == 2
    assert app.test_client().get("/recovery/a/" + "A" * 43 + "/").status_code == 403


def test_the_same_key_tells_the_same_links_and_makes_none(call: Call) -> None:
    first = call("POST", "links", WANTED, Idempotency_Key="k1")
    again = call("POST", "links", WANTED, Idempotency_Key="k1")
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert links() == 1
    assert call("POST", "links", WANTED[:1], Idempotency_Key="k1").status_code == 422
    assert call("POST", "links", WANTED, Idempotency_Key="k2").json != first.json
    assert links() == 2


def test_no_link_is_kept_where_it_could_be_read(call: Call) -> None:
    answer = call("POST", "links", WANTED, Idempotency_Key="k1")
    (token,) = re.findall(r"/recovery/a/([\w-]+)/", answer.text)
    with db.reading() as session:
        (kept,) = session.scalars(select(StoredAnswer.body))
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery.links")).one()
    assert token not in kept
    assert entry.after is not None
    assert (entry.after["minted"], "10423" in json.dumps(entry.after)) == (1, False)


def test_a_thousand_at_most_and_all_in_shape_or_none(call: Call) -> None:
    assert call("POST", "links", WANTED[:1] * 1001).status_code == 413
    assert call("POST", "links", WANTED[0]).status_code == 422
    wrong = call("POST", "links", [*WANTED, {"panel": "panel-c"}, {"account": 3, "panel": "panel-c"}])
    assert wrong.status_code == 422
    assert wrong.json is not None
    assert [one["path"] for one in wrong.json["errors"]] == ["/3/account", "/4/account"]
    assert links() == 0
    answer = call("POST", "links", WANTED[:1] * 1000, Idempotency_Key="k")
    assert answer.json is not None
    assert len({one["link"] for one in answer.json["links"]}) == links() == 1000
    assert call("POST", "links", []).json == {"links": [], "errors": []}


def test_it_answers_the_wishes_of_those_accounts(call: Call) -> None:
    with transaction() as session:
        owner = open_account(session, "panel-c", "10423")
        describe_account(session, owner, {"login_hash": b"a" * 32}, SYSTEM)
        session.flush()
        request_link(session, b"a" * 32, clock.wall())
        request_link(session, b"b" * 32, clock.wall())
    call("POST", "links", WANTED)
    with db.reading() as session:
        assert [one.handled_at is None for one in session.scalars(select(LinkRequest).order_by(LinkRequest.id))] == [
            False, True,
        ]  # fmt: skip


def test_without_a_token_there_are_none(call: Call) -> None:
    assert call("POST", "links", WANTED, Authorization="Bearer nothing").status_code == 401
    assert links() == 0


def test_a_report_may_say_why_it_is_stuck_and_no_other_may(call: Call) -> None:
    fine = report(state="failed", sequence=18, reason="archive on the burnt disk")
    answer = call("POST", "reports", [fine, report(sequence=19, reason="x"), report(state="failed", reason="x" * 201)])
    assert answer.json is not None
    assert answer.json["applied"] == 1
    assert [one["path"] for one in answer.json["errors"]] == ["/1/reason", "/2/reason"]
    assert call("POST", "reports", fine).json == {"applied": 0, "unchanged": 1, "stale": 0, "rejected": 0, "errors": []}
