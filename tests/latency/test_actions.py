"""Hours counted from results, once and again; late results, forgotten results, and the curves of panels."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from statuspage.db import Site, reading, transaction
from statuspage.latency import jobs, queries
from statuspage.latency.actions import count, draw, forget_old, is_drawn, settled
from statuspage.latency.models import ProbeHour
from statuspage.latency.rules import ERROR, Curve
from statuspage.probing.actions import Seen
from statuspage.probing.actions import forget_old as forget_old_results
from statuspage.probing.models import Probe, ProbeResult
from statuspage.probing.rules import HOUR, KEPT, Look
from tests.probing.cases import stored, with_probes
from tests.scenes import at, live_at

pytestmark = pytest.mark.usefixtures("app")
SUMMER = datetime(2021, 3, 28, 0, tzinfo=UTC)  # an hour before the clocks of Warsaw jump from 2 to 3


def seen(probe_id: int, begin: datetime, *times: float | None) -> list[Seen]:
    """Results a minute apart; None is a failure that took 5 s."""
    moments = [begin + timedelta(minutes=number) for number in range(len(times))]
    return [
        Seen(probe_id, int(moment.timestamp()), moment, Look(took is not None, total_ms=took or 5000.0))
        for moment, took in zip(moments, times, strict=True)
    ]


def count_all(now: datetime) -> None:
    counted = 1
    while counted:
        with transaction(quiet=True) as session:
            counted = count(session, now)


def hours(probe_id: int) -> dict[int, tuple[int, int, int, int]]:
    """By hours since `SUMMER`: looks that were right, degraded, failed, and those with a time."""
    with reading() as session:
        return {
            (row.hour - int(SUMMER.timestamp())) // HOUR: (row.ok, row.degraded, row.failed, row.tally.times.total)
            for row in queries.hours_of(session, probe_id)
        }


def test_an_hour_counts_right_degraded_and_failed_looks_and_times_only_what_was_right() -> None:
    (one,) = with_probes("panel-a.login")
    slow = Seen(one, int(SUMMER.timestamp()) + 3000, SUMMER, Look(True, "slow", degraded=True, total_ms=900.0))
    beat = Seen(one, int(SUMMER.timestamp()) + 3060, SUMMER, Look(True))
    stored(*seen(one, SUMMER, 100.0, 101.0, None), slow, beat)
    count_all(SUMMER + timedelta(hours=1, minutes=1))
    assert hours(one) == {}, "the hour is over, but its last looks may not be back"
    count_all(SUMMER + timedelta(hours=1, minutes=2))
    assert hours(one) == {0: (4, 1, 1, 3)}


def test_hours_follow_the_sun_and_not_the_clocks_of_summer_time() -> None:
    (one,) = with_probes("panel-a.login")
    stored(*seen(one, SUMMER, *[50.0] * 180))
    count_all(SUMMER + timedelta(hours=4))
    assert hours(one) == {0: (60, 0, 0, 60), 1: (60, 0, 0, 60), 2: (60, 0, 0, 60)}
    autumn = datetime(2021, 10, 31, 0, tzinfo=UTC)
    stored(*seen(one, autumn, *[50.0] * 180))
    count_all(autumn + timedelta(hours=4))
    assert [row[0] for row in hours(one).values()] == [60] * 6


def test_counting_again_gives_the_same_rows_and_touches_no_other_probe() -> None:
    one, other = with_probes("panel-a.login", "panel-b.login")
    stored(*seen(one, SUMMER, 100.0, 200.0), *seen(other, SUMMER, 300.0))
    count_all(SUMMER + timedelta(hours=2))
    before = hours(one), hours(other)
    with transaction(quiet=True) as session:
        session.get_one(Probe, one).counted_until = None
    count_all(SUMMER + timedelta(hours=2))
    assert (hours(one), hours(other)) == before == ({0: (2, 0, 0, 2)}, {0: (1, 0, 0, 1)})


def test_a_late_result_has_its_hour_counted_anew() -> None:
    one, other = with_probes("panel-a.login", "panel-b.login")
    stored(*seen(one, SUMMER, 100.0), *seen(one, SUMMER + timedelta(hours=1), 100.0), *seen(other, SUMMER, 1.0))
    count_all(SUMMER + timedelta(hours=3))
    stored(*seen(one, SUMMER + timedelta(minutes=59), None))
    count_all(SUMMER + timedelta(hours=3))
    assert hours(one) == {0: (1, 0, 1, 1), 1: (1, 0, 0, 1)}
    assert hours(other) == {0: (1, 0, 0, 1)}


def test_a_result_that_comes_when_its_hour_is_forgotten_takes_nothing_away_from_it() -> None:
    (one,) = with_probes("panel-a.login")
    stored(*seen(one, SUMMER, *[100.0] * 30))
    count_all(SUMMER + timedelta(hours=2))
    later = SUMMER + KEPT + timedelta(hours=2)
    with transaction(quiet=True) as session:
        assert forget_old_results(session, later) == 30
    stored(*seen(one, SUMMER + timedelta(minutes=40), 100.0))
    count_all(later)
    count_all(SUMMER + timedelta(hours=2))  # a clock that was set back
    assert hours(one) == {0: (30, 0, 0, 30)}


def test_a_week_that_nobody_counted_is_counted_before_any_of_it_is_forgotten() -> None:
    (one,) = with_probes("panel-a.login")
    for number in range(0, 7 * 24, 12):
        stored(*seen(one, SUMMER + timedelta(hours=number), 100.0, None))
    end = SUMMER + KEPT
    with transaction(quiet=True) as session:
        assert forget_old_results(session, end + timedelta(days=30)) == 0
    count_all(end + timedelta(minutes=5))
    assert hours(one) == dict.fromkeys(range(0, 7 * 24, 12), (1, 0, 1, 1))


def test_hours_are_forgotten_after_ninety_days_in_batches_and_younger_ones_stay() -> None:
    (one,) = with_probes("panel-a.login")
    for number in range(5):
        stored(*seen(one, SUMMER + timedelta(hours=number), 100.0))
    count_all(SUMMER + timedelta(hours=6))
    with transaction(quiet=True) as session:
        assert [forget_old(session, SUMMER + timedelta(days=90, hours=3), limit=2) for _ in range(3)] == [2, 1, 0]
    assert list(hours(one)) == [3, 4]


def curves() -> dict[str, Curve]:
    with reading() as session:
        return queries.curves(session)


def test_a_panels_curve_merges_its_probes_and_knows_nothing_of_other_panels() -> None:
    one, two, other = with_probes("panel-a.login", "panel-a.api", "panel-b.login")
    now = SUMMER + timedelta(hours=2, minutes=2)
    stored(*seen(one, SUMMER, *[100.0] * 30), *seen(two, SUMMER, *[900.0] * 10), *seen(other, SUMMER, 7.0, None))
    count_all(now)
    with transaction(quiet=True) as session:
        assert not is_drawn(session, now)
        draw(session, now)
        assert is_drawn(session, now)
        assert not is_drawn(session, now + timedelta(hours=1))
    found = curves()
    first, last = found["panel-a"].points[-2:]
    assert (first.at, first.half) == (SUMMER, pytest.approx(100, rel=ERROR))
    assert first.most == pytest.approx(900, rel=ERROR)
    assert (last.half, last.most) == (None, None)
    assert found["panel-b"].points[-2].most == 7.0
    assert found["panel-c"].half is None
    assert all(len(one.points) == 48 for one in found.values())


def test_the_job_draws_once_an_hour_and_the_page_hears_of_it() -> None:
    def revision() -> int:
        with reading() as session:
            return session.scalars(select(Site.revision)).one()

    (one,) = with_probes("panel-a.login")
    live_at(at("2021-03-28 03:30"))
    stored(*seen(one, SUMMER, 100.0))
    before = revision()
    jobs.count_hours()
    assert revision() == before + 1
    assert curves()["panel-a"].half == pytest.approx(100, rel=ERROR)
    jobs.count_hours()
    assert revision() == before + 1, "nothing new within the hour"
    live_at(at("2021-03-28 04:05"))
    jobs.count_hours()
    assert revision() == before + 2
    assert jobs.forget_old_hours() == 0


def test_results_that_come_while_hours_are_counted_are_in_them_in_the_end(app: Flask) -> None:
    probes = with_probes("panel-a.login", "panel-b.login", "panel-c.login")
    now = SUMMER + timedelta(hours=5)
    stored(*(one for probe in probes for one in seen(probe, SUMMER, *[100.0] * 5)))
    failed: list[BaseException] = []

    def work(step: int) -> None:
        try:
            with app.app_context():
                for number in range(20):
                    begin = SUMMER + timedelta(minutes=10 + 2 * number + step)
                    stored(*(one for probe in probes for one in seen(probe, begin, 100.0)))
        except BaseException as error:  # noqa: BLE001  # shown in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(step,)) for step in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        count_all(now)
    count_all(now)
    assert failed == []
    assert [hours(probe) for probe in probes] == [{0: (45, 0, 0, 45)}] * 3


def test_a_deleted_probe_takes_its_hours_along() -> None:
    one, other = with_probes("panel-a.login", "panel-b.login")
    stored(*seen(one, SUMMER, 100.0), *seen(other, SUMMER, 100.0))
    count_all(SUMMER + timedelta(hours=2))
    with transaction() as session:
        session.delete(session.get_one(Probe, one))
    with reading() as session:
        for rows in (ProbeHour, ProbeResult):
            assert session.scalars(select(rows.probe_id)).all() == [other]
        assert session.scalar(select(func.count(Probe.id))) == 1


def test_an_hour_is_settled_two_minutes_after_it_is_over() -> None:
    assert settled(SUMMER + timedelta(minutes=2)) == int(SUMMER.timestamp())
    assert settled(SUMMER + timedelta(minutes=1)) == int(SUMMER.timestamp()) - HOUR
