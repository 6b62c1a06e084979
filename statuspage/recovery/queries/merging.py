"""Reads which accounts belong to one owner, and how far their merges are."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from statuspage.recovery.models import AccountRecovery, Merge

BOTH = (joinedload(Merge.original), joinedload(Merge.temporary))


def family(session: Session, owner: AccountRecovery) -> list[AccountRecovery]:
    """The accounts of one owner, whichever of them was asked for: the original first, then the temporary ones."""
    first = owner.original_id or owner.id
    found = select(AccountRecovery).where(or_(AccountRecovery.id == first, AccountRecovery.original_id == first))
    return sorted(session.scalars(found), key=lambda one: (one.id != first, one.id))


def merges_of(session: Session, accounts: Collection[int]) -> Sequence[Merge]:
    found = select(Merge).where(Merge.original_id.in_(accounts)).options(*BOTH)
    return session.scalars(found.order_by(Merge.id)).all()


def merge_named(session: Session, public_id: str) -> Merge | None:
    return session.scalar(select(Merge).where(Merge.public_id == public_id).options(*BOTH))


def newest_merges(session: Session) -> Sequence[Merge]:
    """What staff look at first."""
    return session.scalars(select(Merge).options(*BOTH).order_by(Merge.id.desc()).limit(100)).all()
