"""Orders held back at the desk: looked at and let through step by step, or all at once with a reason on record."""

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.panels.models import Panel
from statuspage.recovery.actions.transfers import Opening, apply_transfers, open_transfer
from statuspage.recovery.queries.forwarding import transfer
from statuspage.recovery.rules.forwarding import TransferKind, TransferReport
from tests import scenes
from tests.staff.desks import Desk, desk_of

LIST = "/staff/recovery/orders/"
PAGE = f"{LIST}back/"


@pytest.fixture
def desk(app: Flask) -> Desk:
    """An editor; 40 orders of a temporary account wait, and a queue moves."""
    with transaction() as session:
        scenes.panels(session)
        panel = session.scalars(select(Panel).where(Panel.slug == "panel-c")).one()
        for kind, name in ((TransferKind.TEMPORARY, "back"), (TransferKind.QUEUE, "queue")):
            open_transfer(session, Opening(kind, panel, 40, scenes.NOW, to_account="10423", public_id=name), SYSTEM)
    return desk_of(app)


def moved(created: int, failed: int = 0) -> None:
    with transaction(quiet=True) as session:
        report = TransferReport("back", created, 0, failed, 40 - created - failed, created + 1, scenes.NOW)
        assert apply_transfers(session, [report])[1] == []


def allowance() -> int | None:
    with reading() as session:
        found = transfer(session, "back")
        assert found
        return found.allowance


def confirm(desk: Desk, seen: int, act: str = "confirm", reason: str = "") -> int:
    return desk.post(PAGE, {"allowance": str(seen), "act": act, "reason": reason}, page=PAGE).status_code


def test_what_is_held_back_stands_first_and_is_let_through_step_by_step(desk: Desk) -> None:
    moved(1)
    found = desk.get(LIST).text
    assert found.index("orders/back/") < found.index("orders/queue/")
    assert "held back: look at what moved" in found
    assert confirm(desk, 1) == 303
    assert confirm(desk, 1) == 303, "a second click opens nothing more"
    assert allowance() == 10
    moved(10)
    assert confirm(desk, 10) == 303
    assert allowance() is None
    page = desk.get(PAGE).text
    assert "transfer.confirm" in page
    assert "Let more move" not in page


def test_what_was_not_reported_or_failed_is_not_confirmed_and_says_why(desk: Desk) -> None:
    answer = desk.post(PAGE, {"allowance": "1", "act": "confirm"}, page=PAGE)
    assert answer.status_code == 422
    assert "reported as created or merged: 0" in answer.text
    moved(0, failed=1)
    refused = desk.post(PAGE, {"allowance": "1", "act": "confirm", "reason": "half a thought"}, page=PAGE)
    assert "these failed: 1" in refused.text
    assert "half a thought" in refused.text
    assert allowance() == 1


def test_the_check_is_passed_over_only_with_a_reason_that_is_on_record(desk: Desk) -> None:
    assert confirm(desk, 1, "override", "  ") == 422
    assert allowance() == 1
    assert confirm(desk, 1, "override", "the panel was empty") == 303
    assert allowance() is None
    with reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "transfer.confirm")).one()
        assert entry.actor == f"staff:{desk.staff_id}"
        assert entry.after == {"allowance": None, "override_reason": "the panel was empty"}
    assert "the panel was empty" in desk.get(PAGE).text


def test_a_page_older_than_the_last_step_opens_nothing_further(desk: Desk) -> None:
    moved(1)
    assert confirm(desk, 10) == 409
    assert allowance() == 1
    assert desk.get(f"{LIST}nothing/").status_code == 404


def test_a_viewer_sees_what_waits_and_opens_nothing(app: Flask, desk: Desk) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert "orders/back/" in viewer.get(LIST).text
    assert viewer.post(PAGE, {"allowance": "1", "act": "confirm"}).status_code == 403


def test_a_polish_editor_reads_in_polish_why_it_is_refused(desk: Desk) -> None:
    desk.post("/staff/me/", {"locale": "pl"})
    answer = desk.post(PAGE, {"allowance": "1", "act": "confirm"}, page=PAGE)
    assert "zgłoszono jako utworzone lub scalone: 0" in answer.text
