"""No target is blamed for what our own loop was late by."""

import asyncio
import time
from collections.abc import Callable

import time_machine

from statuspage.probing.pulse import Pulse


def late_after(what: Callable[[], object]) -> float:
    """How late a loop is held to be in which this was done."""

    async def run() -> float:
        pulse = Pulse()
        pulse.begin()
        await asyncio.sleep(0.2)
        what()
        await asyncio.sleep(0.2)
        return pulse.late()

    return asyncio.run(run())


def test_a_loop_that_is_held_up_is_late_by_as_much_and_not_twice() -> None:
    assert 0.2 < late_after(lambda: time.sleep(0.4)) < 0.8


def test_a_machine_that_slept_is_late_and_a_clock_set_back_is_not() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:
        assert late_after(lambda: now.shift(60)) > 59
        assert late_after(lambda: now.shift(-60)) == 0


def test_lateness_shows_before_the_next_beat_has_told_of_it() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> float:
            pulse = Pulse()
            pulse.begin()
            now.shift(1)
            return pulse.late()

        assert asyncio.run(run()) > 0.9


def test_a_look_had_its_time_if_the_loop_took_less_than_a_quarter_of_it() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> tuple[bool, bool]:
            pulse = Pulse()
            pulse.begin()
            before = pulse.late()
            now.shift(3.05)
            return pulse.was_fair(before, 13), pulse.was_fair(before, 12)

        assert asyncio.run(run()) == (True, False)
