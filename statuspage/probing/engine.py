"""The engine: begins each look at its moment in one event loop, and hands over what was seen."""

import asyncio
from collections import Counter, deque
from collections.abc import Container, Iterable
from queue import SimpleQueue

import structlog

from statuspage import clock
from statuspage.probing.agenda import Agenda, Due, Pace, pace
from statuspage.probing.client import Looker
from statuspage.probing.places import Crowded, Places
from statuspage.probing.pulse import Pulse
from statuspage.probing.queries import Watch
from statuspage.probing.reach import Unable
from statuspage.probing.rules import Kind
from statuspage.probing.shares import All
from statuspage.probing.turns import Seen
from statuspage.probing.uplink import Uplink

# A tick that comes up to two seconds late delays nothing: it may have to wait for a busy disk.
AHEAD = 3.0
REMEMBERED = 20_000
log = structlog.get_logger()


class Engine:
    """Lives in its loop alone, but for its queues, which lead out of it.

    `not_looked` counts by reason the looks that could not be: nothing is known then, neither good nor bad.
    """

    def __init__(self, looker: Looker, uplink: Uplink, shares: All) -> None:
        self.shares = shares
        self.looker = looker
        self.uplink = uplink
        self.agenda = Agenda()
        self.places = Places()
        self.pulse = Pulse()
        self.watches: dict[int, Watch] = {}
        self.seen: deque[Seen] = deque()
        self.beats_due: SimpleQueue[tuple[Watch, Due]] = SimpleQueue()
        self.looking: set[int] = set()
        self.not_looked: Counter[str] = Counter()
        self.lags: deque[float] = deque(maxlen=REMEMBERED)
        self._until = 0.0
        self._begun = 0
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def renew(self, watches: Iterable[Watch], in_doubt: Container[int]) -> None:
        """Go on with these probes alone. `in_doubt` counts for newcomers; of the others `judge` knows better."""
        self.watches = {watch.id: watch for watch in watches}
        self.agenda.renew({one.id: _pace(one, in_doubt) for one in self.watches.values()}, _now())

    async def tick(self) -> int:
        """Begin what is due until the next tick comes. Returns how many looks were begun since the last one."""
        self.pulse.begin()
        self._until = _now() + AHEAD
        if self.uplink.impaired_from is not None:
            self._keep(asyncio.create_task(self._ask_uplink()))
        self._begin()
        begun, self._begun = self._begun, 0
        return begun

    async def judge(self, probe_ids: Iterable[int], in_doubt: Container[int]) -> None:
        """What has been stored says which of these probes are worth looking at again soon."""
        for probe_id in probe_ids:
            self.agenda.doubt(probe_id, _now(), in_doubt=probe_id in in_doubt)
        self._begin()

    async def start_over(self) -> None:
        """Look at all anew."""
        self.agenda.forget(_now())

    async def close(self) -> None:
        """Drop what is under way, and begin no more."""
        self._is_closed = True
        under_way = list(self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.looker.close()
        await self.uplink.close()

    def _begin(self) -> None:
        if self._is_closed:
            return
        now = _now()
        found = self.agenda.take(now, self._until)
        loop = asyncio.get_running_loop()
        for due in found:
            watch = self.watches[due.probe_id]
            if watch.target.kind is Kind.HEARTBEAT:
                self.beats_due.put((watch, due))
                self.agenda.end(watch.id, due.at)
            else:
                loop.call_later(max(0.0, due.at - now), self._start, due)
        self._begun += len(found)

    def _start(self, due: Due) -> None:
        self.lags.append(_now() - due.at)
        watch, fence = self.watches.get(due.probe_id), self.shares.fence(due.probe_id)
        if watch is None or fence is None or self._is_closed:  # no longer wanted, or no longer ours
            self.agenda.end(due.probe_id, _now())
        else:
            self._keep(asyncio.get_running_loop().create_task(self._look(watch, due, fence)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_uplink(self) -> None:
        await self.uplink.works()

    async def _look(self, watch: Watch, due: Due, fence: int) -> None:
        self.looking.add(watch.id)
        try:
            await self._see(watch, due, fence)
        except (Unable, Crowded) as problem:
            self.not_looked[str(problem)] += 1
        except Exception as problem:  # noqa: BLE001  # a fault of ours in one look must never end the looks
            self._note_fault(problem)
        finally:
            self.looking.discard(watch.id)
            self.agenda.end(watch.id, _now())
            self._begin()

    def _note_fault(self, problem: Exception) -> None:
        """Counted each time, told in full the first time."""
        reason = f"fault: {problem!r}"
        if reason not in self.not_looked:
            log.error("probing.fault", reason=reason, exc_info=problem)
        self.not_looked[reason] += 1

    async def _see(self, watch: Watch, due: Due, fence: int) -> None:
        async with self.places.at(watch.target.place, due.until - _now()):
            at, begun = clock.now(), self.pulse.mark()
            look = await self.looker.look(watch.target)
        if not look.ok and not self.pulse.was_fair(begun, watch.target.timeout):
            raise Unable("this machine is too busy to look")
        if await self.uplink.bears_out(at, ok=look.ok):
            self.seen.append(Seen(watch.id, due.slot, at, look, fence))


def _pace(watch: Watch, in_doubt: Container[int]) -> Pace:
    seen_at = watch.seen_at.timestamp() if watch.seen_at else None
    return pace(watch.id, watch.interval, in_doubt=watch.id in in_doubt, seen_at=seen_at)


def _now() -> float:
    return clock.now().timestamp()
