"""Reads the audit log: by page, by what is looked for, and along its chain of seals."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, text
from sqlalchemy.orm import Session

from statuspage.audit import guards
from statuspage.audit.models import AuditEntry, AuditSeal
from statuspage.audit.rules import Fault, Verdict, Wanted, chained, document

PAGE = 1000
ANYTHING = Wanted()


def latest(
    session: Session, wanted: Wanted = ANYTHING, *, before_id: int | None = None, limit: int = 100
) -> Sequence[AuditEntry]:
    """The newest entries that are wanted, or those before `before_id` (keyset pages)."""
    found = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc()).limit(limit)
    return session.scalars(found.where(AuditEntry.id < before_id) if before_id else found).all()


def about(session: Session, subject: str, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest entries about one thing."""
    found = select(AuditEntry).where(AuditEntry.subject == subject)
    return session.scalars(found.order_by(AuditEntry.id.desc()).limit(limit)).all()


def after(session: Session, entry_id: int, up_to: int, limit: int) -> Sequence[AuditEntry]:
    """The oldest entries after an id, up to another."""
    found = select(AuditEntry).where(AuditEntry.id > entry_id, AuditEntry.id <= up_to)
    return session.scalars(found.order_by(AuditEntry.id).limit(limit)).all()


def sealed_after(session: Session, wanted: Wanted, entry_id: int, up_to: int) -> Sequence[Row[AuditEntry, str]]:
    """A page of wanted entries with their digests, the oldest first, for an export."""
    found = _with_seals().where(*_conditions(wanted), AuditEntry.id > entry_id, AuditEntry.id <= up_to)
    return session.execute(found.order_by(AuditEntry.id).limit(PAGE)).all()


def one(session: Session, entry_id: int) -> Row[AuditEntry, str] | None:
    """One entry with its digest, if it has one yet."""
    return session.execute(_with_seals().where(AuditEntry.id == entry_id)).first()


def newest(session: Session) -> int:
    """The highest id that can be seen."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def last_seal(session: Session) -> AuditSeal | None:
    return session.scalar(select(AuditSeal).order_by(AuditSeal.entry_id.desc()).limit(1))


def own_number(session: Session) -> int:
    """The number of this transaction, which no earlier one has; on SQLite writers come one by one without numbers."""
    return _number(session, "SELECT pg_current_xact_id()::text::bigint")


def oldest_running(session: Session) -> int:
    """All transactions with a smaller number have ended."""
    return _number(session, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _number(session: Session, question: str) -> int:
    return session.scalar(text(question)) or 0 if session.get_bind().dialect.name == "postgresql" else 0


def verify(session: Session, expected: str | None = None) -> Verdict:
    """Count the whole chain again, in bounded memory, up to the first entry that is not as it was sealed.

    `expected` is a digest that was kept elsewhere: whoever rewrites entries and all seals after them cannot keep it.
    """
    seal = last_seal(session)
    last = seal.entry_id if seal else 0
    found = Verdict(unsealed=_count(session, AuditEntry.id > last), unguarded=guards.missing(session.connection()))
    added = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.id <= last, ~_is_sealed()))
    for entry_id, digest, entry in _chain(session):
        if added is not None and added < entry_id:
            break
        if entry is None or (counted := chained(found.last, document(entry))) != digest:
            found.fault, found.entry = Fault.CHANGED if entry else Fault.DELETED, entry_id
            break
        found.last, found.sealed = counted, found.sealed + 1
        found.expected = found.expected or digest == expected
    if found.fault is None and added is not None:
        found.fault, found.entry = Fault.INSERTED, added
    found.expected = bool(found.expected) if expected else None
    return found


def _chain(session: Session) -> Iterator[tuple[int, str, AuditEntry | None]]:
    """All seals with their entries, page by page."""
    last: int | None = None
    joined = select(AuditSeal.entry_id, AuditSeal.digest, AuditEntry).join_from(
        AuditSeal, AuditEntry, AuditEntry.id == AuditSeal.entry_id, isouter=True
    )
    while True:
        more = joined if last is None else joined.where(AuditSeal.entry_id > last)
        page = session.execute(more.order_by(AuditSeal.entry_id).limit(PAGE)).all()
        if not page:
            return
        for last, digest, entry in page:
            yield last, digest, entry


def _with_seals() -> Select[AuditEntry, str]:
    seals = AuditSeal.entry_id == AuditEntry.id
    return select(AuditEntry, AuditSeal.digest).join_from(AuditEntry, AuditSeal, seals, isouter=True)


def _is_sealed() -> ColumnElement[bool]:
    return exists().where(AuditSeal.entry_id == AuditEntry.id)


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(AuditEntry.id)).where(condition)) or 0


def _conditions(wanted: Wanted) -> Iterator[Any]:
    if wanted.actor:
        begins = AuditEntry.actor.istartswith(wanted.actor, autoescape=True)
        yield or_(begins, AuditEntry.actor.in_(wanted.actors))
    if wanted.action:
        yield AuditEntry.action.istartswith(wanted.action, autoescape=True)
    if wanted.subject:
        yield AuditEntry.subject.istartswith(wanted.subject, autoescape=True)
    if wanted.since:
        yield AuditEntry.at >= wanted.since
    if wanted.until:
        yield AuditEntry.at < wanted.until
