"""Which look is due when: no slot twice, none left out, whatever the clock does."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.probing.agenda import NEWCOMERS_A_SECOND, Agenda, Due, Pace, pace
from statuspage.probing.rules import slot

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2021, 3, 10, 0, 47, tzinfo=WARSAW).timestamp()
AHEAD = 1.5
INTERVALS = some.sampled_from([1, 2, 7, 10, 30, 60, 3600])


class Run:
    """A worker in simulated time: a tick a second, looks that last as long as they are told to."""

    def __init__(self, intervals: dict[int, int], now: float = START, lasts: dict[int, float] | None = None) -> None:
        self.agenda = Agenda()
        self.now = now
        self.lasts = lasts or {}
        self.ends: list[tuple[float, int]] = []
        self.taken: list[Due] = []
        self.agenda.renew({one: pace(one, interval) for one, interval in intervals.items()}, now)

    def on(self, seconds: float) -> "Run":
        for _ in range(int(seconds)):
            tick = self.now
            self._take(tick + AHEAD)
            while self.ends and min(self.ends)[0] <= tick + 1:
                self.now, probe_id = min(self.ends)
                self.ends.remove((self.now, probe_id))
                self.agenda.end(probe_id, self.now)
                self._take(tick + AHEAD)
            self.now = tick + 1
        return self

    def jump(self, seconds: float) -> None:
        self.now += seconds
        self.ends = [(at + seconds, probe_id) for at, probe_id in self.ends]

    def _take(self, until: float) -> None:
        found = self.agenda.take(self.now, until)
        self.taken += found
        self.ends += [(max(one.at, self.now) + self.lasts.get(one.probe_id, 0.01), one.probe_id) for one in found]

    def slots(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for one in self.taken:
            found[one.probe_id].append(one.slot)
        return found


@given(some.dictionaries(some.integers(1, 10**6), INTERVALS, min_size=1, max_size=8), some.floats(0, 10**9))
def test_no_slot_is_left_out_or_taken_twice_while_the_worker_is_on_time(intervals: dict[int, int], now: float) -> None:
    run = Run(intervals, now).on(150)
    for probe_id, slots in run.slots().items():
        assert {later - earlier for earlier, later in pairwise(slots)} <= {intervals[probe_id]}
    assert set(run.slots()) >= {one for one in intervals if intervals[one] < 150}


@pytest.mark.parametrize("day", [datetime(2021, 3, 28, tzinfo=WARSAW), datetime(2021, 10, 31, tzinfo=WARSAW)])
def test_a_change_of_summer_time_leaves_out_nothing_and_doubles_nothing(day: datetime) -> None:
    before = (day + timedelta(hours=1, minutes=30)).timestamp()
    run = Run({1: 30, 2: 60}, before).on(2 * 3600)
    assert {later - earlier for earlier, later in pairwise(run.slots()[1])} == {30}
    assert {later - earlier for earlier, later in pairwise(run.slots()[2])} == {60}


@given(some.lists(some.floats(-5000, 5000), max_size=4), INTERVALS)
def test_when_the_clock_jumps_probing_goes_on_within_an_interval(jumps: list[float], interval: int) -> None:
    run = Run({1: interval, 2: interval})
    for jump in jumps:
        run.on(5)
        run.jump(jump)
        before = len(run.taken)
        # Set back by less than an interval, it waits for the slot after the one that was taken.
        run.on(2 * interval + 2)
        assert {one.probe_id for one in run.taken[before:]} == {1, 2}


@given(some.lists(some.floats(0, 5000), max_size=4), INTERVALS)
def test_a_clock_that_jumps_forward_doubles_no_slot(jumps: list[float], interval: int) -> None:
    run = Run({1: interval, 2: 30})
    for jump in jumps:
        run.on(40)
        run.jump(jump)
    assert max(Counter((one.probe_id, one.slot) for one in run.taken).values(), default=1) == 1


def test_a_clock_set_back_by_a_moment_doubles_no_slot() -> None:
    run = Run({1: 30, 2: 10}).on(65)
    run.jump(-8)
    run.on(65)
    assert max(Counter((one.probe_id, one.slot) for one in run.taken).values()) == 1


def test_a_hanging_half_delays_nobody() -> None:
    hanging = dict.fromkeys(range(0, 200, 2), 60.0)
    run = Run(dict.fromkeys(range(200), 1), lasts=hanging).on(30)
    healthy = [one for one in range(200) if one not in hanging]
    for probe_id in healthy:
        slots = run.slots()[probe_id]
        assert slots == list(range(slots[0], slots[0] + len(slots)))
        assert len(slots) >= 30
    assert all(len(run.slots()[one]) == 1 for one in hanging), "its first look is still under way"


def test_a_look_that_outlasts_its_slot_is_followed_at_once_by_the_slot_that_runs_then() -> None:
    run = Run({1: 10}, lasts={1: 25.0}).on(60)
    first, second, *_ = run.taken
    assert second.at == pytest.approx(first.at + 25, abs=1.1)
    assert second.slot == first.slot + 20 or second.slot == first.slot + 30


def test_at_a_start_all_are_looked_at_within_an_interval_and_no_second_is_crowded() -> None:
    run = Run(dict.fromkeys(range(10_000), 30)).on(30)
    assert set(run.slots()) == set(range(10_000))
    begun = Counter(int(one.at) for one in run.taken)
    assert max(begun.values()) <= 10_000 / 30 + NEWCOMERS_A_SECOND + 20


def test_a_single_newcomer_is_looked_at_at_once_however_long_its_interval() -> None:
    run = Run({1: 86_400}).on(1)
    assert [one.at for one in run.taken] == [START]


def test_looks_are_spread_evenly_over_the_interval_and_within_each_second() -> None:
    moments = [found.moment(found.shift) for found in (pace(one, 30) for one in range(10_000))]
    tenths = Counter(int(at * 10) for at in moments)
    assert len(tenths) == 300
    assert max(tenths.values()) <= 2 * min(tenths.values())


def test_in_doubt_it_is_looked_at_again_after_a_short_while_and_then_no_more() -> None:
    run = Run({1: 30}).on(31)
    run.agenda.doubt(1, run.now, in_doubt=True)
    run.on(30)
    doubtful = run.slots()[1][-3:]
    assert [later - earlier for earlier, later in pairwise(doubtful)] == [10, 10]
    run.agenda.doubt(1, run.now, in_doubt=False)
    count = len(run.taken)
    run.on(60)
    assert len(run.taken) - count == 2


def test_doubt_about_what_is_under_way_or_gone_plans_nothing_twice() -> None:
    run = Run({1: 30, 2: 30}, lasts={1: 1000.0}).on(31)
    run.agenda.doubt(1, run.now, in_doubt=True)
    run.agenda.doubt(9, run.now, in_doubt=True)
    count = len(run.slots()[1])
    assert len(run.on(60).slots()[1]) == count == 1


def test_what_is_no_longer_wanted_is_left_alone_and_a_new_interval_counts_from_now() -> None:
    run = Run({1: 30, 2: 3600, 3: 30}).on(5)
    run.agenda.renew({2: pace(2, 10), 3: pace(3, 30)}, run.now)
    before = len(run.taken)
    run.on(40)
    later = Counter(one.probe_id for one in run.taken[before:])
    assert 1 not in later
    assert later[2] in (4, 5)
    assert later[3] in (1, 2)


def test_after_a_cut_of_our_own_all_is_looked_at_anew() -> None:
    run = Run({1: 3600, 2: 3600}).on(5)
    run.agenda.forget(run.now)
    assert Counter(one.probe_id for one in run.on(5).taken) == {1: 2, 2: 2}


def test_a_look_may_wait_for_its_place_until_the_next_slot_begins() -> None:
    (due,) = Run({1: 30}).on(1).taken
    assert due.until == pace(1, 30).moment(due.slot + 30)


@given(some.integers(1, 10**6), INTERVALS, some.floats(0, 2 * 10**9), some.booleans())
def test_slots_are_those_that_the_rules_name_and_follow_one_another(
    probe_id: int, interval: int, now: float, in_doubt: bool
) -> None:
    found = pace(probe_id, interval, in_doubt=in_doubt)
    at = datetime.fromtimestamp(now, WARSAW)
    now = at.timestamp()  # in whole microseconds
    assert found.slot(now) == slot(at, interval, found.shift, in_doubt=in_doubt)
    following = found.after(found.slot(now))
    assert found.slot(now) <= now < following
    assert found.slot(following) == following
    assert Pace(interval, found.shift, 0, in_doubt, last=found.slot(now)).next_slot(now) == following


def test_who_takes_a_probe_over_leaves_the_slot_alone_that_has_its_result() -> None:
    agenda = Agenda()
    agenda.renew({1: pace(1, 30, seen_at=START), 2: pace(2, 30, seen_at=START - 30)}, START)
    assert [one.probe_id for one in agenda.take(START, START + 0.1)] == [2]
