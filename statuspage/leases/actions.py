"""Takes, keeps and gives back a lease."""

from datetime import timedelta

from sqlalchemy import case, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.leases.models import Lease

# No lease reaches further ahead than its length, but for what the clocks of machines may differ: one that does was
# taken before the clock was set back, and nobody could take it for as long as that.
SKEW = timedelta(minutes=1)


def hold(session: Session, name: str, holder: str, seconds: float) -> int | None:
    """Take the lease if it is free or run out, or keep it if it is ours. The fencing number, or None."""
    now = clock.wall()
    impossible = now + timedelta(seconds=seconds) + SKEW
    changes_hands = case((Lease.holder == holder, 0), else_=1)
    won = session.execute(
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, Lease.expires_at <= now, Lease.expires_at > impossible))
        .values(holder=holder, fence=Lease.fence + changes_hands, expires_at=now + timedelta(seconds=seconds))
        .returning(Lease.fence)
    ).scalar()
    if won is not None:
        return won
    if session.scalar(select(Lease.name).where(Lease.name == name)) is not None:
        return None
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, fence=1, expires_at=now + timedelta(seconds=seconds)))
    except IntegrityError:  # another process made the row in this very moment
        return None
    return 1


def release(session: Session, name: str, holder: str) -> None:
    """Give it back at once, so that the next need not wait for it to run out."""
    session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(expires_at=clock.wall()))
