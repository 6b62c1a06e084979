"""The curves of the scenario."""

from datetime import timedelta

from statuspage.demo.story import read, row_of, value
from tests.scenes import at

NOON = at("2021-03-22 12:00")
HOUR = timedelta(hours=1)


def test_a_curve_is_straight_between_two_points_and_level_outside() -> None:
    points = [[NOON, 100], [NOON + 2 * HOUR, 300]]
    assert [value(points, NOON + hours * HOUR) for hours in (-1, 0, 1, 2, 9)] == [100, 100, 200, 300, 300]


def test_no_points_are_zero() -> None:
    assert value([], NOON) == 0


def test_access_at_two_in_the_afternoon_is_as_the_update_says() -> None:
    access = next(stage for stage in read("simulation")["stages"] if stage["stage"] == "access")
    assert value(access["restored"], at("2021-03-22 14:00")) == 12410


def test_the_numbers_of_a_transfer_add_up_to_its_total_at_every_point() -> None:
    for transfer in read("simulation")["transfers"]:
        for moment, *numbers in transfer["points"]:
            assert sum(row_of([(moment, tuple(numbers))], moment)) == transfer["total"], transfer["slug"]
