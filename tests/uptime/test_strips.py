"""The packed 90 days say at every moment what the day rows say, and what a recount from the spans would say."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from statuspage.db import transaction
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.status.models import Span
from statuspage.status.rules import Source
from statuspage.uptime.actions import count_since
from statuspage.uptime.models import DayUptime, UptimeStrip
from statuspage.uptime.queries import panel_days, seconds
from statuspage.uptime.rules import DAYS, Seconds, pack, unpack
from tests.probing.cases import component_id
from tests.scenes import WARSAW, panels

TODAY = date(2021, 3, 27)
NAMES = ("panel-a.login", "panel-a.archive", "panel-b.login")
SECONDS = st.builds(Seconds, *[st.integers(0, 90_000)] * 6)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Warsaw"))


@given(st.lists(st.dictionaries(st.integers(0, DAYS - 1), SECONDS, max_size=6), max_size=12))
def test_strips_added_up_are_the_days_added_up(components: list[dict[int, Seconds]]) -> None:
    by_day = [{TODAY - timedelta(days=back): spent for back, spent in one.items()} for one in components]
    expected: defaultdict[date, Seconds] = defaultdict(Seconds)
    for one in by_day:
        for day, spent in one.items():
            expected[day] += spent
    found = dict(unpack([pack(one, TODAY) for one in by_day], TODAY))
    assert found == {day: spent for day, spent in expected.items() if spent != Seconds()}


def test_a_day_that_is_older_than_the_strip_is_not_in_it() -> None:
    oldest = TODAY - timedelta(days=DAYS - 1)
    days = {oldest: Seconds(operational=1), oldest - timedelta(days=1): Seconds(major=1)}
    assert list(unpack([pack(days, TODAY)], TODAY)) == [(oldest, Seconds(operational=1))]


def from_rows(session: Session, today: date) -> dict[int, dict[date, Seconds]]:
    days: defaultdict[int, dict[date, Seconds]] = defaultdict(dict)
    found = select(Component.panel_id, DayUptime).join(DayUptime, DayUptime.component_id == Component.id)
    for panel_id, row in session.execute(found):
        if today - timedelta(days=DAYS) < row.day <= today:
            days[panel_id][row.day] = days[panel_id].get(row.day, Seconds()) + seconds(row)
    return dict(days)


def corrected(session: Session, random: Random, component: int, first: date, now: datetime) -> date:
    """History is told anew from some day on, as a late update does it. Returns that day."""
    since = first + timedelta(days=random.randrange((now.date() - first).days + 1))
    start = midnight(since) + timedelta(minutes=random.randrange(300))
    session.execute(delete(Span).where(Span.component_id == component, Span.started_at >= start))
    for span in session.scalars(select(Span).where(Span.component_id == component)):
        span.ended_at = start if span.ended_at is None or span.ended_at > start else span.ended_at
    session.flush()
    status = random.choice(list(Status))
    if start < now:
        session.add(Span(component_id=component, status=status, source=Source.PROBE, started_at=start))
    session.flush()
    return since


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_counted_corrected_or_left_for_days_the_strips_equal_a_recount(seed: int) -> None:
    random = Random(seed)
    first, now = date(2021, 1, 5), midnight(date(2021, 3, 20)) + timedelta(hours=9)
    with transaction() as session:
        panels(session)
        components = [component_id(session, name) for name in NAMES]
        for one in components:
            start = midnight(first)
            session.add(Span(component_id=one, status=Status.OPERATIONAL, source=Source.PROBE, started_at=start))
    for _ in range(25):
        with transaction() as session:
            today = now.astimezone(WARSAW).date()
            if random.random() < 0.4:
                one = random.choice(components)
                count_since(session, corrected(session, random, one, first, now), now, WARSAW, of=[one])
            else:
                last = session.scalar(select(func.max(DayUptime.day)).where(DayUptime.day <= today)) or today
                count_since(session, min(last, today - timedelta(days=1)), now, WARSAW)
            for ahead in (-3, 0, 1, 40):
                day = today + timedelta(days=ahead)
                assert panel_days(session, day) == from_rows(session, day)
        now += timedelta(hours=random.choice([0, 1, 13, 24, 80]))
    with transaction() as session:
        today = now.astimezone(WARSAW).date()
        count_since(session, first, now, WARSAW)
        counted = panel_days(session, today)
        session.execute(delete(UptimeStrip))
        session.execute(delete(DayUptime))
        count_since(session, first, now, WARSAW)
        assert session.scalar(select(func.count(UptimeStrip.component_id))) == len(components)
        assert panel_days(session, today) == counted == from_rows(session, today)


@pytest.mark.usefixtures("app")
def test_counting_within_a_day_writes_no_strip() -> None:
    now = midnight(TODAY) + timedelta(hours=9)
    with transaction() as session:
        panels(session)
        one = component_id(session, "panel-a.login")
        start = midnight(date(2021, 3, 1))
        session.add(Span(component_id=one, status=Status.OPERATIONAL, source=Source.PROBE, started_at=start))
        count_since(session, date(2021, 3, 1), now, WARSAW)
        session.execute(UptimeStrip.__table__.update().values(days=b"\0" * 2160))
        count_since(session, TODAY - timedelta(days=1), now + timedelta(hours=10), WARSAW)
        assert session.scalars(select(UptimeStrip)).one().days == b"\0" * 2160
        count_since(session, TODAY, now + timedelta(hours=16), WARSAW)
        strip = session.scalars(select(UptimeStrip)).one()
        assert (strip.until, strip.days) != (TODAY, b"\0" * 2160)
        assert strip.until == TODAY - timedelta(days=1)
