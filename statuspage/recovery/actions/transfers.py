"""Orders on the move: opened unless they would make duplicates, let through step by step, reported, measured."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, NotFound, RuleBroken
from statuspage.i18n import noop
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import new_rows, take_turn
from statuspage.recovery.models import ForwardingPoint, Transfer
from statuspage.recovery.rules.forwarding import TransferKind, TransferReport, sampled, would_duplicate
from statuspage.recovery.rules.gate import NEXT, beyond, first_allowance, unproven
from statuspage.recovery.rules.reports import Tally
from statuspage.texts.rules import Texts

POINT_EVERY = timedelta(minutes=1)
NO_TRANSFER = noop("There is no such transfer.")
EARLIER_STEP = noop("This transfer may move %(allowance)s now: confirm that first.")


@dataclass(frozen=True)
class Opening:
    """What a new transfer is: orders into `panel`; `override_reason` opens the gate, and the gap to it."""

    kind: TransferKind
    panel: Panel
    total: int
    at: datetime
    to_account: str | None = None
    from_panel: Panel | None = None
    from_account: str | None = None
    name: Texts | None = None
    public_id: str | None = None
    override_reason: str | None = None


def open_transfer(session: Session, opening: Opening, actor: Actor) -> Transfer:
    """Begin to move orders. Refused where the panel has not caught up on its gap: it would make duplicates."""
    panel = opening.panel
    if not opening.override_reason and would_duplicate(opening.kind, panel.gap_from, panel.gap_closed_at):
        raise RuleBroken(
            f"{panel.slug} has not caught up on the orders of its gap yet: moving orders now would make duplicates. "
            "Close the gap first, or send override_reason to say why it is safe."
        )
    public_id = opening.public_id or secrets.token_hex(8)
    take_turn(session, [panel.id])
    if session.scalar(select(Transfer.id).where(Transfer.public_id == public_id)) is not None:
        raise Conflict(f"There is a transfer {public_id} already.")
    transfer = Transfer(
        public_id=public_id,
        kind=opening.kind,
        panel=panel,
        to_account=opening.to_account,
        from_panel=opening.from_panel,
        from_account=opening.from_account,
        name=opening.name,
        total=opening.total,
        created=0,
        merged=0,
        failed=0,
        waiting=opening.total,
        sequence=-1,
        at=opening.at,
        moved_at=opening.at,
        opened_at=opening.at,
        override_reason=opening.override_reason,
        allowance=first_allowance(opening.kind, overridden=opening.override_reason is not None),
    )
    session.add(transfer)
    session.flush()
    _measure(session, panel.id, opening.kind, opening.at)
    after = {"kind": opening.kind.value, "total": opening.total, "override_reason": opening.override_reason}
    record(session, actor, "transfer.open", f"transfer:{public_id}", after=after)
    return transfer


def confirm_transfer(
    session: Session, public_id: str, allowance: int, actor: Actor, override_reason: str | None = None
) -> Transfer:
    """Somebody looked at what this `allowance` let through: the next step may move, or all with a reason.

    A step that is confirmed already stays so; saying it again opens nothing.
    """
    transfer = _locked(session, public_id)
    before = transfer.allowance
    if before is None or allowance < before:
        return transfer
    if allowance > before:
        raise Conflict(EARLIER_STEP, allowance=before)
    fault = unproven(before, transfer.created, transfer.merged, transfer.failed)
    if fault and not override_reason:
        raise fault
    transfer.allowance = None if override_reason else NEXT[before]
    after = {"allowance": transfer.allowance, "override_reason": override_reason}
    record(session, actor, "transfer.confirm", f"transfer:{public_id}", before={"allowance": before}, after=after)
    return transfer


def _locked(session: Session, public_id: str) -> Transfer:
    """The transfer while its panel is ours, so that no report comes in between."""
    panel_id = session.scalar(select(Transfer.panel_id).where(Transfer.public_id == public_id))
    if panel_id is None:
        raise NotFound(NO_TRANSFER)
    take_turn(session, [panel_id])
    found = select(Transfer).where(Transfer.public_id == public_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def apply_transfers(session: Session, reports: Sequence[TransferReport]) -> tuple[Tally, list[tuple[int, FieldError]]]:
    """Take a batch of reports. Returns the tally, and the places in the batch of those refused, with the reason."""
    tally, refused = Tally(), []
    names = {one.transfer for one in reports}
    panels = select(Transfer.panel_id).where(Transfer.public_id.in_(names)).distinct()
    take_turn(session, session.scalars(panels).all())
    # Read after the panels are ours: on PostgreSQL another writer may have come before us.
    found = select(Transfer).where(Transfer.public_id.in_(names)).execution_options(populate_existing=True)
    transfers = {one.public_id: one for one in session.scalars(found)}
    for place, report in enumerate(reports):
        transfer = transfers.get(report.transfer)
        if fault := _fault(transfer, report):
            refused.append((place, fault))
        elif transfer is not None:
            _take(session, transfer, report, tally)
    tally.rejected = len(refused)
    return tally, refused


def _fault(transfer: Transfer | None, report: TransferReport) -> FieldError | None:
    if transfer is None:
        return FieldError("/transfer", f"there is no transfer {report.transfer}")
    reason = beyond(transfer.allowance, report)
    return FieldError("/created", reason) if reason else None


def _take(session: Session, transfer: Transfer, report: TransferReport, tally: Tally) -> None:
    before = (
        transfer.sequence, transfer.at, transfer.created, transfer.merged, transfer.failed, transfer.waiting,
    )  # fmt: skip
    if report.rank <= before:
        tally.unchanged += report.rank == before
        tally.stale += report.rank != before
        return
    transfer.past = sampled(transfer.past or (), transfer.at, transfer.moved)
    if report.moved != transfer.moved:
        transfer.moved_at = report.at
    transfer.created, transfer.merged, transfer.failed = report.created, report.merged, report.failed
    transfer.waiting, transfer.sequence, transfer.at = report.waiting, report.sequence, report.at
    transfer.total = report.created + report.merged + report.failed + report.waiting
    tally.applied += 1
    session.flush()
    _measure(session, transfer.panel_id, transfer.kind, report.at)


def _measure(session: Session, panel_id: int, kind: TransferKind, at: datetime) -> None:
    """A point of throughput for all transfers of a panel and kind, at most one a minute and never back in time."""
    mine = (ForwardingPoint.panel_id == panel_id, ForwardingPoint.kind == kind)
    last = session.scalar(select(func.max(ForwardingPoint.at)).where(*mine))
    if last is not None and at < last + POINT_EVERY:
        return
    moved = func.sum(Transfer.created + Transfer.merged + Transfer.failed)
    sums = select(moved, func.sum(Transfer.waiting)).where(Transfer.panel_id == panel_id, Transfer.kind == kind)
    done, waiting = session.execute(sums).one()
    row = {"panel_id": panel_id, "kind": kind, "at": at, "moved": int(done), "waiting": int(waiting)}
    session.execute(new_rows(session, ForwardingPoint).on_conflict_do_nothing(), [row])
