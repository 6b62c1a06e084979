"""The rules of incidents."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from statuspage.incidents.rules import Stage, fits, is_silent, may_follow, place_of, promise_passed

NOON = datetime(2021, 3, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_resolved_incident_stays_resolved() -> None:
    assert not may_follow(Stage.RESOLVED, Stage.MONITORING)
    assert may_follow(Stage.RESOLVED, Stage.POSTMORTEM)
    assert may_follow(Stage.MONITORING, Stage.INVESTIGATING)


def test_an_update_told_late_cannot_resolve_before_others_go_on() -> None:
    told = [Stage.INVESTIGATING, Stage.MONITORING]
    assert not fits(told, 1, Stage.RESOLVED)
    assert fits(told, 2, Stage.RESOLVED)
    assert fits(told, 1, Stage.IDENTIFIED)


def test_an_update_told_late_comes_after_all_that_were_out_by_then() -> None:
    assert place_of([], NOON) == 0
    assert place_of([NOON, NOON + 2 * HOUR], NOON + HOUR) == 1
    assert place_of([NOON], NOON) == 1
    assert place_of([NOON], NOON - HOUR) == 0


def test_a_clock_that_was_set_back_does_not_move_what_readers_saw() -> None:
    assert place_of([NOON, NOON - HOUR], NOON - HOUR / 2) == 0


@given(st.lists(st.integers(0, 50), max_size=8).map(sorted), st.integers(0, 50))
def test_in_order_moments_an_update_goes_behind_exactly_those_not_later(minutes: list[int], minute: int) -> None:
    moments = [NOON + timedelta(minutes=one) for one in minutes]
    assert place_of(moments, NOON + timedelta(minutes=minute)) == sum(one <= minute for one in minutes)


def test_a_promise_has_passed_at_its_minute_but_not_for_a_resolved_incident() -> None:
    assert promise_passed(NOON, Stage.IDENTIFIED, NOON)
    assert not promise_passed(NOON, Stage.IDENTIFIED, NOON - timedelta(seconds=1))
    assert not promise_passed(NOON, Stage.RESOLVED, NOON)
    assert not promise_passed(None, Stage.IDENTIFIED, NOON)


def test_an_open_incident_is_silent_from_the_set_time_on_and_one_that_is_over_never() -> None:
    assert not is_silent(NOON, Stage.IDENTIFIED, 4 * HOUR, NOON + 4 * HOUR - timedelta(seconds=1))
    assert is_silent(NOON, Stage.IDENTIFIED, 4 * HOUR, NOON + 4 * HOUR)
    assert not is_silent(NOON, Stage.RESOLVED, 4 * HOUR, NOON + 400 * HOUR)
