"""The prober: a tick each second tells the engine what is wanted, and what it saw is stored."""

import asyncio
import threading
import time
from asyncio.sslproto import SSLProtocol
from collections import Counter
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import select

from statuspage import clock
from statuspage.db import Site, reading, transaction
from statuspage.probing import actions, guard
from statuspage.probing.actions import forget_old, store
from statuspage.probing.agenda import LONGEST_SLEEP, Due
from statuspage.probing.client import Looker
from statuspage.probing.engine import Engine
from statuspage.probing.places import make_room
from statuspage.probing.queries import Watch, beats, impaired_since, in_doubt, watches, without_outage
from statuspage.probing.reasons import NO_BEAT
from statuspage.probing.rules import Look, beat_is_missed
from statuspage.probing.shares import SHARES, All
from statuspage.probing.turns import Seen
from statuspage.probing.uplink import Uplink

RESOLVER_THREADS = 128
STORED_AT_ONCE = 2000
READ_AGAIN = 10.0
TOLD_AGAIN = 60.0
PATIENCE = 30.0
TLS_BUFFER = 4 * 1024
T = TypeVar("T")
log = structlog.get_logger()


class Prober:
    """Looks at the probes that are this worker's; lives in the worker, its loop in a thread of its own."""

    def __init__(self, allow: Sequence[str], references: Sequence[str] = (), shares: All | None = None) -> None:
        self.shares = shares or All()
        self.uplink = Uplink(references)
        self.engine = Engine(Looker(guard.networks(allow)), self.uplink, self.shares)
        self.told: list[datetime | None] = []
        self.waiting: list[Seen] = []
        self._known: tuple[int | None, set[int]] | None = None
        self._ticked_at = clock.now()
        self._read_at = 0.0
        self._missed = Missed()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def under_way(self) -> set[int]:
        return self.engine.agenda.under_way

    def tick(self) -> int:
        """Begin what is due until the next tick, also while the database is away. Returns how many looks were begun."""
        self._notice_sleep()
        begun = self._run(self.engine.tick())
        self._missed.tell(self.engine.not_looked)
        self._refresh()
        begun += self._run(self.engine.tick())
        self._listen()
        return begun

    def _notice_sleep(self) -> None:
        """Who slept, or whose clock was set, knows nothing of what others have looked at meanwhile: it reads anew."""
        now = clock.now()
        if not -1 <= (now - self._ticked_at).total_seconds() <= LONGEST_SLEEP:
            self._run(self.engine.renew([], ()))
            self._known = None
        self._ticked_at = now

    def busy(self) -> set[int]:
        """The probes that are being looked at, or whose result waits for the database."""
        unstored = [*self.waiting, *self.engine.seen]
        return {*self.engine.looking.copy(), *(one.probe_id for one in unstored)}

    def collect(self) -> int:
        """Store what came back, in one transaction. Returns how many results; they are kept if it fails."""
        self._tell_of_uplink()
        while self.engine.seen and len(self.waiting) < STORED_AT_ONCE:
            self.waiting.append(self.engine.seen.popleft())
        if not self.waiting:
            return 0
        with transaction(quiet=True) as session:
            store(session, self.shares.still_mine(session, self.waiting))
            judged = {one.probe_id for one in self.waiting}
            doubtful = in_doubt(session, judged)
        self._run(self.engine.judge(judged, doubtful))
        count = len(self.waiting)
        self.waiting = []
        return count

    def _tell_of_uplink(self) -> None:
        """Say that our own network is cut, or works again, where that is news; then all is looked at anew.

        While another worker's network works, ours is no concern of the site.
        """
        if not self.told:
            self._go_on_from_what_was_told()
        self.shares.sees = self.uplink.impaired_from is None
        impaired_from = None if self.shares.others_see else self.uplink.impaired_from
        if self.told != [impaired_from]:
            with transaction(quiet=True) as session:
                actions.note_uplink(session, impaired_from, clock.now())
            if self.told and impaired_from is None:
                self._run(self.engine.start_over())
            self.told = [impaired_from]

    def _go_on_from_what_was_told(self) -> None:
        """Who begins in the middle of a cut asks before it says that it is over."""
        if self.uplink.references:
            with reading() as session:
                self.uplink.impaired_from = self.uplink.impaired_from or impaired_since(session)

    def stop(self) -> None:
        """End the loop; looks under way are dropped."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            self._loop = self._thread = None

    def _refresh(self) -> None:
        """Read the list of probes when the site or our part has changed: the one place that says which are planned."""
        held = {number for number in range(SHARES) if self.shares.fence(number) is not None}
        with reading() as session:
            revision = session.scalar(select(Site.revision))
            if (revision, held) == self._known and time.monotonic() - self._read_at < READ_AGAIN:
                return
            found, doubtful = watches(session), in_doubt(session)
        self._run(self.engine.renew([one for one in found if one.id % SHARES in held], doubtful))
        self._known, self._read_at = (revision, held), time.monotonic()

    def _listen(self) -> None:
        """A heartbeat is pushed. Before the first beat nobody knows anything: no result, so unknown."""
        due: list[tuple[Watch, Due]] = []
        while not self.engine.beats_due.empty():
            due.append(self.engine.beats_due.get())
        if not due:
            return
        now = clock.now()
        with reading() as session:
            beaten = beats(session, {watch.id for watch, _ in due})
        for watch, one in due:
            self._hear(watch, one, beaten.get(watch.id), now)

    def _hear(self, watch: Watch, due: Due, beat_at: datetime | None, now: datetime) -> None:
        fence = self.shares.fence(watch.id)
        if beat_at is None or fence is None:
            return
        missed = beat_is_missed(beat_at, watch.interval, watch.grace, now)
        if missed and self.uplink.impaired_from is not None:
            return  # it could not have reached us
        look = Look(not missed, NO_BEAT if missed else None)
        self.engine.seen.append(Seen(watch.id, due.slot, now, look, fence))

    def _run(self, wanted: Coroutine[Any, Any, T]) -> T:
        """In the loop, from a thread outside of it."""
        return asyncio.run_coroutine_threadsafe(wanted, self._running()).result(PATIENCE)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            make_room()
            # Each encrypted connection clears a buffer of this size for itself: of asyncio's 256 KiB thousands add up.
            SSLProtocol.max_size = TLS_BUFFER
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(ThreadPoolExecutor(RESOLVER_THREADS, "resolve"))
            self._thread = threading.Thread(target=self._live, args=(self._loop,), name="probing", daemon=True)
            self._thread.start()
        return self._loop

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        """The life of the loop's thread: on until stopped, then tidied away."""
        loop.run_forever()
        loop.run_until_complete(self.engine.close())
        loop.close()


class Missed:
    """Says in the log that looks could not be, at most once a minute, and once that all can be again."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()
        self._told_at: float | None = None

    def tell(self, not_looked: Counter[str]) -> None:
        now = time.monotonic()
        if self._told_at is not None and now - self._told_at < TOLD_AGAIN:
            return
        new = Counter(not_looked) - self._told
        if new:
            log.error("probing.could_not_look", **dict(new.most_common(5)))
            self._told, self._told_at = Counter(not_looked), now
        elif self._told_at is not None:
            log.info("probing.looks_at_all_again")
            self._told_at = None


def begin_late_outages() -> int:
    """What fell during planned work and is down after it is an outage now. Returns how many."""
    now = clock.now()
    with reading() as session:
        if not without_outage(session):
            return 0
    with transaction(quiet=True) as session:  # the page says by itself what is down
        return actions.begin_late_outages(session, now)


def forget_old_results() -> int:
    """Delete raw results past their time, in small transactions, so that writers get their turn."""
    deleted = 0
    while True:
        with transaction(quiet=True) as session:
            batch = forget_old(session, clock.now())
        deleted += batch
        if not batch:
            return deleted
