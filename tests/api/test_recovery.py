"""Sizes, accounts, links and transfers over the API; progress and description for everybody."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import select

from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.panels.models import Panel
from statuspage.recovery.models import AccountRecovery, PanelSize, ProgressPoint, RecoveryLink
from statuspage.recovery.queries.forwarding import forwarding_views
from statuspage.recovery.queries.progress import stage_views
from statuspage.web.site import Site
from tests import scenes
from tests.api.conftest import Call, report

PLACE = "panels/panel-c/accounts/10423"
AT = datetime(2021, 3, 22, 12, tzinfo=UTC)


def transfer(**changes: object) -> dict[str, object]:
    return {"kind": "temporary", "panel": "panel-c", "total": 10, "at": AT.isoformat(), **changes}


def moved(name: str, created: int, waiting: int, sequence: int, minutes: int = 0) -> dict[str, object]:
    at = (AT + timedelta(minutes=minutes)).isoformat()
    counts = {"created": created, "merged": 0, "failed": 0, "waiting": waiting}
    return {"transfer": name, **counts, "sequence": sequence, "at": at}


def test_the_size_of_a_panel_is_stated_with_history(call: Call) -> None:
    assert call("PUT", "panels/panel-c/size", {"size": 19800}).json == {"panel": "panel-c", "size": 19800}
    call("PUT", "panels/panel-c/size", {"size": 20000})
    call("PUT", "panels/panel-c/size", {"size": 20000})
    call("POST", "reports", report())
    with reading() as session:
        assert session.scalars(select(PanelSize.size).order_by(PanelSize.id)).all() == [19800, 20000]
        assert [one.size for one in stage_views(session, AT)] == [20000]
    assert call("PUT", "panels/panel-x/size", {"size": 1}).status_code == 404
    assert call("PUT", "panels/panel-c/size", {"size": -1}).status_code == 422


def test_readers_learn_how_n_changed_and_why(call: Call, client: FlaskClient, site: Site) -> None:
    why = {"pl": "doszły konta z marca", "en": "accounts of March were added"}
    call("PUT", "panels/panel-c/size", {"size": 19800})
    assert call("PUT", "panels/panel-c/size", {"size": 20000, "reason": why}).status_code == 200
    assert call("PUT", "panels/panel-a/size", {"size": 19}).status_code == 200
    for wrong in ({"en": "only English"}, {"pl": ""}, "words", {"pl": "a", "de": "b"}):
        assert call("PUT", "panels/panel-c/size", {"size": 21000, "reason": wrong}).status_code == 422
    site.publisher.publish()
    told = client.get("/api/v1/recovery/progress").json
    assert told is not None
    assert [(one["panel"], one["size"], one["cause"], one["reason"]) for one in told["sizes"]] == [
        ("panel-c", 19800, "stated", None),
        ("panel-c", 20000, "stated", {**why, "source": "pl"}),
    ]


def test_an_account_keeps_login_and_contact_out_of_sight(call: Call) -> None:
    answer = call("PUT", PLACE, {"login": "Anna@example.com", "contact": "anna@example.com"})
    assert answer.json is not None
    assert (answer.json["has_login"], answer.json["has_contact"]) == (True, True)
    assert "anna" not in answer.text.lower()
    with reading() as session:
        assert session.scalars(select(AccountRecovery.contact)).one() == "anna@example.com"
        entries = json.dumps([one.after for one in session.scalars(select(AuditEntry))])
        assert "anna" not in entries.lower()
    again = call("PUT", PLACE, {"contact": None}).json
    assert again is not None
    assert (again["has_login"], again["has_contact"]) == (True, False)
    assert call("PUT", PLACE, {"contact": "a@b.example, c@d.example"}).status_code == 422


def test_a_temporary_account_belongs_to_one_original(call: Call) -> None:
    answer = call("PUT", PLACE, {"temporary": {"panel": "panel-d", "account": "D-1"}})
    assert answer.json is not None
    assert answer.json["temporary"] == [{"panel": "panel-d", "account": "D-1"}]
    assert call("PUT", PLACE, {"temporary": {"panel": "panel-c", "account": "10423"}}).status_code == 422
    other = call("PUT", "panels/panel-c/accounts/2", {"temporary": {"panel": "panel-d", "account": "D-1"}})
    assert other.status_code == 422


def test_an_unknown_account_is_404_an_impossible_name_400_and_a_long_one_422(call: Call) -> None:
    assert call("GET", PLACE).status_code == 404
    assert call("POST", f"{PLACE}/link").status_code == 404
    assert call("GET", "panels/panel-c/accounts/a%00b").status_code == 400
    assert call("GET", f"panels/panel-c/accounts/{'x' * 129}").status_code == 422


def test_a_link_is_told_once_and_kept_as_a_hash(call: Call) -> None:
    call("POST", "reports", report())
    answer = call("POST", f"{PLACE}/link", Idempotency_Key="k")
    assert answer.status_code == 201
    assert answer.json is not None
    token = answer.json["link"].rstrip("/").rsplit("/", 1)[1]
    assert len(token) >= 22
    again = call("POST", f"{PLACE}/link", Idempotency_Key="k").json
    assert again is not None
    assert again["link"] != answer.json["link"]
    with reading() as session:
        assert all(token.encode() not in one.token_hash for one in session.scalars(select(RecoveryLink)))


def test_into_an_open_gap_no_temporary_account_is_moved_without_a_reason(call: Call) -> None:
    sent = transfer(panel="panel-a", from_panel="panel-d", from_account="D-1", account="7")
    refused = call("POST", "transfers", sent)
    assert refused.status_code == 422
    assert "duplicates" in refused.text
    assert call("POST", "transfers", {**sent, "kind": "queue"}).status_code == 201
    assert call("POST", "transfers", {**sent, "override_reason": "checked by hand"}).status_code == 201
    with reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "transfer.open")).all()
        assert [one.after["override_reason"] for one in noted if one.after] == [None, "checked by hand"]
    with transaction() as session:
        session.scalars(select(Panel).where(Panel.slug == "panel-a")).one().gap_closed_at = AT
    assert call("POST", "transfers", sent).status_code == 201


def test_reports_of_a_transfer_win_by_sequence_and_are_counted(call: Call) -> None:
    queue = transfer(kind="queue")
    made = call("POST", "transfers", queue, Idempotency_Key="k").json
    assert made is not None
    assert call("POST", "transfers", queue, Idempotency_Key="k").json == made
    name = made["transfer"]
    sent = [moved(name, 4, 6, 2), moved(name, 1, 9, 1), moved(name, 4, 6, 2), moved("unknown", 1, 1, 1)]
    answer = call("POST", "transfers/reports", sent)
    assert answer.json == {
        "applied": 1,
        "stale": 1,
        "unchanged": 1,
        "rejected": 1,
        "errors": [{"line": 4, "path": "/3/transfer", "reason": "there is no transfer unknown"}],
    }
    seen = call("GET", f"transfers/{name}").json
    assert seen is not None
    assert (seen["created"], seen["waiting"], seen["total"]) == (4, 6, 10)
    assert call("GET", "transfers/nothing").status_code == 404
    assert call("POST", "transfers/reports", moved(name, -1, 0, 3)).status_code == 422


def test_the_queue_drains_by_what_was_measured_and_stalls_when_nothing_moves(call: Call) -> None:
    made = call("POST", "transfers", transfer(kind="queue", total=1000)).json
    assert made is not None
    name = made["transfer"]
    call("POST", "transfers/reports", [moved(name, 100, 900, 1, 30), moved(name, 200, 800, 2, 60)])
    now = AT + timedelta(minutes=60)
    with reading() as session:
        (view,) = forwarding_views(session, now)
        (later,) = forwarding_views(session, now + timedelta(minutes=30))
    assert (view.panel, view.kind, view.total, view.waiting, view.per_hour) == ("panel-c", "queue", 1000, 800, 200.0)
    assert view.drained_from == view.drained_until == now + timedelta(hours=4)
    assert view.stalled_since is None
    assert (later.stalled_since, later.drained_until) == (now, None)


def test_progress_is_published_for_everybody_without_small_counts(call: Call, client: FlaskClient, site: Site) -> None:
    call("PUT", "panels/panel-c/size", {"size": 100})
    call("POST", "reports", [report(account=str(n), state="restored", done=4000) for n in range(25)])
    call("POST", "reports", [report(account=str(n), state="failed") for n in range(30, 35)])
    site.publisher.publish()
    answer = client.get("/api/v1/recovery/progress")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json is not None
    (stage,) = answer.json["stages"]
    assert (stage["panel"], stage["stage"], stage["restored"], stage["failed"]) == ("panel-c", "orders", 25, None)
    assert (stage["size"], stage["share"], stage["forecast"]) == (100, 0.25, None)


def test_the_published_forecast_says_what_it_rests_on(client: FlaskClient, scene: Site) -> None:
    with transaction() as session:
        scenes.restoration(session)
        panel = session.scalars(select(Panel.id).where(Panel.slug == "panel-c")).one()
        moments = [scenes.at(f"2021-03-22 {hour:02}:30") for hour in range(7, 14)]
        session.add_all(
            ProgressPoint(panel_id=panel, stage="access", at=at, restored=1_000 + 1_600 * place, size=20_000)
            for place, at in enumerate(moments)
        )
    scene.publisher.publish()
    told = client.get("/api/v1/recovery/progress").json
    assert told is not None
    access, warehouse = told["stages"]
    assert warehouse["forecast"] is None
    assert access["forecast"]["first"] < access["forecast"]["last"]
    assert [one["minutes"] for one in access["forecast"]["paces"]] == [180, 485]


def test_the_description_is_valid_and_stands_as_a_page_in_both_languages(
    call: Call, client: FlaskClient, site: Site
) -> None:
    scenes.live_at()
    site.publisher.publish()
    found = client.get("/api/openapi.json").json
    assert found is not None
    validate(found)
    assert "/api/v1/recovery/reports" in found["paths"]
    for path in ("/api/", "/en/api/"):
        assert "POST /api/v1/recovery/reports" in re.sub(r"<[^>]+>", "", client.get(path).text)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "reports"), ("POST", "transfers"), ("PUT", PLACE), ("GET", PLACE)]
)
def test_a_token_is_needed_with_the_right_scope(call: Call, method: str, path: str) -> None:
    body = None if method == "GET" else {}
    assert call(method, path, body, Authorization="").status_code == 401
