"""Histograms: added in any order, read as if the values were there, in the same few bytes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.latency.rules import ERROR, Histogram, bounds, bucket, curve, drawn
from statuspage.probing.rules import HOUR

A_DAY = 86_400_000.0
TIMES = st.lists(st.floats(0, A_DAY), max_size=60)
PERCENTS = st.sampled_from([1, 5, 50, 90, 95, 99, 100])


@given(st.integers(0, 2**40))
def test_every_time_lies_in_its_bucket_and_buckets_touch(tenths: int) -> None:
    low, high = bounds(bucket(tenths))
    assert low <= tenths <= high
    assert bounds(bucket(tenths) + 1)[0] == high + 1
    assert high - low <= low * ERROR


@given(TIMES, TIMES, TIMES)
def test_merging_is_adding_in_any_order_and_grouping(one: list[float], two: list[float], three: list[float]) -> None:
    a, b, c = map(Histogram.of, (one, two, three))
    assert a + b == b + a == Histogram.of([*one, *two])
    assert (a + b) + c == a + (b + c) == Histogram.merged([c, a, b])
    assert a + Histogram() == a


@given(st.lists(st.floats(0, A_DAY), min_size=1, max_size=60), PERCENTS, st.integers(1, 5))
def test_a_percentile_of_merged_histograms_is_within_the_stated_error_of_the_exact_one(
    times: list[float], percent: int, parts: int
) -> None:
    merged = Histogram.merged(Histogram.of(times[part::parts]) for part in range(parts))
    exact = sorted(times)[max(1, -(-percent * len(times) // 100)) - 1]
    found = merged.percentile(percent)
    assert found is not None
    # Half a tenth of a millisecond is what the raw result itself is rounded by; another half what is shown.
    assert abs(found - exact) <= exact * ERROR + 0.1


def test_percentiles_are_not_averages_of_percentiles() -> None:
    quiet, busy = Histogram.of([10.0] * 10), Histogram.of([1000.0] * 990)
    averaged = ((quiet.percentile(50) or 0) + (busy.percentile(50) or 0)) / 2
    assert averaged == pytest.approx(505, rel=ERROR)
    assert (quiet + busy).percentile(50) == pytest.approx(1000, rel=ERROR)
    assert (quiet + busy).percentile(1) == pytest.approx(10, rel=ERROR)


def test_nothing_has_no_percentile() -> None:
    assert Histogram().percentile(50) is None
    assert Histogram.unpack(b"") == Histogram()


@given(TIMES)
def test_what_is_packed_comes_back(times: list[float]) -> None:
    histogram = Histogram.of(times)
    assert Histogram.unpack(histogram.pack()) == histogram
    assert histogram.total == len(times)


def test_an_hour_of_answers_takes_few_bytes() -> None:
    assert len(Histogram.of(180 + n * 0.7 for n in range(120)).pack()) < 60


def test_a_curve_has_a_point_for_each_hour_and_gaps_where_nobody_measured() -> None:
    until = int(datetime(2021, 3, 22, 13, tzinfo=UTC).timestamp())
    fast, slow = Histogram.of([100.0] * 9), Histogram.of([900.0])
    hours, whole = drawn({until - HOUR: [fast, slow], until - 3 * HOUR: [fast]}, until, 3)
    drawn_curve = curve(until, tuple(hours), whole)
    assert [one.at.hour for one in drawn_curve.points] == [10, 11, 12]
    assert [one.half for one in drawn_curve.points] == [
        pytest.approx(100, rel=ERROR),
        None,
        pytest.approx(100, rel=ERROR),
    ]
    assert drawn_curve.points[2].most == pytest.approx(900, rel=ERROR)
    assert drawn_curve.most == pytest.approx(900, rel=ERROR), "one of nineteen is more than 5 per cent"
    assert curve(until, tuple(hours), whole) is drawn_curve
