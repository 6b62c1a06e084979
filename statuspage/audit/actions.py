"""Adds to the audit log, in the transaction of the act itself; seals what was added."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit import guards, queries
from statuspage.audit.models import AuditEntry, AuditSeal
from statuspage.audit.rules import START, chained, document

BATCH = 1000


@dataclass(frozen=True)
class Actor:
    """Who acts: `name` like `staff:3`, `token:sp_ab12`, `system:probing`; the client address if any."""

    name: str
    address: str | None = None


SYSTEM = Actor("system")


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write that `actor` did `action` (`incident.publish`) to `subject` (`incident:ab12`).

    `before` and `after` hold keyed references and public values, never a person's data.
    """
    session.add(
        AuditEntry(
            at=clock.wall(),
            actor=actor.name,
            action=action,
            subject=subject,
            before=before,
            after=after,
            address=actor.address,
        )
    )


def seal(session: Session, up_to: int) -> int:
    """Seal the next entries, those up to an id before which none can come any more. Returns how many."""
    last = queries.last_seal(session)
    digest, after = (last.digest, last.entry_id) if last else (START, 0)
    seals = []
    for entry in queries.after(session, after, up_to, BATCH):
        digest = chained(digest, document(entry))
        seals.append({"entry_id": entry.id, "digest": digest})
    if seals:
        session.execute(insert(AuditSeal), seals)
    return len(seals)


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """Lets a demo begin its log anew, within this transaction; no site of customers ever comes here."""
    guards.take_down(session.connection())
    yield
    session.flush()
    guards.put_up(session.connection())
