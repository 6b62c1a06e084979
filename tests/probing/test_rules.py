"""When results make a verdict, and when silence does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.probing.rules import (
    Standing,
    Verdict,
    after_result,
    after_silence,
    beat_is_missed,
    is_silent,
    is_unheard,
    phase,
    retry_after,
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


def test_after_a_clock_was_set_back_what_was_seen_in_the_future_says_nothing() -> None:
    assert not is_silent(START, START, 30, START - timedelta(seconds=5))
    assert is_silent(START, START, 30, START - timedelta(hours=1))


def test_each_second_belongs_to_one_slot_and_probes_of_one_interval_are_spread() -> None:
    seconds = [START + timedelta(seconds=number) for number in range(120)]
    assert len({slot(at, 30, 7) for at in seconds}) in (4, 5)
    assert len({phase(number, 30) for number in range(1, 31)}) > 10


def test_a_change_to_summer_time_skips_and_doubles_no_slot() -> None:
    change = datetime(2021, 3, 28, 0, 59, 30, tzinfo=UTC)
    slots = [slot(change + timedelta(seconds=10 * number), 10) for number in range(12)]
    assert slots == [slots[0] + 10 * number for number in range(12)]


def test_a_heartbeat_is_missed_after_interval_and_grace() -> None:
    assert not beat_is_missed(START, 60, 10, START + timedelta(seconds=70))
    assert beat_is_missed(START, 60, 10, START + timedelta(seconds=71))


def test_a_probe_is_in_doubt_while_results_speak_against_what_it_is_held_to_be() -> None:
    assert after(True, False).is_in_doubt
    assert after(False).is_in_doubt
    assert after(False, False, True).is_in_doubt
    for settled in (Standing(), after(True), after(True, True), after(False, False), after(False, False, True, True)):
        assert not settled.is_in_doubt


def test_in_doubt_there_are_slots_within_the_interval_and_each_second_still_belongs_to_one() -> None:
    begin = slot(START, 30, 7)
    seconds = [datetime.fromtimestamp(begin + number, UTC) for number in range(30)]
    assert {slot(at, 30, 7) for at in seconds} == {begin}
    assert sorted({slot(at, 30, 7, in_doubt=True) for at in seconds}) == [begin, begin + 10, begin + 20]


@pytest.mark.parametrize(("interval", "seconds"), [(1, 1), (2, 1), (5, 1), (10, 3), (30, 10), (3600, 10)])
def test_a_retry_comes_sooner_than_the_next_interval_but_not_every_instant(interval: int, seconds: int) -> None:
    assert retry_after(interval) == seconds


def test_after_a_silence_good_news_is_stale_and_an_outage_goes_on() -> None:
    assert after_silence(after(True, True)) == Standing()
    down = after(False, False, True)
    assert after_silence(down) == Standing(Verdict.DOWN, START)


def test_what_was_not_looked_at_since_our_network_was_cut_is_not_known() -> None:
    cut = START + timedelta(seconds=5)
    later = START + timedelta(seconds=6)
    assert is_unheard(START, START, 30, later, impaired_from=cut)
    assert not is_unheard(later, START, 30, later, impaired_from=cut), "this one was seen since"
    assert not is_unheard(START, START, 30, later)
    assert not is_unheard(START, START, 30, cut - timedelta(seconds=1), impaired_from=cut), "it was not cut then"
