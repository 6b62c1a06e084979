"""What this process may do alone: held in the database, judged here by a clock that nobody sets."""

import os
import secrets
import socket
import time
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from statuspage.db import transaction
from statuspage.leases.actions import confirm, hold, release
from statuspage.leases.rules import LEASE, LEASE_SECONDS, MARGIN

log = structlog.get_logger()


class Superseded(Exception):
    """Another process does this now; nothing was written."""


def identity() -> str:
    """A name for this process that no other has, nor the next one of the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Leadership:
    """Whether this worker is the one that acts."""

    def __init__(self, holder: str, seconds: float = LEASE_SECONDS) -> None:
        self.holder = holder
        self.seconds = seconds
        self.fence: int | None = None
        self._until = 0.0

    def renew(self) -> None:
        asked = time.monotonic()
        with transaction(quiet=True) as session:
            fence = hold(session, LEASE, self.holder, self.seconds)
        if fence is not None and fence != self.fence:
            log.info("worker.leads", holder=self.holder, fence=fence)
        self.fence = fence
        self._until = asked + self.seconds - MARGIN if fence is not None else 0.0

    def is_mine(self) -> bool:
        return time.monotonic() < self._until

    def condition(self) -> Callable[[Session], None]:
        """For `db.only_while`: raises `Superseded` in a transaction when somebody took the lead since now."""
        fence = self.fence

        def still_leads(session: Session) -> None:
            if fence is None or not confirm(session, self.holder, {LEASE: fence}):
                raise Superseded("Another worker has taken over.")

        return still_leads

    def resign(self) -> None:
        if self.is_mine():
            with transaction(quiet=True) as session:
                release(session, self.holder, LEASE)
