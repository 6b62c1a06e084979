"""What is stored of a look, and what follows from it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from statuspage.audit.actions import SYSTEM
from statuspage.db import Site, db, reading, transaction
from statuspage.errors import NotFound, RuleBroken
from statuspage.probing.actions import Seen, beat, forget_old, remove, store, switch_off
from statuspage.probing.models import Outage, OutageHit, Probe, ProbeResult
from statuspage.probing.queries import old_results
from statuspage.probing.rules import HOUR, KEPT, Kind, Look, Verdict
from tests.probing.cases import START, saw, stored, with_probes
from tests.races import together

pytestmark = pytest.mark.usefixtures("app")


def probe(number: int) -> Probe:
    with reading() as session:
        found = session.get_one(Probe, number)
        session.expunge_all()
        return found


def outages() -> list[Outage]:
    with reading() as session:
        found = list(session.scalars(select(Outage).order_by(Outage.id)))
        for one in found:
            list(one.hits)
        session.expunge_all()
        return found


def revision() -> int:
    with reading() as session:
        return session.scalars(select(Site.revision)).one()


def test_results_are_kept_with_their_phases_and_move_the_standing() -> None:
    (one,) = with_probes("panel-a.login")
    assert stored(*saw(one, True, False)) == 1
    found = probe(one)
    assert (found.verdict, found.streak, found.last_error) == (Verdict.UP, 1, "HTTP 500")
    with reading() as session:
        rows = session.scalars(select(ProbeResult).order_by(ProbeResult.slot))
        assert [(row.ok, row.total_ms) for row in rows] == [(True, 12.0), (False, 12.0)]


def test_a_slot_counts_once_however_often_it_is_stored() -> None:
    (one,) = with_probes("panel-a.login")
    for _ in range(3):
        stored(*saw(one, True, False))
    assert (probe(one).verdict, probe(one).streak) == (Verdict.UP, 1)


def test_a_result_that_comes_late_is_kept_but_changes_nothing() -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, True, first=5))
    stored(*saw(one, False, False, False, first=1))
    assert probe(one).verdict is Verdict.UP
    assert outages() == []


def test_results_of_a_probe_that_was_deleted_are_dropped() -> None:
    (one,) = with_probes("panel-a.login")
    with transaction() as session:
        session.delete(session.get_one(Probe, one))
    assert stored(*saw(one, True)) == 0


def test_only_a_changed_verdict_moves_the_revision_of_the_page() -> None:
    (one,) = with_probes("panel-a.login")
    before = revision()
    stored(*saw(one, True))
    assert revision() == before + 1
    stored(*saw(one, True, True, False, first=1))
    assert revision() == before + 1
    stored(*saw(one, False, first=4))
    assert revision() == before + 2


def test_an_outage_begins_with_the_first_failure_and_ends_with_the_first_success() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True, False, False))
    (outage,) = outages()
    assert outage.started_at == START + timedelta(seconds=10)
    assert (outage.hits[0].error, outage.hits[0].ended_at, outage.ended_at) == ("HTTP 500", None, None)
    stored(*saw(one, True, True, first=3))
    (outage,) = outages()
    assert outage.ended_at == START + timedelta(seconds=30)


def test_probes_of_one_panel_share_an_outage_that_ends_with_the_last_and_other_panels_have_their_own() -> None:
    login, api, other = with_probes("panel-b.login", "panel-b.api", "panel-a.login")
    stored(*saw(login, False, False), *saw(api, True, False, False), *saw(other, True, True, True))
    assert [len(one.hits) for one in outages()] == [2]
    stored(*saw(other, False, False, first=3), *saw(login, True, True, first=2))
    first, second = outages()
    assert first.panel_id != second.panel_id
    assert first.ended_at is None
    stored(*saw(api, True, True, first=3))
    first, second = outages()
    assert first.ended_at == START + timedelta(seconds=30)
    assert second.ended_at is None


def test_a_relapse_is_a_new_outage() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, False, False, True, True, False, False))
    assert [one.ended_at is None for one in outages()] == [False, True]


def test_two_workers_that_store_the_same_results_at_once_make_one_outage(app: Flask) -> None:
    ids = with_probes("panel-b.login", "panel-b.api", "panel-b.archive")
    seen = [result for one in ids for result in saw(one, True, False, False)]
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                for result in sorted(seen, key=lambda result: result.slot):
                    stored(result)
        except BaseException as error:  # noqa: BLE001  # shown in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with reading() as session:
        assert session.scalar(select(func.count(ProbeResult.slot))) == 9
        assert session.scalar(select(func.count(OutageHit.id))) == 3
    assert [one.streak for one in map(probe, ids)] == [2, 2, 2]
    assert len(outages()) == 1


def test_two_workers_that_see_the_same_panels_fall_do_not_stand_in_each_others_way(app: Flask) -> None:
    names = [f"panel-{letter}.login" for letter in "abcd"]
    ways = with_probes(*names), with_probes(*reversed(names))
    for number in range(8):
        ok = number % 2 == 1
        looks = [[look for one in way for look in saw(one, ok, ok, first=2 * number)] for way in ways]
        changed = together(app, *(partial(store, seen=seen) for seen in looks))
        assert changed == [4, 4]


def test_a_beat_is_known_by_its_token_alone() -> None:
    one, other = with_probes("panel-a.login", "panel-a.api", kind=Kind.HEARTBEAT)
    with transaction() as session:
        session.get_one(Probe, one).token_hash = b"1" * 32
        session.get_one(Probe, other).token_hash = b"2" * 32
    with transaction(quiet=True) as session:
        assert beat(session, b"1" * 32, START)
        assert not beat(session, b"3" * 32, START)
    assert (probe(one).beat_at, probe(other).beat_at) == (START, None)


def test_old_results_are_forgotten_in_batches_whole_hours_at_a_time_and_young_ones_stay() -> None:
    one, other = with_probes("panel-a.login", "panel-a.api")
    stored(*saw(one, *[True] * 82))  # 13 minutes of one hour, 40 seconds of the next
    stored(*saw(other, True))
    ends = int(START.timestamp()) + 13 * 60
    with transaction(quiet=True) as session:
        session.get_one(Probe, one).counted_until = ends + HOUR
        session.get_one(Probe, other).counted_until = ends - HOUR
    with transaction(quiet=True) as session:
        assert forget_old(session, START + KEPT) == 0, "the hour is not over yet a week ago"
        later = START + KEPT + timedelta(minutes=14)
        assert [forget_old(session, later, limit=50) for _ in range(3)] == [50, 28, 0]
        left = session.execute(select(ProbeResult.probe_id, func.count()).group_by(ProbeResult.probe_id)).all()
        assert sorted(map(tuple, left)) == [(one, 4), (other, 1)], "what is not counted stays, however old"


def test_what_is_to_be_forgotten_is_found_without_walking_through_what_stays() -> None:
    with reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("the question for the plan is SQLite's; PostgreSQL plans by the number of rows")
        sql = old_results(START).limit(9).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert any(step.startswith("SEARCH probe_result USING PRIMARY KEY (probe_id=? AND slot<?)") for step in plan)


def test_a_result_keeps_when_it_began_and_each_phase_to_a_tenth_of_a_millisecond() -> None:
    (one,) = with_probes("panel-a.login")
    at = START + timedelta(seconds=3, milliseconds=217)
    phases = {"dns": 1.234, "connect": 20.07, "first_byte": 0.0}
    stored(Seen(one, int(START.timestamp()), at, Look(True, total_ms=86_400_000.0, phases=phases)))
    with reading() as session:
        (row,) = session.scalars(select(ProbeResult))
        assert (row.at, row.total_ms) == (at, 86_400_000.0)
        assert row.phases == {"dns": 1.2, "connect": 20.1, "first_byte": 0.0}


def test_a_probe_goes_with_its_results_unless_it_was_counted_in_an_outage() -> None:
    one, other = with_probes("panel-a.login", "panel-a.api")
    stored(*saw(one, True, True), *saw(other, True, False, False))
    with transaction() as session:
        remove(session, one, SYSTEM)
    with reading() as session:
        assert session.scalars(select(ProbeResult.probe_id).distinct()).all() == [other]
    for gone, error in ((one, NotFound), (other, RuleBroken)):
        with pytest.raises(error), transaction() as session:
            remove(session, gone, SYSTEM)
    with transaction() as session:
        switch_off(session, other, SYSTEM)
    (outage,) = outages()
    assert (probe(other).enabled, outage.ended_at is not None) == (False, True)


def statements(act: Callable[[], object]) -> int:
    """How many statements the database is asked while this is done."""
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)


def test_a_disaster_asks_the_database_no_more_than_one_probe_that_falls_or_is_back() -> None:
    lone, *many = with_probes("panel-a.login", *["panel-b.login"] * 30)
    both_ways = []
    for ids in ([lone], many):
        stored(*(one for number in ids for one in saw(number, True, False)))
        fall = [saw(number, False, first=2)[0] for number in ids]
        back = [one for number in ids for one in saw(number, True, first=3)]
        both_ways.append([statements(lambda seen=fall: stored(*seen)), statements(lambda seen=back: stored(*seen))])
        last = [saw(number, True, first=4)[0] for number in ids]
        both_ways[-1].append(statements(lambda seen=last: stored(*seen)))
    assert both_ways[1] == both_ways[0]
    assert [(one.panel_id, len(one.hits), one.ended_at is None) for one in outages()] == [(1, 1, False), (2, 30, False)]
