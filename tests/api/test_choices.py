"""Choices through the API: opened for accounts that wait for one, read by state, acknowledged in any order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.recovery.actions.choices import choose
from statuspage.recovery.queries.accounts import account
from tests import scenes
from tests.api.conftest import Call, ndjson, report

DEADLINE = "2021-03-26T18:00:00+01:00"


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "panel": "panel-c",
        "account": "10423",
        "kind": "warehouse",
        "default": "keep",
        "deadline": DEADLINE,
        **changes,
    }


@pytest.fixture
def waiting(call: Call) -> Call:
    """Three accounts of panel C whose warehouse waits for a choice, and one whose orders are running."""
    scenes.live_at()
    accounts = [report(account=name, stage="warehouse", state="needs_choice") for name in ("10423", "2", "3")]
    assert call("POST", "reports", [*accounts, report(account="4")]).json["applied"] == 4
    return call


def opened(call: Call, **changes: Any) -> str:
    """The id of a new choice."""
    assert call("POST", "choices", asked(**changes)).json["applied"] == 1
    return str(call("GET", "choices").json["choices"][-1]["choice"])


def choose_as_customer(choice: str, option: str) -> None:
    with transaction(quiet=True) as session:
        owner = account(session, "panel-c", "10423")
        assert owner is not None
        choose(session, owner, choice, option, scenes.clock.now())


def test_a_choice_is_asked_once_however_often_it_is_sent(waiting: Call) -> None:
    first = waiting("POST", "choices", [asked(), asked(), asked(account="2")])
    assert (first.json["applied"], first.json["unchanged"]) == (2, 1)
    again = waiting("POST", "choices", ndjson(asked(account="2"), asked()), kind="application/x-ndjson")
    assert (again.json["applied"], again.json["unchanged"]) == (0, 2)
    (one, other) = waiting("GET", "choices").json["choices"]
    assert (one["account"], one["options"]) == ("10423", ["keep", "go_back", "match_ean", "match_sku"])
    assert (one["chosen"], one["holds"], one["receipt"]) == (None, None, None)
    assert one["choice"] != other["choice"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"account": "4"}, "/account"),
        ({"account": "unknown"}, "/account"),
        ({"panel": "panel-x"}, "/panel"),
        ({"default": "sell"}, "/default"),
        ({"options": ["keep"]}, "/options"),
        ({"options": ["keep", "keep"]}, "/options"),
        ({"options": ["keep", "sell"]}, "/options"),
        ({"options": ["go_back", "match_ean"]}, "/default"),
        ({"deadline": "2021-03-22T13:00:00+01:00"}, "/deadline"),
        ({"kind": "colour"}, "/kind"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_field(waiting: Call, changes: dict[str, Any], path: str) -> None:
    answer = waiting("POST", "choices", asked(**changes))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["path"] == path
    assert waiting("GET", "choices").json["choices"] == []


def test_one_wrong_line_does_not_keep_the_others_from_being_asked(waiting: Call) -> None:
    answer = waiting("POST", "choices", [asked(), asked(account="4"), asked(account="3")])
    assert (answer.json["applied"], answer.json["rejected"]) == (2, 1)
    assert [(one["line"], one["path"]) for one in answer.json["errors"]] == [(2, "/1/account")]


def test_the_deadline_can_be_moved_but_no_option_taken_away_that_was_chosen(waiting: Call) -> None:
    choice = opened(waiting)
    choose_as_customer(choice, "match_ean")
    later = "2021-03-29T18:00:00+02:00"
    assert waiting("POST", "choices", asked(deadline=later)).json["applied"] == 1
    refused = waiting("POST", "choices", asked(options=["keep", "go_back"]))
    assert refused.status_code == 422
    assert "match_ean" in refused.text
    found = waiting("GET", f"choices/{choice}").json
    assert (found["deadline"], found["chosen"]) == ("2021-03-29T16:00:00+00:00", "match_ean")


def test_what_was_chosen_is_carried_out_once_in_any_order_any_number_of_times(waiting: Call) -> None:
    first, second = opened(waiting), opened(waiting, account="2")
    choose_as_customer(first, "go_back")
    early = waiting("POST", f"choices/{second}/carried-out", {"option": "keep"})
    assert (early.status_code, "deadline" in early.text) == (409, True)
    done = {"choice": first, "option": "go_back", "at": "2021-03-22T14:10:00+01:00"}
    for counts in ((1, 1, 1), (0, 2, 1)):
        answer = waiting("POST", "choices/carried-out", [done, {**done, "choice": "nothing"}, done]).json
        assert (answer["applied"], answer["unchanged"], answer["rejected"]) == counts
    again = waiting("POST", f"choices/{first}/carried-out", {"option": "go_back"})
    assert again.json["carried_at"] == "2021-03-22T13:10:00+00:00"
    assert waiting("POST", f"choices/{first}/carried-out", {"option": "keep"}).status_code == 409
    assert waiting("POST", "choices/nothing/carried-out", {"option": "keep"}).status_code == 404


def test_after_the_deadline_the_default_holds_and_is_to_be_carried_out(waiting: Call) -> None:
    choice = opened(waiting)
    assert [len(waiting("GET", f"choices?state={one}").json["choices"]) for one in ("open", "settled")] == [1, 0]
    scenes.live_at(scenes.at("2021-03-26 18:00"))
    assert [len(waiting("GET", f"choices?state={one}").json["choices"]) for one in ("open", "settled")] == [0, 1]
    assert waiting("GET", f"choices/{choice}").json["holds"] == "keep"
    assert waiting("POST", f"choices/{choice}/carried-out", {"option": "go_back"}).status_code == 409
    assert waiting("POST", f"choices/{choice}/carried-out", {"option": "keep"}).json["carried_out"] == "keep"
    assert waiting("POST", "choices", asked()).json["unchanged"] == 1
    assert waiting("POST", "choices", asked(default="go_back")).status_code == 422
    assert len(waiting("GET", "choices?state=carried_out").json["choices"]) == 1


def test_whoever_changed_their_mind_in_the_meantime_is_not_overruled(waiting: Call) -> None:
    choice = opened(waiting)
    choose_as_customer(choice, "go_back")
    choose_as_customer(choice, "match_sku")
    answer = waiting("POST", f"choices/{choice}/carried-out", {"option": "go_back"})
    assert answer.status_code == 409
    assert "match_sku has been chosen in the meantime" in answer.json["detail"]
    assert waiting("GET", f"choices/{choice}").json["carried_out"] is None


def test_a_long_list_comes_in_pages_that_link_to_the_next(waiting: Call) -> None:
    waiting("POST", "choices", [asked(account=name) for name in ("10423", "2", "3")])
    first = waiting("GET", "choices?state=open&limit=2")
    assert [one["account"] for one in first.json["choices"]] == ["10423", "2"]
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    path = link.partition("/recovery/")[2].partition(">")[0]
    last = waiting("GET", path)
    assert [one["account"] for one in last.json["choices"]] == ["3"]
    assert "Link" not in last.headers
    for wrong in ("state=all", "limit=9999", "after=-1", "after=x"):
        assert waiting("GET", f"choices?{wrong}").status_code == 422


def test_the_audit_log_knows_what_was_chosen_and_no_person(waiting: Call) -> None:
    choice = opened(waiting)
    choose_as_customer(choice, "go_back")
    waiting("POST", f"choices/{choice}/carried-out", {"option": "go_back"})
    with reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"choice:{choice}")).all()
        assert [(one.action, one.after) for one in told] == [
            ("choice.choose", {"option": "go_back"}),
            ("choice.carried_out", {"option": "go_back"}),
        ]
        assert told[0].actor.startswith("recovery_account:")
        assert told[0].address is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "choices", None),
        ("POST", "choices", {}),
        ("POST", "choices/carried-out", {}),
        ("POST", "choices/x/carried-out", {}),
        ("GET", "requests", None),
        ("POST", "requests/x/state", {}),
        ("POST", "merges", {}),
        ("POST", "merges/x/run", {}),
    ],
)
def test_without_a_token_nothing_is_told(call: Call, method: str, path: str, body: Any) -> None:
    assert call(method, path, body, Authorization="").status_code == 401


def test_a_deadline_is_kept_to_the_moment(waiting: Call) -> None:
    choice = opened(waiting)
    scenes.live_at(scenes.at("2021-03-26 18:00") - timedelta(minutes=1))
    assert waiting("GET", f"choices/{choice}").json["holds"] is None
