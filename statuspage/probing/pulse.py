"""The pulse of the prober's own loop: what it may have taken from a look, so that no target is blamed for it."""

import asyncio
from collections import deque
from heapq import nlargest

from statuspage import clock

BEAT = 0.05
# What a loop with much to do is late by at any time, and what delays no look worth mentioning.
USUAL = 0.05
# A look had its time if our own loop took less than this part of it.
FAIR_PART = 0.25
# How often a look waits for its turn: names, connection, handshake, request, head, body. Each turn comes late once.
TURNS = 12
# Late beats that are remembered: those of the longest look there may be.
REMEMBERED = 4096


class Pulse:
    """Beats in the loop; seconds of wall time, since a machine that was put to sleep stops the other clock too."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=REMEMBERED)
        self._noted = 0
        self._due: float | None = None

    def begin(self) -> None:
        """Beat from now on, in the loop that runs; again is no harm."""
        if self._due is None:
            self._plan()

    def mark(self) -> int:
        """A moment to ask about later; not a time, as clocks are set back."""
        return self._noted

    def lost(self, since: int) -> float:
        """The seconds that a look may have lost since a mark, at most.

        One long stop counts in full. A loop that always has much to do comes late to each turn, but a look has
        few of them: the sum of all late beats would be most of the time, and nothing ever red.
        """
        number = min(self._noted - since, len(self._late))
        late = [self._late[-back] for back in range(1, number + 1)]
        return sum(nlargest(TURNS, [*late, self._overdue()]))

    def was_fair(self, since: int, timeout: float) -> bool:
        """Whether a look that began at this mark had most of its `timeout` (seconds) to itself."""
        return self.lost(since) < timeout * FAIR_PART

    def _beat(self) -> None:
        late = self._overdue()
        if late:
            self._late.append(late)
            self._noted += 1
        self._plan()

    def _plan(self) -> None:
        # A plain callback: after a pause it runs before the deadlines that passed meanwhile are acted upon.
        asyncio.get_running_loop().call_later(BEAT, self._beat)
        self._due = clock.now().timestamp() + BEAT

    def _overdue(self) -> float:
        late = 0.0 if self._due is None else clock.now().timestamp() - self._due
        return late if late > USUAL else 0.0
