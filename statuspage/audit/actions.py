"""Adds to the audit log, in the transaction of the act itself."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.models import AuditEntry


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
