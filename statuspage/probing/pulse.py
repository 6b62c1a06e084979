"""The pulse of the prober's own loop: how late it ran in all, so that no target is blamed for it."""

import asyncio

from statuspage import clock

BEAT = 0.05
# What a loop with much to do is late by at any time, and what delays no look worth mentioning.
USUAL = 0.05
# A look had its time if our own loop took less than this part of it.
FAIR_PART = 0.25


class Pulse:
    """Beats in the loop; seconds of wall time, since a machine that was put to sleep stops the other clock too."""

    def __init__(self) -> None:
        self._late = 0.0
        self._due: float | None = None

    def begin(self) -> None:
        """Beat from now on, in the loop that runs; again is no harm."""
        if self._due is None:
            self._plan()

    def late(self) -> float:
        """Seconds that the loop was late by since it began, the present beat included."""
        return self._late + self._overdue()

    def was_fair(self, late_before: float, timeout: float) -> bool:
        """Whether a look that began at this lateness had most of its `timeout` (seconds) to itself."""
        return self.late() - late_before < timeout * FAIR_PART

    def _beat(self) -> None:
        self._late += self._overdue()
        self._plan()

    def _plan(self) -> None:
        # A plain callback: after a pause it runs before the deadlines that passed meanwhile are acted upon.
        asyncio.get_running_loop().call_later(BEAT, self._beat)
        self._due = clock.now().timestamp() + BEAT

    def _overdue(self) -> float:
        late = 0.0 if self._due is None else clock.now().timestamp() - self._due
        return late if late > USUAL else 0.0
