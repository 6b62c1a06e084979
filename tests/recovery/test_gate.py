"""One order first, then ten, then the rest: whatever comes late or twice, the gate opens no wider."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.errors import Conflict, NotFound, RuleBroken
from statuspage.panels.models import Panel
from statuspage.recovery.actions.transfers import Opening, apply_transfers, confirm_transfer, open_transfer
from statuspage.recovery.models import Transfer
from statuspage.recovery.rules.forwarding import TransferKind, TransferReport
from statuspage.recovery.rules.gate import beyond, first_allowance, unproven
from tests import scenes

NOW = datetime(2021, 3, 22, 13, tzinfo=UTC)
NAME = "back"
FIRST = TransferReport(NAME, 0, 1, 0, 19, 1, NOW)
TEN = replace(FIRST, created=4, merged=6, waiting=10, sequence=2)
ALL = replace(FIRST, created=9, merged=11, waiting=0, sequence=3)
AMISS = replace(TEN, merged=5, failed=1)


@pytest.fixture
def panel(app: Flask) -> str:
    with transaction() as session:
        scenes.panels(session)
    return "panel-c"


@pytest.fixture
def moving(panel: str) -> str:
    """A transfer of 20 orders from a temporary account."""
    return begin(panel)


def begin(panel: str, **changes: Any) -> str:
    with transaction() as session:
        into = session.scalars(select(Panel).where(Panel.slug == panel)).one()
        opening = Opening(TransferKind.TEMPORARY, into, 20, NOW, public_id=NAME)
        return open_transfer(session, replace(opening, **changes), SYSTEM).public_id


def tell(*reports: TransferReport) -> list[str]:
    """Send reports; returns why some were refused."""
    with transaction(quiet=True) as session:
        return [fault.reason for _, fault in apply_transfers(session, reports)[1]]


def confirm(allowance: int, reason: str | None = None) -> None:
    with transaction() as session:
        confirm_transfer(session, NAME, allowance, SYSTEM, reason)


def now() -> tuple[int, int | None]:
    """How many have moved, and how many may."""
    with reading() as session:
        one = session.scalars(select(Transfer)).one()
        return one.created + one.merged + one.failed, one.allowance


def test_one_order_then_ten_then_the_rest_each_after_the_step_before_was_confirmed(moving: str) -> None:
    assert tell(FIRST) == []
    (refused,) = tell(TEN)
    assert "10 orders have moved, and only 1 may" in refused
    assert f"POST /api/v1/recovery/transfers/{moving}/confirm" in refused
    confirm(1)
    assert tell(TEN) == []
    assert len(tell(ALL)) == 1
    confirm(10)
    assert tell(ALL) == []
    assert now() == (20, None)


def test_nothing_is_confirmed_that_has_not_moved_or_has_failed(moving: str) -> None:
    with pytest.raises(RuleBroken, match="Allowed so far: 1; reported as created or merged: 0"):
        confirm(1)
    tell(replace(FIRST, merged=0, failed=1))
    with pytest.raises(RuleBroken, match="these failed: 1"):
        confirm(1)
    tell(replace(FIRST, sequence=2))
    confirm(1)
    tell(replace(AMISS, sequence=3))
    with pytest.raises(RuleBroken, match="failed"):
        confirm(10)
    assert now() == (10, 10)


def test_a_step_confirmed_twice_opens_nothing_more_and_none_is_skipped(moving: str) -> None:
    with pytest.raises(Conflict, match="may move 1 now"):
        confirm(10)
    tell(FIRST)
    confirm(1)
    confirm(1)
    assert now() == (1, 10)
    with pytest.raises(NotFound), transaction() as session:
        confirm_transfer(session, "other", 1, SYSTEM)


def test_a_reason_opens_the_gate_at_once_and_stands_in_the_audit_log(moving: str) -> None:
    confirm(1, "the merchant has no orders yet")
    assert tell(ALL) == []
    with reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "transfer.confirm")).one()
        assert entry.after == {"allowance": None, "override_reason": "the merchant has no orders yet"}
        assert entry.before == {"allowance": 1}


@pytest.mark.parametrize(
    ("changes", "allowance"),
    [({"kind": TransferKind.QUEUE}, None), ({"override_reason": "checked by hand"}, None), ({}, 1)],
)
def test_only_a_temporary_account_without_a_reason_begins_with_one_order(
    panel: str, changes: dict[str, Any], allowance: int | None
) -> None:
    begin(panel, **changes)
    assert now() == (0, allowance)


def test_what_a_report_says_is_judged_by_itself_in_whatever_order() -> None:
    assert beyond(1, FIRST) is None
    assert beyond(None, ALL) is None
    assert beyond(1, replace(FIRST, merged=0, failed=2)) is not None
    assert first_allowance(TransferKind.TEMPORARY, overridden=False) == 1
    assert unproven(10, 4, 6, 0) is None
    assert unproven(10, 4, 5, 0) is not None


STEPS = st.lists(st.sampled_from([FIRST, TEN, ALL, AMISS, 1, 10]), max_size=14)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_comes_late_or_twice_the_gate_opens_no_wider_and_the_end_is_one(
    panel: str, steps: list[TransferReport | int]
) -> None:
    with transaction(quiet=True) as session:
        session.execute(delete(Transfer))
    begin(panel)
    proven = 0
    for step in steps:
        if isinstance(step, TransferReport):
            tell(step)
        else:
            try_to_confirm(step)
        moved, allowance = now()
        with reading() as session:
            one = session.scalars(select(Transfer)).one()
            proven = max(proven, one.created + one.merged)
        assert allowance is None or moved <= allowance
        assert allowance == 1 or proven >= (1 if allowance == 10 else 10)
    for step in (FIRST, 1, TEN, 10, ALL):
        tell(step) if isinstance(step, TransferReport) else try_to_confirm(step)
    assert now() == (20, None)


def try_to_confirm(allowance: int) -> None:
    try:
        confirm(allowance)
    except (Conflict, RuleBroken):
        assert now()[1] is not None


def test_a_report_over_the_allowance_among_others_leaves_the_others_taken(moving: str) -> None:
    late = NOW + timedelta(minutes=1)
    assert len(tell(TEN, FIRST, replace(ALL, at=late), FIRST)) == 2
    assert now() == (1, 1)
