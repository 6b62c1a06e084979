"""The gate of a transfer over the API: refused with the reason, confirmed step by step."""

from datetime import UTC, datetime

import pytest

from tests.api.conftest import Call, ndjson

AT = datetime(2021, 3, 22, 12, tzinfo=UTC).isoformat()


@pytest.fixture
def name(call: Call) -> str:
    """A transfer of 40 orders from a temporary account."""
    made = call("POST", "transfers", {"kind": "temporary", "panel": "panel-c", "total": 40, "at": AT}).json
    assert made is not None
    assert made["allowance"] == 1
    return str(made["transfer"])


def moved(name: str, created: int, sequence: int, failed: int = 0) -> dict[str, object]:
    counts = {"created": created, "merged": 0, "failed": failed, "waiting": 40 - created - failed}
    return {"transfer": name, **counts, "sequence": sequence, "at": AT}


def test_more_than_the_allowance_is_refused_with_what_to_do_next(call: Call, name: str) -> None:
    refused = call("POST", "transfers/reports", moved(name, 40, 1))
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert refused.json is not None
    (error,) = refused.json["errors"]
    assert error["path"] == "/created"
    assert "only 1 may" in error["reason"]
    assert f"/api/v1/recovery/transfers/{name}/confirm" in refused.json["detail"]
    seen = call("GET", f"transfers/{name}").json
    assert seen is not None
    assert (seen["created"], seen["allowance"]) == (0, 1)


def test_steps_are_confirmed_one_by_one(call: Call, name: str) -> None:
    place = f"transfers/{name}/confirm"
    assert call("POST", place, {"allowance": 1}).status_code == 422
    call("POST", "transfers/reports", moved(name, 1, 1))
    assert call("POST", place, {"allowance": 10}).status_code == 409
    first = call("POST", place, {"allowance": 1}, Idempotency_Key="k")
    assert first.json is not None
    assert (first.status_code, first.json["allowance"]) == (200, 10)
    assert call("POST", place, {"allowance": 1}, Idempotency_Key="k").json == first.json
    assert call("POST", place, {"allowance": 1}).json == first.json
    call("POST", "transfers/reports", moved(name, 10, 2))
    last = call("POST", place, {"allowance": 10}).json
    assert last is not None
    assert last["allowance"] is None
    assert call("POST", "transfers/reports", moved(name, 40, 3)).status_code == 200


def test_a_reason_opens_it_all(call: Call, name: str) -> None:
    opened = call("POST", f"transfers/{name}/confirm", {"allowance": 1, "override_reason": "a trial account"}).json
    assert opened is not None
    assert opened["allowance"] is None
    assert call("POST", "transfers/reports", moved(name, 40, 1)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"allowance": 0}, 422), ({"allowance": 11}, 422), ({"allowance": True}, 422), ({"allowance": 9}, 409)],
)
def test_a_confirmation_names_a_step(call: Call, name: str, body: dict[str, object], status: int) -> None:
    assert call("POST", f"transfers/{name}/confirm", body).status_code == status
    assert call("POST", "transfers/nothing/confirm", {"allowance": 1}).status_code == 404


@pytest.mark.parametrize("as_lines", [True, False])
def test_all_or_none_undoes_what_came_before_the_refused_report(call: Call, name: str, as_lines: bool) -> None:
    reports = [moved(name, 1, 1), moved(name, 2, 2)]
    sent = ndjson(*reports) if as_lines else reports
    kind = "application/x-ndjson" if as_lines else "application/json"
    assert call("POST", "transfers/reports?atomic=true", sent, kind=kind).status_code == 422
    seen = call("GET", f"transfers/{name}").json
    assert seen is not None
    assert seen["created"] == 0
    answer = call("POST", "transfers/reports", sent, kind=kind).json
    assert answer is not None
    assert (answer["applied"], answer["rejected"]) == (1, 1)
