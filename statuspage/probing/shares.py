"""Which probes are this worker's: they are divided into shares, and each share is a lease."""

import time
from collections.abc import Collection, Sequence

import structlog
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import transaction
from statuspage.leases.actions import claim, confirm, forget, hold, keep, release
from statuspage.leases.rules import LEASE_SECONDS, MARGIN, fair_part
from statuspage.probing.queries import SEEING, workers
from statuspage.probing.turns import Seen

SHARES = 32
NAMES = tuple(f"probes/{number}" for number in range(SHARES))
PAUSE = 2.0
log = structlog.get_logger()


def share(probe_id: int) -> str:
    return NAMES[probe_id % SHARES]


class All:
    """A worker that shares with nobody: every probe is its own."""

    sees = True
    others_see = False

    def fence(self, probe_id: int) -> int | None:
        return 0

    def still_mine(self, session: Session, seen: Sequence[Seen]) -> Sequence[Seen]:
        return seen


class Shares(All):
    """A worker's fair part of the probes, renewed every two seconds.

    A look counts only when its share was held under one number from its begin until it is stored. Who was paused
    drops its numbers, so what was on its way then, and timed out only here, counts for nothing. `sees` is whether our
    own network works: who is cut off holds nothing while another can look.
    """

    def __init__(self, holder: str, seconds: float = LEASE_SECONDS) -> None:
        self.holder = holder
        self.seconds = seconds
        self.sees = True
        self.others_see = False
        self._fences: dict[str, int] = {}
        self._leaving: frozenset[str] = frozenset()
        self._idle: frozenset[str] = frozenset()
        self._asked = self._until = 0.0
        self._beat_at = time.monotonic()
        self._woke_at = 0.0

    def beat(self) -> float:
        """Note that this process runs. When it last came to after a pause: whoever asks first notices."""
        now = time.monotonic()
        if now - self._beat_at > PAUSE:
            log.warning("worker.was_paused", seconds=round(now - self._beat_at, 1))
            self._woke_at = now
        self._beat_at = now
        return self._woke_at

    def fence(self, probe_id: int) -> int | None:
        """The number under which a look may begin now; None where the probe is not ours, or will soon not be."""
        name = share(probe_id)
        if self._was_paused() or name in self._leaving or time.monotonic() >= self._until:
            return None
        return self._fences.get(name)

    def still_mine(self, session: Session, seen: Sequence[Seen]) -> Sequence[Seen]:
        """The looks whose share was ours all the time, and is until this transaction ends."""
        fences = {} if self._was_paused() else self._fences
        begun = {share(one.probe_id): one.fence for one in seen}
        held = confirm(session, self.holder, {name: fences[name] for name in begun if name in fences})
        return [one for one in seen if share(one.probe_id) in held and one.fence == fences[share(one.probe_id)]]

    def renew(self, busy: Collection[int] = ()) -> None:
        """One round: keep, give back what is too much, take what is missing. `busy` are probes being looked at."""
        asked = time.monotonic()
        if self._was_paused():
            self._fences, self._leaving, self._idle = {}, frozenset(), frozenset()
        with transaction(quiet=True) as session:
            kept = keep(session, self.holder, self._fences, self.seconds)
            part = self._part(session)
            leaving = self._too_many(kept, part)
            given = self._given(leaving, busy)
            release(session, self.holder, *given)
            missing = [name for name in NAMES if name not in kept]
            new = claim(session, self.holder, missing, self.seconds, max(0, part - len(kept)))
        self._leaving = leaving
        self._idle = leaving.difference(map(share, busy))
        self._fences = {name: fence for name, fence in (kept | new).items() if name not in given}
        self._asked, self._until = asked, asked + self.seconds - MARGIN
        if new or given:
            log.info("worker.shares", holder=self.holder, held=len(self._fences))

    def resign(self) -> None:
        """Give all back at once."""
        with transaction(quiet=True) as session:
            release(session, self.holder, SEEING + self.holder, *self._fences)
        self._fences = {}

    def _part(self, session: Session) -> int:
        """How many shares are due to us among all workers that see."""
        if self.sees:
            hold(session, SEEING + self.holder, self.holder, self.seconds)
        else:
            release(session, self.holder, SEEING + self.holder)
        forget(session, SEEING)
        seeing = workers(session, clock.wall(), self.seconds)
        self.others_see = any(holder != self.holder for holder in seeing)
        return fair_part(SHARES, seeing.index(self.holder), len(seeing)) if self.sees else 0

    def _too_many(self, kept: Collection[str], part: int) -> frozenset[str]:
        """What to give back: first what we have begun to."""
        by_wish = sorted(kept, key=lambda name: (name in self._leaving, name))
        return frozenset(by_wish[part:])

    def _given(self, leaving: frozenset[str], busy: Collection[int]) -> frozenset[str]:
        """What is released now: what was idle a round ago, so that no slot is looked at twice."""
        return (leaving & self._idle).difference(map(share, busy)) if self.sees else leaving

    def _was_paused(self) -> bool:
        return self.beat() > self._asked
