"""The engine: begins each look at its moment in one event loop, and hands over what was seen."""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from queue import SimpleQueue

import structlog

from statuspage import clock
from statuspage.probing.actions import Seen
from statuspage.probing.agenda import Agenda, Due, pace
from statuspage.probing.client import Looker, Unable
from statuspage.probing.places import Crowded, Places
from statuspage.probing.queries import Watch
from statuspage.probing.rules import Kind
from statuspage.probing.uplink import Uplink

# A tick that comes late by less than this delays nothing.
AHEAD = 1.5
REMEMBERED = 20_000
log = structlog.get_logger()


class Engine:
    """Lives in its loop alone, but for its queues, which lead out of it.

    `not_looked` counts by reason the looks that could not be: nothing is known then, neither good nor bad.
    """

    def __init__(self, looker: Looker, uplink: Uplink) -> None:
        self.looker = looker
        self.uplink = uplink
        self.agenda = Agenda()
        self.places = Places()
        self.watches: dict[int, Watch] = {}
        self.seen: SimpleQueue[Seen] = SimpleQueue()
        self.beats_due: SimpleQueue[tuple[Watch, Due]] = SimpleQueue()
        self.not_looked: Counter[str] = Counter()
        self.lags: deque[float] = deque(maxlen=REMEMBERED)
        self._until = 0.0
        self._begun = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def renew(self, watches: list[Watch]) -> None:
        """Go on with these probes alone."""
        self.watches = {watch.id: watch for watch in watches}
        self.agenda.renew(
            {watch.id: pace(watch.id, watch.interval, in_doubt=watch.in_doubt) for watch in watches}, _now()
        )

    async def tick(self) -> int:
        """Begin what is due until the next tick comes. Returns how many looks were begun since the last one."""
        self._until = _now() + AHEAD
        if self.uplink.impaired_from is not None:
            self._keep(asyncio.create_task(self._ask_uplink()))
        self._begin()
        begun, self._begun = self._begun, 0
        return begun

    async def judge(self, in_doubt: Mapping[int, bool]) -> None:
        """What has been stored says which probes are worth looking at again soon."""
        for probe_id, doubtful in in_doubt.items():
            self.agenda.doubt(probe_id, _now(), in_doubt=doubtful)
        self._begin()

    async def start_over(self) -> None:
        """Look at all anew."""
        self.agenda.forget(_now())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.looker.close()
        await self.uplink.close()

    def _begin(self) -> None:
        now = _now()
        found = self.agenda.take(now, self._until)
        loop = asyncio.get_running_loop()
        for due in found:
            watch = self.watches[due.probe_id]
            if watch.target.kind is Kind.HEARTBEAT:
                self.beats_due.put((watch, due))
                self.agenda.end(watch.id, due.at)
            else:
                loop.call_later(due.at - now, self._start, due)
        self._begun += len(found)

    def _start(self, due: Due) -> None:
        watch = self.watches.get(due.probe_id)
        if watch is None:  # no longer wanted, or no longer ours
            self.agenda.end(due.probe_id, _now())
        else:
            self._keep(asyncio.get_running_loop().create_task(self._look(watch, due)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_uplink(self) -> None:
        await self.uplink.works()

    async def _look(self, watch: Watch, due: Due) -> None:
        try:
            await self._see(watch, due)
        except (Unable, Crowded) as problem:
            self.not_looked[str(problem)] += 1
        except Exception as problem:  # a fault of ours in one look must never end the looks
            self.not_looked["fault"] += 1
            log.exception("probing.fault", probe=watch.id, reason=repr(problem))
        finally:
            self.agenda.end(watch.id, _now())
            self._begin()

    async def _see(self, watch: Watch, due: Due) -> None:
        async with self.places.at(watch.target.place, due.until - _now()):
            at = clock.now()
            self.lags.append(at.timestamp() - due.at)
            look = await self.looker.look(watch.target)
        if await self.uplink.bears_out(at, ok=look.ok):
            self.seen.put(Seen(watch.id, due.slot, at, look))


def _now() -> float:
    return clock.now().timestamp()
