"""Spans: from when to when, exact, and written anew where history was corrected."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.db import reading, transaction
from statuspage.maintenance.models import Maintenance
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Probe
from statuspage.probing.queries import probe
from statuspage.status.actions import recompute, record
from statuspage.status.models import Span
from statuspage.status.rules import Source
from tests.probing.cases import START, component_id, saw, stored, with_probes
from tests.scenes import both, told

pytestmark = pytest.mark.usefixtures("app")


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def recorded(seconds: int) -> int:
    with transaction(quiet=True) as session:
        return record(session, after(seconds))


def spans(public_id: str = "panel-b.login") -> list[tuple[Status, Source, int, int | None]]:
    with reading() as session:
        found = select(Span).where(Span.component_id == component_id(session, public_id)).order_by(Span.started_at)
        return [
            (one.status, one.source, seconds(one.started_at), seconds(one.ended_at) if one.ended_at else None)
            for one in session.scalars(found)
        ]


def seconds(moment: datetime) -> int:
    return int((moment - START).total_seconds())


def test_an_outage_of_a_probe_is_a_span_from_its_first_failure_to_its_first_success() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True))
    recorded(1)
    stored(*saw(one, True, False, False, first=1))
    recorded(31)
    stored(*saw(one, True, True, first=4))
    recorded(52)
    assert spans() == [
        (Status.OPERATIONAL, Source.PROBE, 1, 20),
        (Status.MAJOR, Source.PROBE, 20, 40),
        (Status.OPERATIONAL, Source.PROBE, 40, None),
    ]
    assert spans("panel-a.login") == [(Status.OPERATIONAL, Source.NONE, 1, None)]


def test_recording_again_changes_nothing() -> None:
    with_probes("panel-b.login")
    assert recorded(1) == 36
    assert recorded(2) == 0


def test_a_probe_that_is_silent_for_three_intervals_is_unknown_since_its_last_result() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True, True))
    recorded(11)
    recorded(40)
    assert [one[0] for one in spans()] == [Status.OPERATIONAL]
    recorded(41)
    assert spans()[-1] == (Status.UNKNOWN, Source.PROBE, 41, None), "it was shown as up until 11, so not before"
    assert spans()[0][3] == 41


def test_maintenance_silences_a_red_probe_which_is_red_again_when_the_work_ends() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, True))
    recorded(1)
    with transaction() as session:
        session.add(
            Maintenance(
                public_id="work",
                title=both("Prace", "Work"),
                body=told("Prace", "Work"),
                starts_at=after(5),
                ends_at=after(60),
                announced_at=after(0),
                changed_at=after(0),
                components=[session.get_one(Component, component_id(session, "panel-b.login"))],
            )
        )
    recorded(6)
    stored(*saw(one, False, False, False, False, False, first=1))
    recorded(50)
    recorded(60)
    assert spans()[1:] == [
        (Status.UNDER_MAINTENANCE, Source.MAINTENANCE, 5, 60),
        (Status.MAJOR, Source.PROBE, 60, None),
    ]


def test_an_override_of_staff_wins_until_it_is_released() -> None:
    (one,) = with_probes("panel-b.login")
    stored(*saw(one, False, False))
    recorded(11)
    with transaction() as session:
        component = session.get_one(Component, component_id(session, "panel-b.login"))
        component.override, component.override_at = Status.OPERATIONAL, after(15)
    recorded(16)
    with transaction() as session:
        component = session.get_one(Component, component_id(session, "panel-b.login"))
        component.override = component.override_at = None
    recorded(19)
    assert spans() == [
        (Status.MAJOR, Source.PROBE, 11, 15),
        (Status.OPERATIONAL, Source.OVERRIDE, 15, 19),
        (Status.MAJOR, Source.PROBE, 19, None),
    ]


def test_two_that_record_at_once_leave_one_open_span_a_component(app: Flask) -> None:
    (one,) = with_probes("panel-b.login")
    recorded(0)
    stored(*saw(one, False, False))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                recorded(20)
        except BaseException as error:  # noqa: BLE001  # shown in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with reading() as session:
        open_spans = list(session.scalars(select(Span.component_id).where(Span.ended_at.is_(None))))
    assert len(open_spans) == len(set(open_spans)) == 36


def test_an_outage_known_later_is_written_into_the_past_and_once_more_changes_nothing() -> None:
    (one,) = with_probes("panel-b.login")
    recorded(0)
    with transaction() as session:
        session.get_one(Probe, one).enabled = False
    recorded(1)
    stored(*saw(one, False, False, True, True, first=2))
    for _ in range(2):
        with transaction() as session:
            recompute(session, [component_id(session, "panel-b.login")], after(10), after(100))
        assert spans()[-3:] == [
            (Status.OPERATIONAL, Source.NONE, 1, 20),
            (Status.MAJOR, Source.PROBE, 20, 40),
            (Status.OPERATIONAL, Source.NONE, 40, None),
        ]
    with reading() as session:
        assert probe(session, one).streak_ok
