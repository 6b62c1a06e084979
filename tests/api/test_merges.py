"""A temporary account into its original through the API: plan, run, result; and requests of customers."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.panels.models import Panel
from statuspage.recovery.actions.backlog import Wish, ask
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.rules.backlog import BacklogKind
from tests import scenes
from tests.api.conftest import Call, report

AT = "2021-03-22T13:58:00+01:00"


def plan(panel: str = "panel-c", **changes: Any) -> dict[str, Any]:
    return {
        "original": {"panel": panel, "account": "10423"},
        "temporary": {"panel": "panel-d", "account": "D-7"},
        "create": 310,
        "merge": 940,
        "conflict": 2,
        "examples": [{"order": "A-1", "reason": "two orders have this number"}],
        "sequence": 5,
        "at": AT,
        **changes,
    }


@pytest.fixture
def pair(call: Call) -> Call:
    """Account 10423 of panels A and C; the temporary one belongs to that of panel C."""
    scenes.live_at()
    for panel in ("panel-a", "panel-c"):
        call("POST", "reports", report(panel=panel))
    call("PUT", "panels/panel-c/accounts/10423", {"temporary": {"panel": "panel-d", "account": "D-7"}})
    return call


def test_plans_may_come_in_any_order_and_the_greatest_counts(pair: Call) -> None:
    first = pair("POST", "merges", plan()).json
    assert (first["state"], first["plan"]["merge"], first["result"]) == ("planned", 940, None)
    assert first["plan"]["examples"] == [{"order": "A-1", "reason": "two orders have this number"}]
    assert pair("POST", "merges", plan(sequence=4, create=0)).json == first
    assert pair("POST", "merges", plan()).json == first
    later = pair("POST", "merges", plan(sequence=6, create=0)).json
    assert (later["merge"], later["plan"]["create"]) == (first["merge"], 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"create": -1},
        {"merge": 1.5},
        {"examples": [{"order": "A", "reason": "r"}] * 101},
        {"examples": [{"order": "A"}]},
        {"temporary": {"panel": "panel-d", "account": "unknown"}},
        {"temporary": {"panel": "panel-a", "account": "10423"}},
        {"original": {"panel": "panel-d", "account": "D-7"}},
    ],
)
def test_a_plan_that_cannot_be_is_refused(pair: Call, changes: dict[str, Any]) -> None:
    assert pair("POST", "merges", plan(**changes)).status_code == 422


def test_a_merge_is_run_once_and_its_result_kept(pair: Call) -> None:
    merge = pair("POST", "merges", plan()).json["merge"]
    result = {"created": 311, "merged": 939, "failed": 2, "at": AT}
    assert pair("POST", f"merges/{merge}/result", result).status_code == 422
    for _ in range(2):
        assert pair("POST", f"merges/{merge}/run", {"at": AT}).json["state"] == "running"
    assert pair("POST", "merges", plan(sequence=9)).status_code == 409
    for _ in range(2):
        done = pair("POST", f"merges/{merge}/result", result).json
        assert (done["state"], done["result"]) == ("done", {"created": 311, "merged": 939, "failed": 2})
    assert pair("POST", f"merges/{merge}/result", {**result, "failed": 3}).status_code == 409
    assert pair("POST", f"merges/{merge}/run", {}).json["state"] == "done"
    assert pair("GET", f"merges/{merge}").json == done
    kept = pair("POST", f"merges/{merge}/result", result, Idempotency_Key="k")
    again = pair("POST", f"merges/{merge}/result", result, Idempotency_Key="k")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (kept.json, "true")
    assert pair("POST", f"merges/{merge}/result", {**result, "failed": 3}, Idempotency_Key="k").status_code == 422
    for path in ("merges/nothing/run", "merges/nothing/result"):
        assert pair("POST", path, result if path.endswith("result") else {}).status_code == 404
    assert pair("GET", "merges/nothing").status_code == 404


def test_into_an_open_gap_no_merge_is_run_without_a_reason(pair: Call) -> None:
    with transaction() as session:
        panel = session.scalars(select(Panel).where(Panel.slug == "panel-c")).one()
        panel.gap_from, panel.gap_until = scenes.at("2021-03-09 00:00"), scenes.at("2021-03-22 10:00")
    merge = pair("POST", "merges", plan()).json["merge"]
    refused = pair("POST", f"merges/{merge}/run", {})
    assert (refused.status_code, "duplicates" in refused.text) == (422, True)
    assert pair("GET", f"merges/{merge}").json["state"] == "planned"
    run = pair("POST", f"merges/{merge}/run", {"override_reason": "this account has caught up"})
    assert run.json["state"] == "running"
    with reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "merge.run")).one()
        assert entry.after == {"override_reason": "this account has caught up"}


@pytest.fixture
def wish(pair: Call) -> str:
    """The id of a request of account 10423 of panel C."""
    with transaction() as session:
        owner = account(session, "panel-c", "10423")
        assert owner is not None
        return ask(session, owner, Wish(BacklogKind.ORDERS, date(2021, 3, 9), "secret note"), scenes.NOW).public_id


def test_a_request_goes_from_state_to_state_and_repeats_change_nothing(pair: Call, wish: str) -> None:
    (new,) = pair("GET", "requests?state=received").json["requests"]
    assert (new["request"], new["account"], new["kind"], new["since"]) == (wish, "10423", "orders", "2021-03-09")
    for state in ("working", "working", "done", "done"):
        assert pair("POST", f"requests/{wish}/state", {"state": state}).json["state"] == state
    assert pair("POST", f"requests/{wish}/state", {"state": "working"}).status_code == 409
    assert pair("GET", "requests?state=received").json["requests"] == []
    assert pair("GET", f"requests/{wish}").json["state"] == "done"
    assert pair("POST", "requests/nothing/state", {"state": "done"}).status_code == 404
    assert pair("GET", "requests/nothing").status_code == 404
    with reading() as session:
        told = str([(one.before, one.after) for one in session.scalars(select(AuditEntry))])
        assert "working" in told
        assert "secret note" not in told


def test_to_decline_needs_a_reason(pair: Call, wish: str) -> None:
    assert pair("POST", f"requests/{wish}/state", {"state": "declined"}).status_code == 422
    assert pair("POST", f"requests/{wish}/state", {"state": "received"}).json["state"] == "received"
    done = pair("POST", f"requests/{wish}/state", {"state": "declined", "reason": "It is there already."}).json
    assert (done["state"], done["reason"]) == ("declined", "It is there already.")
