"""Day rows are counted from spans, and counting again gives the same rows."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.db import reading, transaction
from statuspage.panels.rules import Status
from statuspage.status.models import Span
from statuspage.status.rules import Source
from statuspage.uptime.actions import count_since
from statuspage.uptime.jobs import count_days
from statuspage.uptime.models import DayUptime
from tests.probing.cases import component_id
from tests.scenes import WARSAW, at, panels

pytestmark = pytest.mark.usefixtures("app")


def write(session: Session, status: Status, start: str, end: str | None) -> None:
    component = component_id(session, "panel-b.login")
    ends = at(end) if end else None
    session.add(Span(component_id=component, status=status, source=Source.PROBE, started_at=at(start), ended_at=ends))


def rows() -> list[tuple[date, int, int, int, int]]:
    with reading() as session:
        return [
            (row.day, row.operational, row.major, row.maintenance, row.unknown)
            for row in session.scalars(select(DayUptime).order_by(DayUptime.day))
        ]


def test_an_outage_over_midnight_belongs_to_both_days_also_where_the_clocks_change() -> None:
    with transaction() as session:
        panels(session)
        write(session, Status.OPERATIONAL, "2021-03-27 00:00", "2021-03-27 23:00")
        write(session, Status.MAJOR, "2021-03-27 23:00", "2021-03-28 04:00")
        write(session, Status.OPERATIONAL, "2021-03-28 04:00", None)
    for _ in range(2):
        with transaction() as session:
            count_since(session, date(2021, 3, 20), at("2021-03-29 00:01"), WARSAW)
        assert rows() == [
            (date(2021, 3, 27), 23 * 3600, 3600, 0, 0),
            (date(2021, 3, 28), 20 * 3600, 3 * 3600, 0, 0),
            (date(2021, 3, 29), 60, 0, 0, 0),
        ]


def test_maintenance_and_unknown_are_counted_apart() -> None:
    with transaction() as session:
        panels(session)
        write(session, Status.UNDER_MAINTENANCE, "2021-10-31 00:00", "2021-10-31 02:00")
        write(session, Status.UNKNOWN, "2021-10-31 02:00", "2021-11-01 00:00")
        count_since(session, date(2021, 10, 31), at("2021-11-02 00:00"), WARSAW)
    assert rows() == [(date(2021, 10, 31), 0, 0, 2 * 3600, 23 * 3600)]


def test_the_job_counts_the_days_that_were_missed_and_leaves_the_older_ones() -> None:
    with transaction() as session:
        panels(session)
        component = component_id(session, "panel-b.login")
        session.add(DayUptime(component_id=component, day=date(2021, 3, 9), operational=1))
        session.add(DayUptime(component_id=component, day=date(2021, 3, 10), operational=5))
        write(session, Status.OPERATIONAL, "2021-03-09 00:00", None)
    with time_machine.travel(at("2021-03-13 00:00") + timedelta(seconds=10), tick=False):
        count_days(WARSAW)
    assert rows() == [
        (date(2021, 3, 9), 1, 0, 0, 0),
        *[(date(2021, 3, day), 86400, 0, 0, 0) for day in (10, 11, 12)],
        (date(2021, 3, 13), 10, 0, 0, 0),
    ]
