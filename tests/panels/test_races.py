"""Two that change what belongs together take their locks in one order, so that neither is refused."""

import threading
from collections.abc import Callable, Collection
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.panels import actions, queries
from statuspage.panels.actions import About
from statuspage.panels.rules import Days, Status
from statuspage.probing import outages
from statuspage.probing.actions import store
from statuspage.status.actions import record
from tests.probing.cases import START, saw, stored, with_probes
from tests.races import together
from tests.scenes import both

OVERTAKES = 0.5
Act = Callable[[Session], object]


@pytest.fixture
def probe_id(app: Flask) -> int:
    (made,) = with_probes("panel-a.login")
    return made


def crossing(app: Flask, first: Act, then: Act) -> list[object]:
    """`first` holds what it locked while `then` begins, which gets as far as it can before `first` goes on."""
    holds = threading.Event()

    def leading(session: Session) -> None:
        first(session)
        session.flush()
        holds.set()
        threading.Event().wait(OVERTAKES)

    def following(session: Session) -> None:
        then(session)

    # On SQLite the second may be the first to write; then the first simply waits for it, too.
    return list(together(app, leading, lambda session: (holds.wait(OVERTAKES), following(session))[1]))


def test_an_outage_and_a_change_of_the_days_of_its_panel_do_not_refuse_each_other(app: Flask, probe_id: int) -> None:
    def fall(session: Session) -> None:
        outages.begin(session, {probe_id: START})

    def edit(session: Session) -> None:
        panel = queries.panel_at(session, "panel-a")
        about = About(both("A", "A"), None, "", 1, Days(None, date(2010, 1, 1)), opens_temporary=False)
        actions.edit(session, "panel-a", panel.version, about, SYSTEM)

    assert crossing(app, fall, edit) == [None, None]


def test_two_workers_whose_probes_fall_and_return_crosswise_do_not_refuse_each_other(
    app: Flask, probe_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (other_id,) = with_probes("panel-b.login")
    third_id, fourth_id = with_probes("panel-a.archive", "panel-b.archive")
    stored(*saw(probe_id, True, False, False), *saw(other_id, True, False, False))
    stored(*saw(third_id, True, False), *saw(fourth_id, True, False))
    stored(*saw(probe_id, True, first=3), *saw(other_id, True, first=3))
    end = outages.end

    def late(session: Session, back: Collection[int]) -> None:
        threading.Event().wait(OVERTAKES)
        end(session, back)

    monkeypatch.setattr(outages, "end", late)

    def sees(falls: int, returns: int) -> Act:
        seen = [*saw(falls, False, first=4), *saw(returns, True, first=4)]
        return lambda session: store(session, seen)

    assert together(app, sees(third_id, other_id), sees(fourth_id, probe_id)) == [2, 2]


def test_an_override_and_the_dating_of_changes_do_not_refuse_each_other(app: Flask, probe_id: int) -> None:
    def override(session: Session) -> None:
        actions.override(session, "panel-a.login", Status.MAJOR, "The disk burns.", SYSTEM)

    def date_changes(session: Session) -> None:
        record(session, clock.now())

    assert crossing(app, override, date_changes) == [None, None]


def test_a_new_function_and_an_outage_do_not_refuse_each_other(app: Flask, probe_id: int) -> None:
    def fall(session: Session) -> None:
        outages.begin(session, {probe_id: START})

    def add(session: Session) -> None:
        actions.add_function(session, "telephone", both("Telefon", "Telephone"), 9, SYSTEM, key=False)

    assert crossing(app, fall, add) == [None, None]
    with transaction() as session:
        assert queries.component_at(session, "panel-a.telephone")
