"""Days of the site's zone, and the seconds in them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.panels.rules import Status
from statuspage.uptime.rules import Seconds, day_bounds, spent

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2021, 3, 27), 24), (date(2021, 3, 28), 23), (date(2021, 10, 31), 25), (date(2021, 7, 1), 24)],
)
def test_a_day_is_as_long_as_the_clocks_say(day: date, hours: int) -> None:
    start, end = day_bounds(day, WARSAW)
    assert end - start == timedelta(hours=hours)
    assert start.tzinfo is UTC


@given(
    some.dates(date(2020, 1, 1), date(2026, 1, 1)),
    some.lists(some.floats(-5000, 100_000), max_size=12),
    some.sampled_from(["Europe/Warsaw", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_the_seconds_of_a_day_add_up_to_its_length_when_spans_cover_it(day: date, cuts: list[float], zone: str) -> None:
    start, end = day_bounds(day, ZoneInfo(zone))
    moments = [start - timedelta(hours=1), *sorted(start + timedelta(seconds=cut) for cut in cuts)]
    edges = sorted({*moments, end + timedelta(hours=9)})
    words = list(Status)
    stretches = [(words[n % len(words)], a, b) for n, (a, b) in enumerate(pairwise(edges))]
    assert sum(spent(stretches, start, end).values()) == (end - start).total_seconds()


def test_what_lies_outside_counts_nothing() -> None:
    start, end = day_bounds(date(2021, 3, 10), WARSAW)
    before = (Status.MAJOR, start - timedelta(hours=2), start)
    after = (Status.MAJOR, end, end + timedelta(hours=2))
    assert spent([before, after], start, end) == {}


def test_partial_counts_half_and_maintenance_and_unknown_are_left_out() -> None:
    assert Seconds(operational=50, degraded=25, partial=0, major=25).share_up == 0.75
    assert Seconds(partial=100).share_up == 0.5
    assert Seconds(operational=1, maintenance=1000, unknown=1000).share_up == 1.0
    assert Seconds(maintenance=1000, unknown=1000).share_up is None


def test_one_second_down_in_ninety_days_is_not_a_hundred_per_cent() -> None:
    share = Seconds(operational=90 * 86400 - 1, major=1).share_up
    assert share is not None
    assert share < 1


def test_today_counts_up_to_now() -> None:
    start, _ = day_bounds(date(2021, 3, 10), WARSAW)
    now = start + timedelta(seconds=90)
    assert spent([(Status.OPERATIONAL, start - timedelta(days=1), now)], start, now) == {Status.OPERATIONAL: 90}


def test_a_span_shorter_than_a_second_is_lost_to_nobody() -> None:
    start = datetime(2021, 3, 10, tzinfo=UTC)
    cuts = [start + timedelta(milliseconds=250 * n) for n in range(41)]
    stretches = [(Status.MAJOR if n % 2 else Status.OPERATIONAL, a, b) for n, (a, b) in enumerate(pairwise(cuts))]
    assert sum(spent(stretches, start, start + timedelta(seconds=10)).values()) == 10
