"""What an account was, corrected by hand, searched with a trace, and the board of what is stuck."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.recovery.actions.accounts import describe_account, open_account
from statuspage.recovery.actions.reports import apply, counted
from statuspage.recovery.models import StageCount, StageState
from statuspage.recovery.queries.board import stuck
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.links import login_key
from statuspage.recovery.rules.reports import LARGEST, Report, State
from statuspage.settings import Settings
from tests import scenes
from tests.staff.desks import desk_of
from tests.staff.pages import errors, nothing_written, open_form

NEXT = 100
RESTORED = {"stage": "orders", "state": "restored", "done": "10", "total": "10", "reason": "Seen in the panel itself"}


def report(account: str, state: State, sequence: int, reason: str | None = None, stage: str = "orders") -> Report:
    done = 10 if state is State.RESTORED else 3
    at = scenes.NOW - timedelta(minutes=NEXT - min(sequence, NEXT))
    return Report("panel-c", account, stage, state, done, 10, sequence, at, reason)


def take(*reports: Report) -> None:
    with transaction() as session:
        apply(session, panel_ids(session), reports, scenes.NOW)


@pytest.fixture
def path(app: Flask, settings: Settings) -> str:
    """The page of account 10423, which ran, failed and runs again."""
    with transaction() as session:
        scenes.panels(session)
        owner = open_account(session, "panel-c", "10423")
        describe_account(session, owner, {"login_hash": login_key(settings.secret, "anna@shop.example")}, SYSTEM)
        session.flush()
        found = f"/staff/recovery/{owner.id}/"
    for number, state in enumerate((State.RUNNING, State.FAILED, State.RUNNING), 1):
        take(report("10423", state, number, "disk full" if state is State.FAILED else None))
    return found


def test_the_page_tells_what_each_stage_was_before(app: Flask, path: str) -> None:
    page = desk_of(app, Role.VIEWER).get(path).text
    assert "What it was before" in page
    assert "disk full" in page
    assert page.index("disk full") < page.rindex("is coming back now")


def test_a_correction_counts_at_once_and_is_told_with_its_reason(app: Flask, path: str) -> None:
    desk = desk_of(app)
    answer = open_form(desk, f"{path}correct").filled(dict(RESTORED))
    assert answer.status_code == 303
    page = desk.get(path).text
    assert "corrected by editor@example.com" in page
    assert "Seen in the panel itself" in page
    with reading() as session:
        row = session.scalars(select(StageState)).one()
        assert (row.state, row.sequence, row.by) == (State.RESTORED, 4, f"staff:{desk.staff_id}")
        counts = {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount)) if one.accounts}
        assert counts == dict(counted(session, 3)) == {("orders", State.RESTORED): 1}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery.correct")).one()
        assert (entry.before, entry.after) == (
            {"state": "running", "sequence": 3},
            {"stage": "orders", "state": "restored", "sequence": 4, "reason": "Seen in the panel itself"},
        )


def test_the_next_report_of_the_source_takes_over_and_the_hand_stays_in_the_history(app: Flask, path: str) -> None:
    desk = desk_of(app)
    open_form(desk, f"{path}correct").filled({**RESTORED, "stage": "archive"})
    open_form(desk, f"{path}correct").filled(dict(RESTORED))
    take(report("10423", State.RUNNING, 3))
    with reading() as session:
        assert session.scalar(select(StageState.state).where(StageState.stage == "orders")) is State.RESTORED
    take(report("10423", State.FAILED, 5, "again"))
    page = desk.get(path).text
    assert "again" in page
    assert page.count("corrected by editor@example.com") == 2


def test_a_correction_keeps_the_rules_of_reports(app: Flask, path: str) -> None:
    desk = desk_of(app)
    form = open_form(desk, f"{path}correct")
    for field, wrong in (
        ("done", "11"),
        ("done", "9"),
        ("done", "-1"),
        ("total", ""),
        ("reason", " "),
        ("stage", "soul"),
    ):
        answer = nothing_written(lambda field=field, wrong=wrong: form.filled({**RESTORED, field: wrong}))  # type: ignore[misc]
        assert field in errors(answer)
    take(report("10423", State.FAILED, LARGEST))
    assert "largest sequence" in nothing_written(lambda: form.filled(dict(RESTORED))).text
    assert desk_of(app, Role.VIEWER).get(f"{path}correct").status_code == 403
    assert desk.get("/staff/recovery/999/correct").status_code == 404


def test_a_search_finds_a_name_or_a_login_and_its_trace_names_nobody(app: Flask, path: str) -> None:
    desk = desk_of(app, Role.VIEWER)
    for words in ("10423", " Anna@Shop.example ", "nobody"):
        assert (path in desk.get(f"/staff/recovery/?account={words}").text) == (words != "nobody")
    with reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery.search")).all()
        assert [one.after and one.after["found"] for one in entries] == [1, 1, 0]
        assert {one.actor for one in entries} == {f"staff:{desk.staff_id}"}
        assert len({one.after and one.after["words"] for one in entries}) == 3
        told = json.dumps([[one.subject, one.after] for one in entries])
    assert not any(word in told.lower() for word in ("10423", "anna", "nobody"))


def test_the_board_counts_the_stuck_by_reason_the_most_first(app: Flask, path: str) -> None:
    take(*[report(f"a{n}", State.FAILED, 1, "archive burnt") for n in range(3)])
    take(report("b", State.NEEDS_CHOICE, 1, stage="warehouse"), report("c", State.RESTORED, 1))
    with reading() as session:
        found = [(one.stage, one.state, one.reason, one.accounts) for one in stuck(session)]
    assert found == [
        ("orders", State.FAILED, "archive burnt", 3),
        ("warehouse", State.NEEDS_CHOICE, None, 1),
    ]
    page = desk_of(app, Role.VIEWER).get("/staff/recovery/").text
    assert "archive burnt" in page
    assert "failed: 3" in page
    assert "disk full" not in page


def test_the_board_reads_only_what_is_stuck(app: Flask, path: str) -> None:
    with reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("an empty table is read whole on PostgreSQL")
        asked = (
            "explain query plan select count(*) from stage_state "
            "where stage_state.state IN ('failed', 'needs_choice') group by stage"
        )
        plan = " ".join(str(row) for row in session.connection().exec_driver_sql(asked))
    assert "ix_stage_state_stuck" in plan
