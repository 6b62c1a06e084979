"""Orders on the move: opened, reported, read."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import bodies
from statuspage.api.bulk import Strict, receive
from statuspage.api.guard import actor
from statuspage.api.idempotency import once
from statuspage.api.recovery import BASE, answer
from statuspage.api.shapes import ConfirmShape, NamedShape, TransferReportShape, TransferShape
from statuspage.db import reading, transaction
from statuspage.errors import FieldError, Invalid, existing
from statuspage.panels.models import Panel
from statuspage.recovery.actions.transfers import Opening, apply_transfers, confirm_transfer, open_transfer
from statuspage.recovery.models import Transfer
from statuspage.recovery.queries import forwarding
from statuspage.recovery.rules.forwarding import TransferReport
from statuspage.recovery.rules.reports import Tally
from statuspage.shapes import fit
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from statuspage.web.gate import parse_json


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/transfers", "api.transfers", create, methods=["POST"])
    app.add_url_rule(f"{BASE}/transfers/reports", "api.transfer_reports", take_reports, methods=["POST"])
    app.add_url_rule(f"{BASE}/transfers/<transfer>", "api.transfer", get_transfer)
    app.add_url_rule(f"{BASE}/transfers/<transfer>/confirm", "api.confirm", confirm, methods=["POST"])


class TransferReports(Strict[TransferReport]):
    """Reports of transfers, as `bulk` takes them."""

    name = "transfer_reports"

    def read(self, raw: Any) -> TransferReport:
        shape = fit(TransferReportShape, raw)
        return TransferReport(**dict(shape))

    def apply(self, session: Session, items: Sequence[TransferReport]) -> tuple[Tally, list[tuple[int, FieldError]]]:
        return apply_transfers(session, items)


@policy.needs("token", Scope.RECOVERY_WRITE)
def create() -> Response:
    """Begin to move orders; refused into a panel whose gap is still open, as it would make duplicates."""
    bodies.media_type(bodies.JSON)
    shape = fit(TransferShape, parse_json(body := bodies.whole()))

    def work(session: Session) -> Response:
        return answer(_described(open_transfer(session, _opening(session, shape), actor())), 201)

    with transaction() as session:
        return once(session, body, lambda: work(session))


@policy.needs("token", Scope.RECOVERY_WRITE)
def take_reports() -> Response:
    """Take how far transfers have come: one, an array, or lines."""
    return receive(TransferReports())


@policy.needs("token", Scope.RECOVERY_WRITE)
def confirm(transfer: str) -> Response:
    """Say that what moved so far was looked at and is right: the next step may move."""
    bodies.media_type(bodies.JSON)
    name = fit(NamedShape, {"transfer": transfer}).transfer
    shape = fit(ConfirmShape, parse_json(body := bodies.whole()))

    def work(session: Session) -> Response:
        confirmed = confirm_transfer(session, name, shape.allowance, actor(), shape.override_reason)
        return answer(_described(confirmed))

    with transaction() as session:
        return once(session, body, lambda: work(session))


@policy.needs("token", Scope.RECOVERY_READ)
def get_transfer(transfer: str) -> Response:
    """How far one transfer has come."""
    with reading() as session:
        found = forwarding.transfer(session, transfer) if transfer.isprintable() else None
        return answer(_described(existing(found, "There is no such transfer.")))


def _opening(session: Session, shape: TransferShape) -> Opening:
    return Opening(
        kind=shape.kind,
        panel=_panel(session, "/panel", shape.panel),
        total=shape.total,
        at=shape.at or clock.now(),
        to_account=shape.account,
        from_panel=_panel(session, "/from_panel", shape.from_panel) if shape.from_panel else None,
        from_account=shape.from_account,
        override_reason=shape.override_reason,
    )


def _panel(session: Session, path: str, slug: str) -> Panel:
    found = session.scalar(select(Panel).where(Panel.slug == slug))
    if found is None:
        raise Invalid("Unknown panel.", (FieldError(path, f"there is no panel {slug}"),))
    return found


def _described(one: Transfer) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("total", "created", "merged", "failed", "waiting")}
    return {
        "transfer": one.public_id,
        "kind": one.kind.value,
        "panel": one.panel.slug,
        "account": one.to_account,
        "from_panel": one.from_panel.slug if one.from_panel else None,
        "from_account": one.from_account,
        **counts,
        "allowance": one.allowance,
        "at": one.at.isoformat(),
    }
