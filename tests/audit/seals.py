"""Seals the log in a test as the worker does, again and again until all is sealed."""

import time

from sqlalchemy import func, select

from statuspage.audit import queries
from statuspage.audit.jobs import Sealer
from statuspage.audit.models import AuditEntry
from statuspage.db import reading


def seal_all(sealer: Sealer | None = None) -> int:
    """How many entries were sealed. Transactions in other databases of the same server hold a sealer up, too."""
    sealer, sealed, deadline = sealer or Sealer(), 0, time.monotonic() + 20
    while unsealed():
        assert time.monotonic() < deadline, "it was never sealed"
        sealed += sealer.seal()
    return sealed


def unsealed() -> int:
    with reading() as session:
        last = queries.last_seal(session)
        after = AuditEntry.id > (last.entry_id if last else 0)
        return session.scalar(select(func.count(AuditEntry.id)).where(after)) or 0
