"""The prober: each tick begins the looks that are due, in one event loop, and stores what came back."""

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.probing import actions, guard
from statuspage.probing.actions import Seen, forget_old, store
from statuspage.probing.client import Looker
from statuspage.probing.queries import Watch, impaired_since, watches, without_outage
from statuspage.probing.reasons import NO_BEAT
from statuspage.probing.rules import Kind, Look, beat_is_missed
from statuspage.probing.shares import All
from statuspage.probing.uplink import Uplink

RESOLVER_THREADS = 32
STORED_AT_ONCE = 2000


class Prober:
    """Looks at the probes that are this worker's; lives in the worker, its loop in a thread of its own."""

    def __init__(self, allow: Sequence[str], references: Sequence[str] = (), shares: All | None = None) -> None:
        self.shares = shares or All()
        self.looker = Looker(guard.networks(allow))
        self.uplink = Uplink(references)
        self.told: list[datetime | None] = []
        self.seen: queue.SimpleQueue[Seen] = queue.SimpleQueue()
        self.waiting: list[Seen] = []
        self.slots: dict[int, int] = {}
        self.under_way: set[int] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def tick(self) -> int:
        """Begin what is due now. Returns how many looks were begun."""
        now = clock.now()
        with reading() as session:
            found = watches(session)
        begun = sum(self._begin(watch, now) for watch in found if self._is_due(watch, now))
        if self.uplink.impaired_from is not None:
            asyncio.run_coroutine_threadsafe(self.uplink.works(), self._running())
        return begun

    def busy(self) -> set[int]:
        """The probes that are being looked at, or whose result waits for the database."""
        return {*self.under_way, *(one.probe_id for one in self.waiting)}

    def collect(self) -> int:
        """Store what came back, in one transaction. Returns how many results; they are kept if it fails."""
        self._tell_of_uplink()
        while not self.seen.empty() and len(self.waiting) < STORED_AT_ONCE:
            self.waiting.append(self.seen.get())
        if not self.waiting:
            return 0
        with transaction(quiet=True) as session:
            store(session, self.shares.still_mine(session, self.waiting))
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
                self.slots.clear()
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

    def _is_due(self, watch: Watch, now: datetime) -> bool:
        return watch.id not in self.under_way and watch.is_due(now, self.slots.get(watch.id))

    def _begin(self, watch: Watch, now: datetime) -> bool:
        """Begin a look at a probe, if it is ours."""
        fence = self.shares.fence(watch.id)
        if fence is None:
            return False
        self.slots[watch.id] = watch.slot(now)
        if watch.target.kind is Kind.HEARTBEAT:
            self._listen(watch, now, fence)
        else:
            self.under_way.add(watch.id)
            asyncio.run_coroutine_threadsafe(self._look(watch, now, fence), self._running())
        return True

    def _listen(self, watch: Watch, now: datetime, fence: int) -> None:
        """A heartbeat is pushed. Before the first beat nobody knows anything: no result, so unknown."""
        if watch.beat_at is not None:
            missed = beat_is_missed(watch.beat_at, watch.interval, watch.grace, now)
            if missed and self.uplink.impaired_from is not None:
                return  # it could not have reached us
            look = Look(not missed, NO_BEAT if missed else None)
            self.seen.put(Seen(watch.id, watch.slot(now), now, look, fence))

    async def _look(self, watch: Watch, at: datetime, fence: int) -> None:
        try:
            look = await self.looker.look(watch.target)
            if await self.uplink.bears_out(at, ok=look.ok):
                self.seen.put(Seen(watch.id, watch.slot(at), at, look, fence))
        finally:
            self.under_way.discard(watch.id)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(ThreadPoolExecutor(RESOLVER_THREADS, "resolve"))
            self._thread = threading.Thread(target=self._live, args=(self._loop,), name="probing", daemon=True)
            self._thread.start()
        return self._loop

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        """The life of the loop's thread: on until stopped, then tidied away."""
        loop.run_forever()
        loop.run_until_complete(self._tidy())
        loop.close()

    async def _tidy(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.looker.close()
        await self.uplink.close()


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
