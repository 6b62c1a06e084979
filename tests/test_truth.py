"""The page may be late but never wrong: outages in simulated time, what was true against what the page says."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from benchmarks.replay import Kind, Site, Story, Told, replayed, stories
from benchmarks.truth import SEED, WARSAW, Measured, measure
from statuspage.db import reading, transaction
from statuspage.panels.rules import Status
from statuspage.probing.actions import Seen, note_uplink
from statuspage.probing.models import Outage
from statuspage.probing.rules import Look
from statuspage.status.actions import record
from statuspage.status.models import Span
from statuspage.status.queries import effective_now
from statuspage.uptime.actions import count_since
from statuspage.uptime.models import DayUptime
from statuspage.uptime.queries import FIELD_STATUS
from tests.probing.cases import component_id, stored, with_probes

pytestmark = pytest.mark.truth
STEADY = (Kind.HARD, Kind.HANGING, Kind.PARTIAL, Kind.SLOW)


@pytest.fixture(scope="module")
def thousand() -> list[Measured]:
    return [measure(story, replayed(story)) for story in stories(SEED, 1000)]


def of(thousand: list[Measured], *kinds: Kind) -> list[Measured]:
    found = [one for one in thousand if one.story.kind in kinds]
    assert len(found) >= 100 * len(kinds)
    return found


def test_over_a_thousand_outages_nothing_is_ever_red_that_was_not(thousand: list[Measured]) -> None:
    assert [one for one in thousand if one.false_red] == []


def test_past_the_bound_of_seeing_it_nothing_is_green_while_an_outage_goes_on(thousand: list[Measured]) -> None:
    assert [one for one in thousand if one.false_green] == []


def test_red_comes_within_its_bound(thousand: list[Measured]) -> None:
    for one in of(thousand, *STEADY):
        assert one.to_red is not None
        assert 0 <= one.to_red <= one.story.red_within, one


def test_green_comes_back_within_its_bound(thousand: list[Measured]) -> None:
    for one in of(thousand, *STEADY):
        assert one.to_green is not None
        assert one.to_green <= one.story.green_within, one


def test_a_dead_worker_is_unknown_within_three_intervals(thousand: list[Measured]) -> None:
    for one in of(thousand, Kind.DEAD):
        assert one.to_unknown is not None
        assert one.to_unknown <= one.story.unknown_within == 3 * one.story.interval + 2, one


def test_a_cut_of_our_own_network_is_unknown_within_an_interval_and_a_hanging_look(thousand: list[Measured]) -> None:
    for one in of(thousand, Kind.CUT):
        assert one.to_red is None
        assert one.to_unknown is not None
        assert one.to_unknown <= one.story.interval + one.story.timeout + 2, one


def test_most_outages_are_red_sooner_than_without_a_retry(thousand: list[Measured]) -> None:
    hard = [one for one in of(thousand, Kind.HARD) if one.story.down_after > 1]
    assert sum((one.to_red or 0) < (one.story.down_after - 0.5) * one.story.interval for one in hard) > len(hard) * 0.9


def test_both_changes_of_summer_time_fall_into_outages() -> None:
    changes = {datetime.fromisoformat("2021-03-28T01:00:00+00:00"), datetime.fromisoformat("2021-10-31T01:00:00+00:00")}
    hit: Counter[datetime] = Counter()
    for story in stories(SEED, 1000):
        first, last = (story.start + timedelta(seconds=second) for second in (story.begin, story.end))
        hit.update(change for change in changes if first <= change <= last)
    assert set(hit) == changes
    assert min(hit.values()) > 100


def test_an_outage_is_dated_from_its_first_failure_to_its_first_success() -> None:
    for story in [one for one in stories(SEED, 300) if one.kind is Kind.HARD and one.probes == 1]:
        site = Site(story)
        told = replayed(story, site)
        first = next(at for at, ok in site.seen if not ok)
        back = next(at for at, ok in site.seen if ok and at > first)
        assert [(one.status, one.since) for one in told][-2:] == [(Status.MAJOR, first), (Status.OPERATIONAL, back)]


class RealSite(Site):
    """The same, with the real actions on a real database beside it."""

    def __init__(self, story: Story) -> None:
        super().__init__(story)
        self.probes = with_probes(
            *["panel-b.login"] * story.probes,
            interval=story.interval,
            down_after=story.down_after,
            up_after=story.up_after,
            created_at=story.start,
        )

    def store(self, probe: int, at: datetime, *, ok: bool, degraded: bool) -> None:
        super().store(probe, at, ok=ok, degraded=degraded)
        stored(Seen(self.probes[probe], int(at.timestamp()), at, Look(ok, None if ok else "HTTP 500", degraded)))

    def impair(self, at: datetime | None) -> None:
        super().impair(at)
        with transaction(quiet=True) as session:
            note_uplink(session, at, at or self.story.start)

    def compare(self, second: int) -> None:
        """The database says what the rules say; its spans follow."""
        now = self.story.start + timedelta(seconds=second)
        with transaction(quiet=True) as session:
            claim = effective_now(session, now)[component_id(session, "panel-b.login")]
            record(session, now)
        assert (claim.status, claim.since) == self.says(now), (self.story, second)


def spans() -> list[Span]:
    with reading() as session:
        return list(
            session.query(Span).filter_by(component_id=component_id(session, "panel-b.login")).order_by(Span.id)
        )


def changes(told: list[Told]) -> list[Told]:
    return [
        one for one, before in zip(told, [None, *told], strict=False) if before is None or before.status != one.status
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("story", list(stories(7, 21)), ids=lambda one: f"{one.kind}-{one.start:%m-%d}-{one.begin}")
def test_spans_and_uptime_in_the_database_are_exact_to_the_second(story: Story) -> None:
    site = RealSite(story)
    told = replayed(story, site, site.compare)
    expected = [(one.status, one.since) for one in changes(told)][1:]
    found = spans()
    assert [(one.status, one.started_at) for one in found][1:] == expected
    end = story.start + timedelta(seconds=story.length)
    days = {story.start.astimezone(WARSAW).date(), end.astimezone(WARSAW).date()}
    with transaction() as session:
        count_since(session, min(days), end, WARSAW)
        rows = session.query(DayUptime).filter_by(component_id=component_id(session, "panel-b.login")).all()
        outages = session.query(Outage).count()
    counted = Counter({status: sum(getattr(row, name) for row in rows) for name, status in FIELD_STATUS.items()})
    lasted: Counter[Status] = Counter()
    for one in found:
        lasted[one.status] += int(((one.ended_at or end) - one.started_at).total_seconds())
    assert +counted == +lasted
    assert outages == 0 or story.kind not in (Kind.CUT, Kind.DEAD, Kind.SLOW)
