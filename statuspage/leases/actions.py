"""Takes, keeps and gives back leases, and holds them still while their holder writes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.leases.models import Lease
from statuspage.leases.queries import SKEW, has_lapsed

BRIEF_MS = 5000


def hold(session: Session, name: str, holder: str, seconds: float) -> int | None:
    """Take the lease if it is free or run out, or keep it if it is ours. The fencing number, or None."""
    held = keep(session, holder, [name], seconds) or claim(session, holder, [name], seconds)
    return held.get(name)


def keep(session: Session, holder: str, names: Iterable[str], seconds: float) -> dict[str, int]:
    """Go on holding those that nobody took. Their fencing numbers, which stay."""
    _be_brief(session)
    mine = update(Lease).where(Lease.name.in_(list(names)), Lease.holder == holder)
    rows = session.execute(mine.values(expires_at=_until(seconds)).returning(Lease.name, Lease.fence))
    return {row.name: row.fence for row in rows}


def claim(
    session: Session, holder: str, names: Iterable[str], seconds: float, at_most: int | None = None
) -> dict[str, int]:
    """Take what is free, run out, or bears our name although we forgot it. Their fencing numbers, which are new.

    What another takes in this moment, or holds still, is passed over rather than waited for.
    """
    _be_brief(session)
    wanted = list(names)
    _make(session, wanted)
    free = or_(Lease.holder == holder, has_lapsed(clock.wall(), seconds))
    found = select(Lease.name).where(Lease.name.in_(wanted), free).order_by(Lease.name).limit(at_most)
    taken = session.scalars(found.with_for_update(skip_locked=True)).all()
    rows = session.execute(
        update(Lease)
        .where(Lease.name.in_(taken))
        .values(holder=holder, fence=Lease.fence + 1, expires_at=_until(seconds))
        .returning(Lease.name, Lease.fence)
    )
    return {row.name: row.fence for row in rows}


def release(session: Session, holder: str, *names: str) -> None:
    """Give them back at once, so that the next need not wait for them to run out."""
    session.execute(update(Lease).where(Lease.name.in_(names), Lease.holder == holder).values(expires_at=clock.wall()))


def confirm(session: Session, holder: str, fences: Mapping[str, int]) -> set[str]:
    """Which of these are still ours under the same number. Nobody takes those before this transaction ends."""
    _be_brief(session)
    # A key share: who renews goes on, and who would take it passes it over.
    found = select(Lease.name, Lease.fence).where(Lease.name.in_(list(fences)), Lease.holder == holder)
    rows = session.execute(found.order_by(Lease.name).with_for_update(read=True, key_share=True))
    return {row.name for row in rows if row.fence == fences[row.name]}


def forget(session: Session, prefix: str) -> None:
    """Delete the rows under this prefix that ran out a while ago."""
    old = Lease.expires_at < clock.wall() - SKEW
    session.execute(delete(Lease).where(Lease.name.startswith(prefix, autoescape=True), old))


def _until(seconds: float) -> Any:
    return clock.wall() + timedelta(seconds=seconds)


def _make(session: Session, names: list[str]) -> None:
    """The rows that were never held before; of several processes that make one, the first does."""
    missing = set(names).difference(session.scalars(select(Lease.name).where(Lease.name.in_(names))))
    if missing:
        insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        rows = [{"name": name, "holder": "", "fence": 0, "expires_at": clock.wall()} for name in sorted(missing)]
        session.execute(insert(Lease).values(rows).on_conflict_do_nothing(index_elements=["name"]))


def _be_brief(session: Session) -> None:
    """A process that is stopped in mid-transaction must not hold leases, and what they guard, for a minute."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {BRIEF_MS}"))
