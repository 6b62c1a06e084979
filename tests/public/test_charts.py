"""The growth of a stage as an area below the steps of N."""

from dataclasses import replace
from datetime import timedelta

from statuspage.public.charts import MOST_DRAWN, ROWS, chart, spread
from statuspage.recovery.rules.progress import Point, SizeCause, SizeView, StageView
from tests.scenes import at

SIX = at("2021-03-22 06:00")
POINTS = tuple(Point(SIX + timedelta(hours=hour), done, 20_000) for hour, done in enumerate((0, 5_000, 20_000)))
STAGE = StageView("panel-c", "access", 20_000, None, None, None, 20_000, POINTS[-1].at, POINTS)


def step(hours: float, size: int, panel: str = "panel-c") -> SizeView:
    return SizeView(panel, size, SIX + timedelta(hours=hours), SizeCause.STATED)


def test_the_area_runs_from_the_first_point_to_the_last_below_a_level_n() -> None:
    drawn = chart(STAGE, ())
    assert drawn is not None
    assert drawn.area == "0,24 0.0,24.0 50.0,18.0 100.0,0.0 100,24"
    assert drawn.sizes == "0,0.0 100,0.0"
    assert drawn.ticks == ()
    assert [point.restored for point in drawn.rows] == [20_000, 5_000, 0]


def test_n_rises_in_a_step_where_it_changed_and_everything_is_drawn_below_its_largest() -> None:
    drawn = chart(STAGE, (step(-9, 10_000), step(0.5, 16_000), step(1, 40_000), step(1, 99_000, "panel-b")))
    assert drawn is not None
    assert drawn.sizes == "0,18.0 25.0,18.0 25.0,14.4 50.0,14.4 50.0,0.0 100,0.0"
    assert drawn.area == "0,24 0.0,24.0 50.0,21.0 100.0,12.0 100,24"
    assert [(x, one.size) for x, one in drawn.ticks] == [("25.0", 16_000), ("50.0", 40_000)]


def test_there_is_no_chart_of_a_hidden_count_or_of_one_point() -> None:
    assert chart(replace(STAGE, restored=None), ()) is None
    assert chart(replace(STAGE, points=POINTS[:1]), ()) is None


def test_many_points_are_drawn_as_few_with_the_first_and_the_last() -> None:
    many = tuple(Point(SIX + timedelta(minutes=place), 20 + place, 5_000) for place in range(900))
    drawn = chart(replace(STAGE, points=many), ())
    assert drawn is not None
    assert drawn.area.count(" ") == MOST_DRAWN + 1
    assert len(drawn.rows) == ROWS
    assert (drawn.rows[0], drawn.rows[-1]) == (many[-1], many[0])
    assert spread(many[:3], ROWS) == list(many[:3])
