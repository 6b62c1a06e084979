"""No target is blamed for what our own loop was late by."""

import asyncio
import time
from collections.abc import Callable

import time_machine

from statuspage.probing.pulse import BEAT, Pulse


def lost_by(what: Callable[[], object]) -> float:
    """The seconds that a look is held to have lost during which this was done in its loop."""

    async def run() -> float:
        pulse = Pulse()
        pulse.begin()
        await asyncio.sleep(0.2)
        begun = pulse.mark()
        what()
        await asyncio.sleep(0.2)
        return pulse.lost(begun)

    return asyncio.run(run())


def test_a_loop_that_is_held_up_is_late_by_as_much_and_not_twice() -> None:
    assert 0.2 < lost_by(lambda: time.sleep(0.4)) < 0.8


def test_a_machine_that_slept_is_late_and_a_clock_set_back_is_not() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:
        assert lost_by(lambda: now.shift(60)) > 59
        assert lost_by(lambda: now.shift(-60)) == 0


def test_lateness_shows_before_the_next_beat_has_told_of_it() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> float:
            pulse = Pulse()
            pulse.begin()
            begun = pulse.mark()
            now.shift(1)
            return pulse.lost(begun)

        assert asyncio.run(run()) > 0.9


def test_a_look_had_its_time_if_the_loop_took_less_than_a_quarter_of_it() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> tuple[bool, bool]:
            pulse = Pulse()
            pulse.begin()
            begun = pulse.mark()
            now.shift(3.05)
            return pulse.was_fair(begun, 13), pulse.was_fair(begun, 12)

        assert asyncio.run(run()) == (True, False)


def test_a_loop_with_much_to_do_still_sees_that_a_target_hangs() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> tuple[bool, bool]:
            pulse = Pulse()
            pulse.begin()
            begun = pulse.mark()
            for _ in range(50):
                # Each turn of the loop comes 0.15 s late: for 10 s it is busy for most of the time.
                now.shift(BEAT + 0.15)
                pulse._beat()  # the loop's own timer goes by another clock
            return pulse.was_fair(begun, 10), pulse.was_fair(begun, 5)

        assert asyncio.run(run()) == (True, False)


def test_what_was_late_before_a_look_began_took_nothing_from_it() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:

        async def run() -> float:
            pulse = Pulse()
            pulse.begin()
            now.shift(60)
            pulse._beat()  # the loop's own timer goes by another clock
            return pulse.lost(pulse.mark())

        assert asyncio.run(run()) == 0
