"""Whether somebody has a second factor, and how many recovery codes are left."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.factors.models import RecoveryCode, SecondFactor


def factor(session: Session, staff_id: int) -> SecondFactor | None:
    return session.get(SecondFactor, staff_id)


def codes_left(session: Session, staff_id: int) -> int:
    unused = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def who_has_one(session: Session) -> set[int]:
    """The ids of all people with a second factor."""
    return set(session.scalars(select(SecondFactor.staff_id)))
