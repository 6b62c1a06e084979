"""Which probe is due when: a heap of moments in which each slot of a probe is taken at most once.

Moments are seconds since the epoch, so summer time is nothing to it, and are told, never asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from statuspage.probing.rules import phase, retry_after

NEWCOMERS_A_SECOND = 200
LONGEST_SLEEP = 10.0
GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Due:
    """A look to begin at a moment, for a slot that may wait until the next one begins."""

    probe_id: int
    slot: int
    at: float
    until: float


@dataclass
class Pace:
    """How often a probe is looked at, which slot was taken last, and when the next one is (None: under way)."""

    interval: int
    shift: int
    within: float
    in_doubt: bool = False
    last: int | None = None
    at: float | None = None

    def slot(self, now: float) -> int:
        """The slot that runs at a moment; in doubt there are more within the interval, a short while apart."""
        second = int(now)
        since = (second - self.shift) % self.interval
        return second - (since % retry_after(self.interval) if self.in_doubt else since)

    def after(self, slot: int) -> int:
        """The slot that follows."""
        since = (slot - self.shift) % self.interval
        step = retry_after(self.interval)
        ahead = min((since // step + 1) * step, self.interval) if self.in_doubt else self.interval
        return slot - since + ahead

    def next_slot(self, now: float) -> int:
        """The first slot that runs or is to come, and was not taken yet. A clock set back far has taken none."""
        running = self.slot(now)
        if self.last is None or running > self.last or now < self.last - self.interval:
            return running
        return self.after(self.last)

    def moment(self, slot: int) -> float:
        return slot + self.within


def pace(probe_id: int, interval: int, *, in_doubt: bool = False, seen_at: float | None = None) -> Pace:
    """Probes of one interval are spread over its seconds, and within each second; `seen_at` fills its slot."""
    made = Pace(interval, phase(probe_id, interval), probe_id * GOLDEN % 1, in_doubt)
    made.last = None if seen_at is None else made.slot(seen_at)
    return made


class Agenda:
    """The probes of a worker and their next looks; a probe whose look is under way has none until it ends."""

    def __init__(self) -> None:
        self.paces: dict[int, Pace] = {}
        self.under_way: set[int] = set()
        self._heap: list[tuple[float, int]] = []
        self._asked_at: float | None = None

    def renew(self, paces: Mapping[int, Pace], now: float) -> None:
        """Go on with these probes alone. Newcomers are looked at soon, one shortly after the other."""
        newcomers = []
        for probe_id, wanted in paces.items():
            known = self.paces.get(probe_id)
            if known is None:
                newcomers.append(probe_id)
            elif known.interval != wanted.interval:
                known.interval, known.shift = wanted.interval, wanted.shift
                self._plan(probe_id, now)
        self.paces = {probe_id: self.paces.get(probe_id, wanted) for probe_id, wanted in paces.items()}
        self._welcome(newcomers, now)

    def take(self, now: float, until: float) -> list[Due]:
        """The looks that begin before `until`; each is under way from here on."""
        slept = 0.0 if self._asked_at is None else now - self._asked_at
        self._asked_at = now
        if not -1 <= slept <= LONGEST_SLEEP:
            self._welcome(list(self.paces), now)
        taken = []
        while self._heap and self._heap[0][0] < until:
            at, probe_id = heappop(self._heap)
            found = self.paces.get(probe_id)
            if found is not None and found.at == at:
                taken.append(self._begin(probe_id, found, at, now))
        return taken

    def end(self, probe_id: int, now: float) -> None:
        """The look is over."""
        self.under_way.discard(probe_id)
        self._plan(probe_id, now)

    def doubt(self, probe_id: int, now: float, *, in_doubt: bool) -> None:
        """What a probe saw speaks against what it is held to be, or no longer does."""
        found = self.paces.get(probe_id)
        if found is not None and found.in_doubt != in_doubt:
            found.in_doubt = in_doubt
            self._plan(probe_id, now)

    def forget(self, now: float) -> None:
        """All is to be looked at anew, whatever was taken."""
        for found in self.paces.values():
            found.last = None
        self._welcome(list(self.paces), now)

    def _begin(self, probe_id: int, found: Pace, at: float, now: float) -> Due:
        slot = found.next_slot(max(at, now))
        found.last, found.at = slot, None
        self.under_way.add(probe_id)
        return Due(probe_id, slot, at, found.moment(found.after(slot)))

    def _plan(self, probe_id: int, now: float) -> None:
        found = self.paces.get(probe_id)
        if found is not None and probe_id not in self.under_way:
            self._push(probe_id, found, max(now, found.moment(found.next_slot(now))))

    def _welcome(self, probe_ids: list[int], now: float) -> None:
        """Plan many at once: at their own moment or in turn, whichever comes first, so that no crowd begins at once."""
        for turn, probe_id in enumerate(probe_ids):
            found = self.paces[probe_id]
            if probe_id not in self.under_way:
                self._push(probe_id, found, _soon(found, now, now + turn / NEWCOMERS_A_SECOND))

    def _push(self, probe_id: int, found: Pace, at: float) -> None:
        found.at = at
        heappush(self._heap, (at, probe_id))


def _soon(found: Pace, now: float, in_turn: float) -> float:
    slot = found.next_slot(now)
    if slot > now:
        return found.moment(slot)
    own = found.moment(slot)
    return min(in_turn, own if own >= now else found.moment(found.after(slot)))
