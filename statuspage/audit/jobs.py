"""Seals the log by time, so that no writer queues for a chain."""

import structlog

from statuspage.audit import queries
from statuspage.audit.actions import seal
from statuspage.db import reading, transaction

log = structlog.get_logger()


class Sealer:
    """Seals what can get no earlier neighbour any more.

    On PostgreSQL an entry takes its id long before its transaction commits, so a smaller id may appear after a
    greater one was seen. Its transaction has a number before it takes an id (a trigger sees to that). So: note the
    newest id, then take a number of our own; once all smaller numbers have ended, nothing comes up to that id.
    """

    def __init__(self) -> None:
        self.noted: tuple[int, int] | None = None

    def seal(self) -> int:
        """Seal all that is settled. Returns how many entries."""
        self.noted = self.noted or _note()
        if self.noted is None:
            return 0
        newest, number = self.noted
        with reading() as session:
            if queries.oldest_running(session) < number:
                return 0
        sealed = 0
        while more := _seal_some(newest):
            sealed += more
        self.noted = None
        return sealed


def _note() -> tuple[int, int] | None:
    with reading() as session:
        newest, last = queries.newest(session), queries.last_seal(session)
    if newest <= (last.entry_id if last else 0):
        return None
    # In a transaction of its own, after the look: one that was already numbered would hide who began in between.
    with transaction(quiet=True) as session:
        return newest, queries.own_number(session)


def _seal_some(newest: int) -> int:
    with transaction(quiet=True) as session:
        sealed = seal(session, newest)
        last = queries.last_seal(session)
    if sealed and last:
        # Wherever logs are sent, the digest is kept out of reach of who can write to the database.
        log.info("audit.sealed", entries=sealed, last_entry=last.entry_id, digest=last.digest)
    return sealed
