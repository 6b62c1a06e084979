"""90 days drawn with few shapes."""

from datetime import date, timedelta

import pytest

from statuspage.panels.rules import Status
from statuspage.public.bars import look, runs, troubled
from statuspage.uptime.rules import Bar

START = date(2021, 1, 1)


def bars(*shares: float | None) -> list[Bar]:
    worst = {1.0: Status.OPERATIONAL, None: Status.UNKNOWN}
    return [Bar(START + timedelta(days=i), up, worst.get(up, Status.MAJOR)) for i, up in enumerate(shares)]


def test_neighbouring_days_that_look_alike_are_one_run() -> None:
    found = runs(bars(None, None, 1.0, 1.0, 1.0, 0.5, 1.0))
    assert [(one.start, one.length, one.up) for one in found] == [(0, 2, None), (2, 3, 1.0), (5, 1, 0.5), (6, 1, 1.0)]


def test_the_runs_cover_all_days() -> None:
    found = runs(bars(*[1.0, 0.9] * 45))
    assert sum(one.length for one in found) == 90
    assert found[-1].last == START + timedelta(days=89)


def test_a_day_of_nearly_all_is_not_merged_with_a_whole_one() -> None:
    assert len(runs(bars(1.0, 0.99999))) == 2


def test_only_days_below_100_per_cent_stand_in_the_table() -> None:
    assert [one.up for one in troubled(bars(1.0, 0.99999, None, 0.2))] == [0.2, 0.99999]


@pytest.mark.parametrize(
    ("up", "worst", "expected"),
    [
        (None, Status.UNKNOWN, Status.UNKNOWN),
        (0.2, Status.MAJOR, Status.MAJOR),
        (0.888, Status.MAJOR, Status.PARTIAL),
        (1.0, Status.DEGRADED, Status.DEGRADED),
        (1.0, Status.UNDER_MAINTENANCE, Status.UNDER_MAINTENANCE),
        (1.0, Status.UNKNOWN, Status.OPERATIONAL),
        (1.0, Status.OPERATIONAL, Status.OPERATIONAL),
    ],
)
def test_a_day_looks_like_the_share_that_worked(up: float | None, worst: Status, expected: Status) -> None:
    assert look(Bar(START, up, worst)) is expected
