"""Marks of 10 %, the history of N, and charts that stay light."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.db import Site, reading, transaction
from statuspage.recovery import jobs
from statuspage.recovery.actions.accounts import state_size
from statuspage.recovery.actions.progress import mark_progress, note_growth, stamp_marks, thin_points
from statuspage.recovery.models import PanelRecovery, ProgressMark, ProgressPoint, StageCount
from statuspage.recovery.queries.progress import mark_views, panel_ids, size_views, stage_views
from statuspage.recovery.rules.progress import SizeCause, SizeView, grown, passed, superfluous
from statuspage.recovery.rules.reports import State
from tests import scenes
from tests.scenes import both

NOW = datetime(2021, 3, 22, 13, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def panel(app: Flask) -> int:
    """Panel C with 100 accounts, of which orders are reported of one."""
    with transaction() as session:
        scenes.panels(session)
        key = panel_ids(session)["panel-c"]
        session.add(PanelRecovery(panel_id=key, size=100, seen=100))
        session.add(StageCount(panel_id=key, stage="orders", state=State.RESTORED, accounts=0, changed_at=NOW))
    return key


def restored(count: int, size: int = 100) -> None:
    with transaction(quiet=True) as session:
        session.execute(update(StageCount).values(accounts=count))
        session.execute(update(PanelRecovery).values(size=size))


def stamp(at: datetime = NOW) -> int:
    with transaction(quiet=True) as session:
        return stamp_marks(session, at)


def percents() -> list[int]:
    with reading() as session:
        return [one.percent for one in mark_views(session)]


def test_a_mark_is_stamped_once_however_often_the_count_comes_and_goes(panel: int) -> None:
    steps = [(25, 2), (24, 0), (31, 1), (12, 0), (31, 0), (39, 0), (100, 7), (100, 0)]
    stamped = []
    for count, _ in steps:
        restored(count)
        stamped.append(stamp())
    assert stamped == [new for _, new in steps]
    assert percents() == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


def test_n_that_grows_takes_no_mark_back_and_asks_more_of_the_next(panel: int) -> None:
    restored(50)
    stamp()
    restored(59, size=200)
    assert stamp(LATER) == 0
    restored(120, size=200)
    assert stamp(LATER) == 1
    with reading() as session:
        last = mark_views(session)[-1]
    assert (last.panel, last.stage, last.percent, last.restored, last.size) == ("panel-c", "orders", 60, 120, 200)
    assert last.at == LATER


def test_a_hidden_count_leaves_no_mark(panel: int) -> None:
    restored(19, size=100)
    assert stamp() == 0
    restored(15, size=20)
    assert stamp() == 0
    restored(20)
    assert stamp() == 2


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_marks_are_full_tenths_that_were_truly_reached(count: int, more: int) -> None:
    marks = passed(count, count + more)
    assert all(count * 100 >= percent * (count + more) for percent in marks)
    assert marks == () if count < 20 else marks == tuple(range(10, 101, 10))[: count * 10 // (count + more)]


def test_only_a_new_mark_or_a_new_n_is_news(panel: int) -> None:
    def revision_after_marking() -> int:
        jobs.mark()
        with reading() as session:
            return session.scalar(select(Site.revision)) or 0

    clock.tell_story(NOW - clock.wall())
    restored(25)
    first = revision_after_marking()
    restored(26)
    assert revision_after_marking() == first
    restored(30)
    assert revision_after_marking() == first + 1
    with reading() as session:
        assert len(stage_views(session, NOW)[0].points) == 3


def test_the_history_of_n_has_who_stated_it_why_and_what_was_seen(panel: int) -> None:
    why = both("z listy", "from the list")
    with transaction() as session:
        state_size(session, "panel-c", 300, actor=SYSTEM, at=NOW, reason=why)
        assert note_growth(session, NOW) == 0
        session.execute(update(PanelRecovery).values(seen=350))
        assert note_growth(session, LATER) == 1
        session.execute(update(PanelRecovery).values(seen=360))
        assert note_growth(session, LATER + timedelta(minutes=14)) == 0
        assert note_growth(session, LATER + timedelta(minutes=15)) == 1
        assert note_growth(session, LATER + timedelta(minutes=45)) == 0
        state_size(session, "panel-c", 340, actor=SYSTEM, at=LATER + timedelta(hours=1))
        state_size(session, "panel-c", 400, actor=SYSTEM, at=LATER + timedelta(hours=2))
    with reading() as session:
        steps = size_views(session)
    assert [(one.size, one.cause, one.reason) for one in steps] == [
        (300, SizeCause.STATED, why),
        (350, SizeCause.SEEN, None),
        (360, SizeCause.SEEN, None),
        (400, SizeCause.STATED, None),
    ]


def test_an_n_below_20_is_hidden(panel: int) -> None:
    restored(12, size=15)
    with transaction() as session:
        session.execute(update(PanelRecovery).values(seen=15))
        mark_progress(session, NOW)
        (view,) = stage_views(session, NOW)
    assert (view.size, view.restored, view.points, view.forecast) == (None, None, (), None)
    small = SizeView("panel-c", 15, NOW, SizeCause.STATED)
    assert grown([small]) == ()


def test_old_points_go_and_the_first_and_last_stay(panel: int) -> None:
    with transaction() as session:
        for minute in range(0, 60 * 60, 7):
            session.add(
                ProgressPoint(panel_id=panel, stage="orders", at=NOW - timedelta(minutes=minute), restored=30, size=100)
            )
        session.flush()
        before = session.scalar(select(func.count()).select_from(ProgressPoint)) or 0
        gone = thin_points(session, NOW)
        times = session.scalars(select(ProgressPoint.at).order_by(ProgressPoint.at)).all()
        assert thin_points(session, NOW) == 0
    assert len(times) == before - gone < 80
    assert (times[0], times[-1]) == (NOW - timedelta(minutes=3598), NOW)


@given(st.lists(st.integers(0, 60 * 24 * 40), unique=True, max_size=60), st.integers(0, 60 * 24 * 3))
def test_thinning_keeps_both_ends_and_what_it_keeps_is_kept_again(minutes: list[int], wait: int) -> None:
    times = sorted(NOW - timedelta(minutes=one) for one in minutes)
    kept = [at for at in times if at not in superfluous(times, NOW)]
    assert (kept[:1], kept[-1:]) == (times[:1], times[-1:])
    assert superfluous(kept, NOW) == set()
    later = [at for at in kept if at not in superfluous(kept, NOW + timedelta(minutes=wait))]
    assert set(later) <= set(kept)


def test_marks_of_one_panel_are_not_those_of_another(panel: int) -> None:
    restored(30)
    stamp()
    with reading() as session:
        assert set(session.scalars(select(ProgressMark.panel_id))) == {panel}
