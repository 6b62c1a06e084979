"""Reads orders on the move."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    AccountRecovery,
    ForwardingPoint,
    Transfer,
)
from statuspage.recovery.rules.forwarding import WINDOWS, ForwardingView, TransferKind, drain, stalled_since


def forwarding_views(session: Session, now: datetime) -> tuple[ForwardingView, ...]:
    """The backlog of order forwarding per panel and kind."""
    counts = (Transfer.total, Transfer.created, Transfer.merged, Transfer.failed, Transfer.waiting)
    is_held = Transfer.created + Transfer.merged + Transfer.failed >= Transfer.allowance
    held = func.sum(case((is_held, Transfer.waiting), else_=0))
    found = (
        select(
            Panel.id, Panel.slug, Transfer.kind, *(func.sum(column) for column in counts), held,
            func.max(Transfer.at), func.max(Transfer.moved_at),
        )
        .join(Panel, Panel.id == Transfer.panel_id)
        .group_by(Panel.id, Panel.slug, Panel.position, Transfer.kind)
        .order_by(Panel.position, Panel.id, Transfer.kind)
    )  # fmt: skip
    rows: list[Any] = list(session.execute(found))
    return tuple(_view(session, now, *row) for row in rows)


def _view(session: Session, now: datetime, panel_id: int, slug: str, kind: TransferKind, *sums: Any) -> ForwardingView:
    total, created, merged, failed, waiting, held = (int(one) for one in sums[:6])
    as_of, moved_at = sums[6:]
    # What waits for somebody to look at the first ones does not stand still, and nobody knows when it will move.
    stalled = stalled_since(waiting - held, moved_at, now)
    ending = None if stalled or held else drain(_moved(session, panel_id, kind, now), waiting, now)
    return ForwardingView(
        panel=slug,
        kind=kind.value,
        total=total,
        created=created,
        merged=merged,
        failed=failed,
        waiting=waiting,
        as_of=as_of,
        per_hour=round(ending.per_hour, 1) if ending else None,
        drained_from=ending.first if ending else None,
        drained_until=ending.last if ending else None,
        basis_minutes=ending.basis_minutes if ending else None,
        stalled_since=stalled,
        held=held,
        paces=ending.paces if ending else (),
    )


def _moved(session: Session, panel_id: int, kind: TransferKind, now: datetime) -> list[tuple[datetime, int]]:
    """The points of the longest window, and the one before it."""
    mine = select(ForwardingPoint.at, ForwardingPoint.moved).where(
        ForwardingPoint.panel_id == panel_id, ForwardingPoint.kind == kind
    )
    start = now - max(WINDOWS)
    inside = mine.where(ForwardingPoint.at > start, ForwardingPoint.at <= now).order_by(ForwardingPoint.at)
    before = mine.where(ForwardingPoint.at <= start).order_by(ForwardingPoint.at.desc()).limit(1)
    return [(at, moved) for at, moved in (*session.execute(before), *session.execute(inside))]


def transfer(session: Session, public_id: str) -> Transfer | None:
    return session.scalar(select(Transfer).where(Transfer.public_id == public_id))


def unfinished(session: Session, limit: int = 200) -> Sequence[Transfer]:
    """Transfers in which orders wait: those held back first, then those that moved longest ago."""
    moved = Transfer.created + Transfer.merged + Transfer.failed
    order = (case((moved >= Transfer.allowance, 0), else_=1), Transfer.moved_at, Transfer.id)
    return session.scalars(select(Transfer).where(Transfer.waiting > 0).order_by(*order).limit(limit)).all()


def transfers_of(session: Session, owner: AccountRecovery) -> Sequence[Transfer]:
    """Orders on the move into an account or out of it, the oldest first."""
    into = (Transfer.panel_id == owner.panel_id) & (Transfer.to_account == owner.account)
    out = (Transfer.from_panel_id == owner.panel_id) & (Transfer.from_account == owner.account)
    return session.scalars(select(Transfer).where(into | out).order_by(Transfer.id).limit(50)).all()
