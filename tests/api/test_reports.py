"""Reports of restoration: one, an array, or lines; repeated, late, wrong."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from statuspage import db
from statuspage.audit.models import AuditEntry
from statuspage.recovery.models import AccountRecovery, PanelRecovery, StageCount, StageState
from statuspage.recovery.rules.reports import State
from tests.api.conftest import Call, ndjson, report

NOTHING = {"applied": 0, "unchanged": 0, "stale": 0, "rejected": 0, "errors": []}
LINES = "application/x-ndjson"


def rows() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(StageState)) or 0


def counters() -> dict[tuple[str, State], int]:
    with db.reading() as session:
        return {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount)) if one.accounts}


def test_one_report_makes_the_account_and_its_stage(call: Call) -> None:
    answer = call("POST", "reports", report())
    assert (answer.status_code, answer.json) == (200, {**NOTHING, "applied": 1})
    seen = call("GET", "panels/panel-c/accounts/10423").json
    assert seen is not None
    assert seen["stages"] == [
        {
            "stage": "orders",
            "state": "running",
            "done": 1200,
            "total": 4000,
            "sequence": 17,
            "at": "2021-03-22T12:58:00+00:00",
        }
    ]
    assert counters() == {("orders", State.RUNNING): 1}


def test_the_same_report_again_is_unchanged_an_older_one_stale(call: Call) -> None:
    call("POST", "reports", report())
    assert call("POST", "reports", report()).json == {**NOTHING, "unchanged": 1}
    assert call("POST", "reports", report(sequence=16, state="failed")).json == {**NOTHING, "stale": 1}
    assert call("POST", "reports", report(at="2021-03-22T13:57:59+01:00")).json == {**NOTHING, "stale": 1}
    assert counters() == {("orders", State.RUNNING): 1}


def test_the_same_moment_in_another_zone_is_the_same_report(call: Call) -> None:
    call("POST", "reports", report())
    assert call("POST", "reports", report(at="2021-03-22T12:58:00Z")).json == {**NOTHING, "unchanged": 1}


def test_an_array_counts_each_report_and_valid_ones_stay(call: Call) -> None:
    sent = [report(), report(), report(sequence=3), report(account="2"), report(panel="panel-x"), report(done=5000)]
    answer = call("POST", "reports", sent)
    assert answer.status_code == 200
    assert answer.json == {
        "applied": 2,
        "unchanged": 1,
        "stale": 1,
        "rejected": 2,
        "errors": [
            {"line": 5, "path": "/4/panel", "reason": "there is no panel panel-x"},
            {"line": 6, "path": "/5/done", "reason": "done cannot be more than total"},
        ],
    }


def test_lines_are_taken_as_a_stream_and_blank_ones_passed_over(call: Call) -> None:
    body = ndjson(report(), b"", report(account="2"), b'{"account":', report(account="3"))
    answer = call("POST", "reports", body, kind=LINES)
    assert answer.json is not None
    assert answer.status_code == 200
    assert {**answer.json, "errors": None} == {**NOTHING, "applied": 3, "rejected": 1, "errors": None}
    assert answer.json["errors"][0]["line"] == 4
    assert rows() == 3


def test_the_last_line_needs_no_line_end(call: Call) -> None:
    body = ndjson(report(), report(account="2")).rstrip(b"\n")
    assert call("POST", "reports", body, kind=LINES).json == {**NOTHING, "applied": 2}


def test_all_or_none_takes_nothing_when_one_line_is_wrong(call: Call) -> None:
    body = ndjson(report(), report(account="2", state="lost"))
    answer = call("POST", "reports?atomic=true", body, kind=LINES)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [(one["line"], one["path"]) for one in answer.json["errors"]] == [(2, "/state")]
    assert rows() == 0
    assert call("POST", "reports?atomic=true", [report(), report(done=-1)]).status_code == 422
    assert rows() == 0
    good = ndjson(report(), report(account="2"))
    assert call("POST", "reports?atomic=true", good, kind=LINES).json == {**NOTHING, "applied": 2}


def test_restored_means_all_done(call: Call) -> None:
    answer = call("POST", "reports", report(state="restored"))
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"] == [{"line": 1, "path": "/done", "reason": "restored means that done equals total"}]
    assert call("POST", "reports", report(state="restored", done=4000)).json == {**NOTHING, "applied": 1}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"account": ""}, "/account"),
    ({"account": "x" * 129}, "/account"),
    ({"account": "a\u0000b"}, "/account"),
    ({"account": "a\nb"}, "/account"),
    ({"account": "   "}, "/account"),
    ({"account": 10423}, "/account"),
    ({"panel": "panel-x"}, "/panel"),
    ({"panel": "../panel-c"}, "/panel"),
    ({"stage": "soul"}, "/stage"),
    ({"state": "lost"}, "/state"),
    ({"state": None}, "/state"),
    ({"done": -1}, "/done"),
    ({"done": 1.5}, "/done"),
    ({"done": True}, "/done"),
    ({"done": "12"}, "/done"),
    ({"sequence": 2**63 - 1, "total": -5}, "/total"),
    ({"at": "2021-02-30T00:00:00Z"}, "/at"),
    ({"at": "2021-03-22T13:58:00"}, "/at"),
    ({"at": "yesterday"}, "/at"),
    ({"at": 1616417880}, "/at"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "/at"),
    ({"at": "9999-12-31T23:59:59-14:00"}, "/at"),
    ({"more": 1}, "/more"),
]


@pytest.mark.parametrize(("changes", "path"), WRONG, ids=[repr(one[0])[:40] for one in WRONG])
def test_a_wrong_field_is_named_and_nothing_is_written(call: Call, changes: dict[str, Any], path: str) -> None:
    for body, kind in (
        (json.dumps(report(**changes)).encode(), "application/json"),
        (ndjson(report(**changes)), LINES),
    ):
        answer = call("POST", "reports", body, kind=kind)
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert [one["path"] for one in answer.json["errors"]] == [path]
        assert answer.json["rejected"] == 1
    assert rows() == 0


def plain(**changes: str) -> bytes:
    """A report whose fields are raw JSON."""
    fields = {key: json.dumps(value) for key, value in report().items()} | changes
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}").encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (plain()[:-1], 400),
        (b"[" + plain(), 400),
        (plain() + plain(), 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (plain(account='"a\x01"'), 400),
        (plain(done="NaN"), 422),
        (plain(done="-Infinity"), 422),
        (plain(done="9" * 5000), 422),
        (plain(done=str(2**63)), 422),
        (plain(done="1e999"), 422),
        (plain()[:-1] + b', "panel": "panel-a"}', 422),
        (plain(account='"\\ud800"'), 422),
        (b"7", 422),
        (b"null", 422),
    ],
    ids=range(16),
)
def test_what_is_not_one_strict_document_is_refused(call: Call, body: bytes, status: int) -> None:
    answer = call("POST", "reports", body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json is not None
    assert answer.json["errors"][0]["reason"]
    assert "Traceback" not in answer.text
    if b"\n" not in body and body:
        line = call("POST", "reports", body + b"\n", kind=LINES)
        assert line.status_code == 422
        assert line.json is not None
        assert line.json["rejected"] == 1
    assert rows() == 0


def test_the_largest_numbers_are_kept(call: Call) -> None:
    most = 2**63 - 1
    assert call("POST", "reports", report(done=most, total=most, sequence=most)).json == {**NOTHING, "applied": 1}
    assert call("POST", "reports", report(done=most, total=most, sequence=most)).json == {**NOTHING, "unchanged": 1}


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=latin-1", "application/xml", ""])
def test_another_content_type_is_415(call: Call, kind: str) -> None:
    assert call("POST", "reports", b"{}", kind=kind).status_code == 415


def test_a_compressed_body_is_415(call: Call) -> None:
    assert call("POST", "reports", b"{}", Content_Encoding="gzip").status_code == 415


def test_an_array_that_is_too_long_is_413(call: Call) -> None:
    assert call("POST", "reports", [report()] * 1001).status_code == 413
    assert call("POST", "reports", [report()] * 1000).status_code == 200


def test_a_document_that_is_too_large_is_413(call: Call) -> None:
    assert call("POST", "reports", b"[" + b" " * 1024 * 1024 + b"]").status_code == 413


def test_no_reports_are_no_change(call: Call) -> None:
    assert call("POST", "reports", []).json == NOTHING
    assert call("POST", "reports", b"\n", kind=LINES).json == NOTHING


def test_a_line_that_is_too_long_is_refused_and_the_next_is_taken(call: Call) -> None:
    answer = call("POST", "reports", ndjson(b'"' + b"x" * 200_000 + b'"', report()), kind=LINES)
    assert answer.json is not None
    assert (answer.json["applied"], answer.json["rejected"]) == (1, 1)


def test_at_most_a_thousand_errors_are_listed(call: Call) -> None:
    answer = call("POST", "reports", b"{}\n" * 1500, kind=LINES)
    assert answer.json is not None
    assert (answer.json["rejected"], len(answer.json["errors"])) == (1500, 1000)


def test_the_same_key_and_body_get_the_same_answer(call: Call) -> None:
    first = call("POST", "reports", report(), Idempotency_Key="k1")
    again = call("POST", "reports", report(), Idempotency_Key="k1")
    assert first.json == again.json == {**NOTHING, "applied": 1}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert call("POST", "reports", report(), Idempotency_Key="k2").json == {**NOTHING, "unchanged": 1}


def test_the_same_key_with_another_body_is_refused(call: Call) -> None:
    call("POST", "reports", report(), Idempotency_Key="k1")
    answer = call("POST", "reports", report(sequence=99), Idempotency_Key="k1")
    assert answer.status_code == 422
    assert call("POST", "reports?atomic=true", report(), Idempotency_Key="k1").status_code == 422
    assert call("POST", "reports", report(), Idempotency_Key="a key").status_code == 422
    with db.reading() as session:
        assert session.scalar(select(StageState.sequence)) == 17


def test_lines_take_no_key(call: Call) -> None:
    assert call("POST", "reports", ndjson(report()), kind=LINES, Idempotency_Key="k").status_code == 422
    assert rows() == 0


def test_one_audit_entry_a_request_tells_counts_and_no_account(call: Call) -> None:
    call("POST", "reports", ndjson(*[report(account=f"secret-{n}") for n in range(5)]), kind=LINES)
    with db.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery.reports")).all()
        assert entry.after is not None
        assert entry.after["applied"] == 5
        assert "secret" not in json.dumps(entry.after)


def test_accounts_seen_are_counted_once(call: Call) -> None:
    call("POST", "reports", [report(), report(stage="archive"), report(account="2"), report(panel="panel-a")])
    with db.reading() as session:
        assert {one.panel_id: one.seen for one in session.scalars(select(PanelRecovery))} == {1: 1, 3: 2}
        assert session.scalar(select(func.count()).select_from(AccountRecovery)) == 3


@pytest.mark.parametrize(("path", "method"), [("reports", "POST"), ("panels/panel-c/size", "PUT")])
def test_without_a_token_nobody_writes(call: Call, path: str, method: str) -> None:
    answer = call(method, path, report(), Authorization="Bearer nothing")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.mimetype == "application/problem+json"
    assert rows() == 0
