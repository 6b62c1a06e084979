"""When results make a verdict, and when silence does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from statuspage.probing.rules import (
    Standing,
    Verdict,
    after_result,
    beat_is_missed,
    is_silent,
    phase,
    slot,
)

START = datetime(2021, 3, 10, 0, 47, tzinfo=UTC)


def after(*results: bool, down_after: int = 2, up_after: int = 2) -> Standing:
    """The standing after one result every 30 s."""
    standing = Standing()
    for number, ok in enumerate(results):
        at = START + timedelta(seconds=30 * number)
        standing = after_result(standing, ok=ok, degraded=False, at=at, down_after=down_after, up_after=up_after)
    return standing


def test_the_first_good_result_makes_it_up() -> None:
    assert (after(True).verdict, after(True).since) == (Verdict.UP, START)


def test_one_failure_is_not_an_outage_but_two_are_since_the_first() -> None:
    assert after(True, False).verdict is Verdict.UP
    down = after(True, False, False, False)
    assert (down.verdict, down.since) == (Verdict.DOWN, START + timedelta(seconds=30))


def test_one_good_result_does_not_end_an_outage_but_two_do_since_the_first() -> None:
    assert after(False, False, True).verdict is Verdict.DOWN
    up = after(False, False, True, True)
    assert (up.verdict, up.since) == (Verdict.UP, START + timedelta(seconds=60))


def test_flapping_below_the_thresholds_changes_nothing() -> None:
    assert after(True, False, True, False, True, False).verdict is Verdict.UP
    assert after(False, False, True, False, True, False, True).verdict is Verdict.DOWN


def test_slow_answers_are_degraded_at_once_and_end_at_once() -> None:
    slow = after_result(after(True), ok=True, degraded=True, at=START, down_after=2, up_after=2)
    assert slow.verdict is Verdict.DEGRADED
    fast = after_result(slow, ok=True, degraded=False, at=START, down_after=2, up_after=2)
    assert fast.verdict is Verdict.UP


@given(some.lists(some.booleans(), max_size=40), some.integers(1, 5), some.integers(1, 5))
def test_down_always_means_that_so_many_failures_came_in_a_row(results: list[bool], down: int, up: int) -> None:
    """Against the plain definition: down from a run of `down` failures until a run of `up` successes."""
    expected = Verdict.UNKNOWN
    for end in range(1, len(results) + 1):
        so_far = results[:end]
        if so_far[-down:] == [False] * down:
            expected = Verdict.DOWN
        elif so_far[-1] and (expected is not Verdict.DOWN or so_far[-up:] == [True] * up):
            expected = Verdict.UP
    assert after(*results, down_after=down, up_after=up).verdict is expected


def test_three_silent_intervals_are_unknown_and_not_a_second_earlier() -> None:
    assert not is_silent(START, START, 30, START + timedelta(seconds=90))
    assert is_silent(START, START, 30, START + timedelta(seconds=91))
    assert is_silent(None, START, 30, START + timedelta(seconds=91))


def test_each_second_belongs_to_one_slot_and_probes_of_one_interval_are_spread() -> None:
    seconds = [START + timedelta(seconds=number) for number in range(120)]
    assert len({slot(at, 30, 7) for at in seconds}) in (4, 5)
    assert len({phase(number, 30) for number in range(1, 31)}) > 10


def test_a_change_to_summer_time_skips_and_doubles_no_slot() -> None:
    change = datetime(2021, 3, 28, 0, 59, 30, tzinfo=UTC)
    slots = [slot(change + timedelta(seconds=10 * number), 10) for number in range(12)]
    assert slots == list(range(slots[0], slots[0] + 12))


def test_a_heartbeat_is_missed_after_interval_and_grace() -> None:
    assert not beat_is_missed(START, 60, 10, START + timedelta(seconds=70))
    assert beat_is_missed(START, 60, 10, START + timedelta(seconds=71))
