"""When all will be back: a range where the pace supports one, and silence where it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from statuspage.recovery.rules.forecast import FARTHEST, WINDOWS, Forecast, forecast
from statuspage.recovery.rules.pace import Pace, paces
from statuspage.recovery.rules.progress import Point, StageView

NOW = datetime(2021, 3, 22, 13, 20, tzinfo=UTC)
Points = list[tuple[datetime, int, int]]


def hourly(*counts: int, size: int = 20_000, until: datetime = NOW) -> Points:
    """A count an hour, the last one at `until`."""
    first = until - timedelta(hours=len(counts) - 1)
    return [(first + timedelta(hours=hour), count, size) for hour, count in enumerate(counts)]


def foreseen(points: Points, now: datetime = NOW) -> Forecast | None:
    return forecast(points, points[-1][1], points[-1][2], now) if points else None


STEADY = hourly(2_000, 4_000, 6_000, 8_000, 10_000, 11_500, 13_000, 14_500)


def test_the_range_is_that_of_two_windows_in_full_hours() -> None:
    found = foreseen(STEADY)
    assert found is not None
    assert found.paces == (Pace(180, 1_500.0), Pace(420, 12_500 / 7))
    # 5,500 are left: 3 h 05 at the faster pace, 3 h 40 at the slower, and a quarter more for safety.
    assert found.first == datetime(2021, 3, 22, 16, tzinfo=UTC)
    assert found.last == datetime(2021, 3, 22, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([], "nothing is known"),
        (hourly(2_000, 4_000, 6_000, 8_000), "too few points"),
        ([(at + (NOW - at) / 4 * 3, *rest) for at, *rest in hourly(1, 2, 3, 4, 5)], "known for an hour"),
        (hourly(2_000, 4_000, 6_000, 8_000, 8_000, 8_000, 8_000), "it stands still"),
        (hourly(2_000, 9_000, 9_500, 9_900, 9_950, 9_960, 9_970), "it slows down"),
        (hourly(20, 21, 22, 23, 24, 25, 26, 27), "it would take months"),
        (hourly(2_000, 4_000, 6_000, 8_000, 20_000), "all are back"),
        (
            [(at, done, 20_000 + done) for at, done, _ in hourly(2_000, 4_000, 6_000, 8_000, 10_000, 12_000)],
            "nobody knows how many there are",
        ),
    ],
)
def test_there_is_no_forecast_when(points: Points, why: str) -> None:
    assert foreseen([tuple(point) for point in points]) is None, why


def test_a_steady_pace_that_stopped_is_no_pace_any_more() -> None:
    assert foreseen(STEADY, NOW + timedelta(hours=2)) is not None
    assert foreseen(STEADY, NOW + timedelta(hours=3)) is None


def test_n_that_grows_moves_the_forecast_further() -> None:
    before = foreseen(STEADY)
    after = forecast(STEADY, 14_500, 30_000, NOW)
    assert before is not None
    assert after is not None
    assert after.last > before.last
    assert after.first > before.first


def test_what_is_hidden_has_no_forecast() -> None:
    points = tuple(Point(*point) for point in STEADY)
    stage = StageView("panel-c", "access", 14_500, None, None, None, 20_000, NOW, points)
    assert stage.foreseen(NOW).forecast is not None
    hidden = StageView("panel-c", "access", None, None, None, None, 20_000, NOW, points)
    assert hidden.foreseen(NOW).forecast is None


COUNTS = st.lists(st.integers(500, 2_500), min_size=5, max_size=30)
WILD = st.lists(st.integers(0, 3_000), min_size=1, max_size=30)


@given(st.one_of(COUNTS, COUNTS, WILD), st.integers(1, 40_000), st.integers(0, 100))
def test_a_forecast_is_a_range_that_begins_after_now_and_ends_within_two_months(
    steps: list[int], left: int, minutes: int
) -> None:
    counts = [20 + sum(steps[: place + 1]) for place in range(len(steps))]
    points = hourly(*counts, size=counts[-1] + left)
    now = NOW + timedelta(minutes=minutes)
    found = foreseen(points, now)
    assume(found is not None)
    assert found is not None
    assert now < found.first < found.last <= now + FARTHEST + timedelta(hours=2)
    rates = [one.per_hour for one in found.paces]
    assert min(rates) > 0
    assert max(rates) <= 3 * min(rates)
    # What each pace says lies inside the range.
    assert all(found.first <= now + one.takes(left) + timedelta(hours=1) for one in found.paces)
    assert all(now + one.takes(left) <= found.last for one in found.paces)


@given(WILD)
def test_no_pace_is_above_what_really_moved(steps: list[int]) -> None:
    counts = [sum(steps[: place + 1]) for place in range(len(steps))]
    points = [(at, done) for at, done, _ in hourly(*counts)]
    for one in paces(points, WINDOWS, NOW):
        assert one.per_hour * one.minutes / 60 <= counts[-1] + 1e-6
