"""Batches of reports on a real database: concurrent writers, counters, points of progress."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.db import reading, transaction
from statuspage.recovery.actions.progress import mark_progress
from statuspage.recovery.actions.reports import apply, counted, recount
from statuspage.recovery.models import AccountRecovery, PanelRecovery, ProgressPoint, StageCount, StageState
from statuspage.recovery.queries.progress import panel_ids, stage_views
from statuspage.recovery.rules.reports import Report, State
from tests import scenes

NOW = datetime(2021, 3, 22, 13, tzinfo=UTC)


@pytest.fixture
def panels(app: Flask) -> dict[str, int]:
    with transaction() as session:
        scenes.panels(session)
        return panel_ids(session)


def report(account: int, state: State = State.RUNNING, sequence: int = 1, panel: str = "panel-c") -> Report:
    done = 10 if state is State.RESTORED else 3
    return Report(panel, str(account), "orders", state, done, 10, sequence, NOW)


def counters(panel_id: int) -> dict[tuple[str, State], int]:
    with reading() as session:
        found = session.scalars(select(StageCount).where(StageCount.panel_id == panel_id))
        return {(one.stage, one.state): one.accounts for one in found if one.accounts}


def recounted(panel_id: int) -> dict[tuple[str, State], int]:
    with reading() as session:
        return dict(counted(session, panel_id))


def test_writers_at_the_same_time_end_in_one_state_with_true_counters(app: Flask, panels: dict[str, int]) -> None:
    chance = random.Random(7)
    sent = [
        report(
            chance.randrange(40), chance.choice(list(State)), chance.randrange(6), chance.choice(["panel-c", "panel-a"])
        )
        for _ in range(600)
    ]
    errors: list[Exception] = []

    def write(seed: int) -> None:
        mine = sent.copy()
        random.Random(seed).shuffle(mine)
        try:
            with app.app_context():
                for start in range(0, len(mine), 60):
                    with transaction(quiet=True) as session:
                        apply(session, panels, mine[start : start + 60], NOW)
        except Exception as error:  # noqa: BLE001  # shown by the test below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    best = {}
    for one in sent:
        key = (one.panel, one.account)
        best[key] = max(best.get(key, one.rank), one.rank)
    with reading() as session:
        rows = session.execute(select(StageState, AccountRecovery).join(AccountRecovery)).all()
        kept = {
            (account.panel.slug, account.account): (
                row.sequence,
                row.at,
                row.state.value,
                row.done,
                row.total,
                row.reason or "",
            )
            for row, account in rows
        }
        seen = sum(session.scalars(select(PanelRecovery.seen)))
    assert kept == best
    assert seen == len(best)
    for panel_id in (panels["panel-c"], panels["panel-a"]):
        assert counters(panel_id) == recounted(panel_id) != {}


def test_a_stage_that_moves_on_leaves_its_old_state(panels: dict[str, int]) -> None:
    for sequence, state in enumerate((State.WAITING, State.RUNNING, State.NEEDS_CHOICE, State.RESTORED)):
        with transaction(quiet=True) as session:
            apply(session, panels, [report(1, state, sequence)], NOW)
        assert counters(panels["panel-c"]) == {("orders", state): 1}
    assert counters(panels["panel-a"]) == {}


def test_the_view_says_n_of_n_and_hides_small_counts(panels: dict[str, int]) -> None:
    with transaction() as session:
        apply(session, panels, [report(n, State.RESTORED) for n in range(25)], NOW)
        apply(session, panels, [report(n, State.FAILED) for n in range(25, 44)], NOW)
    with reading() as session:
        (view,) = stage_views(session, NOW)
    assert (view.panel, view.stage, view.size, view.as_of) == ("panel-c", "orders", 44, NOW)
    assert (view.restored, view.failed, view.running) == (25, None, None)


def test_a_point_is_marked_when_something_moved_and_only_then(panels: dict[str, int]) -> None:
    def mark(minutes: int) -> int:
        with transaction(quiet=True) as session:
            return mark_progress(session, NOW + timedelta(minutes=minutes))

    assert mark(0) == 0
    with transaction(quiet=True) as session:
        apply(session, panels, [report(n, State.RESTORED) for n in range(30)], NOW)
    assert [mark(1), mark(2)] == [1, 0]
    with transaction(quiet=True) as session:
        apply(session, panels, [report(99, State.RESTORED)], NOW)
    assert mark(3) == 1
    with reading() as session:
        (view,) = stage_views(session, NOW)
        assert [(one.restored, one.size) for one in view.points] == [(30, 30), (31, 31)]


def test_a_recount_makes_the_counters_after_rows_were_loaded_past_them(panels: dict[str, int]) -> None:
    with transaction(quiet=True) as session:
        account = AccountRecovery(panel_id=panels["panel-c"], account="1")
        session.add(account)
        session.flush()
        session.add(
            StageState(account_id=account.id, stage="orders", state=State.FAILED, done=0, total=1, sequence=1, at=NOW)
        )
        session.flush()
        recount(session, panels["panel-c"], NOW)
    assert counters(panels["panel-c"]) == {("orders", State.FAILED): 1}
    with reading() as session:
        assert session.scalars(select(PanelRecovery.seen)).all() == [1]
        assert session.scalar(select(ProgressPoint)) is None
