"""Reads what customers have asked for."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from statuspage.recovery.models import BacklogRequest
from statuspage.recovery.rules.backlog import BacklogState

OPEN = [state for state in BacklogState if state.is_open]


def requests_of(session: Session, accounts: Collection[int]) -> Sequence[BacklogRequest]:
    """The requests of some accounts, the newest first."""
    found = select(BacklogRequest).where(BacklogRequest.account_id.in_(accounts))
    found = found.options(joinedload(BacklogRequest.account))
    return session.scalars(found.order_by(BacklogRequest.id.desc()).limit(50)).all()


def request_named(session: Session, public_id: str) -> BacklogRequest | None:
    found = select(BacklogRequest).where(BacklogRequest.public_id == public_id)
    return session.scalar(found.options(joinedload(BacklogRequest.account)))


def open_backlog(session: Session) -> Sequence[BacklogRequest]:
    """The queue for staff, the oldest first."""
    found = select(BacklogRequest).where(BacklogRequest.state.in_(OPEN)).options(joinedload(BacklogRequest.account))
    return session.scalars(found.order_by(BacklogRequest.id).limit(200)).all()


def requests_after(session: Session, state: BacklogState | None, after: int, limit: int) -> Sequence[BacklogRequest]:
    """The next requests by id, those of one state or all."""
    mine = [BacklogRequest.state == state] if state else []
    found = select(BacklogRequest).where(BacklogRequest.id > after, *mine)
    return session.scalars(
        found.options(joinedload(BacklogRequest.account)).order_by(BacklogRequest.id).limit(limit)
    ).all()
