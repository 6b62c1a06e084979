"""Which source speaks for a component, since when, and what was shown in the past."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.panels.rules import Status
from statuspage.status.rules import (
    NOBODY,
    Claim,
    Source,
    Stretch,
    began,
    effective,
    failing,
    of_panel,
    of_probes,
    replay,
    runs,
)

T0 = datetime(2021, 3, 10, 0, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def says(source: Source, status: Status, minutes: int = 0) -> Claim:
    return Claim(source, status, at(minutes))


RED = says(Source.PROBE, Status.MAJOR, 5)
GREEN = says(Source.PROBE, Status.OPERATIONAL)
SILENT = says(Source.PROBE, Status.UNKNOWN, 3)
WORKS = says(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, 2)
LIMITED = says(Source.INCIDENT, Status.DEGRADED, 1)


def test_nobody_says_anything_is_operational() -> None:
    assert effective([]) == NOBODY


def test_the_worst_source_speaks() -> None:
    assert effective([GREEN, LIMITED]) == LIMITED
    assert effective([RED, LIMITED, GREEN]) == RED


def test_an_incident_that_says_operational_asserts_nothing_against_a_red_probe() -> None:
    fine = says(Source.INCIDENT, Status.OPERATIONAL)
    assert effective([fine, RED]) == RED


def test_silence_is_worse_than_up_and_better_than_degraded() -> None:
    assert effective([GREEN, SILENT]) == SILENT
    assert effective([SILENT, LIMITED]) == LIMITED


def test_maintenance_silences_probes_but_never_an_incident() -> None:
    assert effective([RED, WORKS]) == WORKS
    assert effective([SILENT, WORKS]) == WORKS
    assert effective([RED, WORKS, LIMITED]) == LIMITED


def test_an_override_wins_over_everything() -> None:
    fine = says(Source.OVERRIDE, Status.OPERATIONAL)
    assert effective([RED, WORKS, LIMITED, fine]) == fine


def test_of_equal_claims_the_incident_speaks_then_the_oldest() -> None:
    told = says(Source.INCIDENT, Status.MAJOR, 9)
    assert effective([RED, told]) == told
    older = says(Source.PROBE, Status.MAJOR, 4)
    assert effective([RED, older]) == older


def test_an_outage_dates_from_its_first_failure() -> None:
    assert began(GREEN, [RED], RED, at(6)) == at(5)


def test_what_is_worse_than_an_incident_dates_from_its_own_beginning() -> None:
    assert began(LIMITED, [RED, LIMITED], RED, at(6)) == at(5)


def test_nothing_begins_before_what_it_follows() -> None:
    early = says(Source.PROBE, Status.MAJOR, -30)
    assert began(GREEN, [early], early, at(6)) == at(6)


@pytest.mark.parametrize("hidden_by", [says(Source.OVERRIDE, Status.OPERATIONAL), WORKS])
def test_what_an_override_or_maintenance_hid_begins_when_it_ends(hidden_by: Claim) -> None:
    assert began(hidden_by, [RED], RED, at(20)) == at(20)


def test_after_an_incident_the_milder_probe_begins_now() -> None:
    told = says(Source.INCIDENT, Status.MAJOR, 1)
    slow = says(Source.PROBE, Status.DEGRADED, 5)
    assert began(told, [slow], slow, at(20)) == at(20)


def test_a_probe_that_is_back_dates_from_its_return_and_of_several_from_the_last() -> None:
    one, other = says(Source.PROBE, Status.OPERATIONAL, 10), says(Source.PROBE, Status.OPERATIONAL, 12)
    assert began(RED, [one], one, at(15)) == at(10)
    assert began(RED, [one, other], one, at(15)) == at(12)


def test_silence_dates_from_the_last_result() -> None:
    assert began(GREEN, [SILENT], SILENT, at(6)) == at(3)


def test_a_panel_is_down_when_a_key_function_is_or_all_are() -> None:
    up, down, slow = Status.OPERATIONAL, Status.MAJOR, Status.DEGRADED
    assert of_panel([(down, True), (up, False)]) is Status.MAJOR
    assert of_panel([(down, False), (down, False)]) is Status.MAJOR
    assert of_panel([(down, False), (up, True)]) is Status.PARTIAL
    assert of_panel([(slow, False), (up, True)]) is Status.DEGRADED
    assert of_panel([(up, True)]) is Status.OPERATIONAL
    assert of_panel([(Status.UNKNOWN, True), (up, False)]) is Status.UNKNOWN


def test_the_past_is_replayed_from_all_that_was_said() -> None:
    told = Stretch(says(Source.INCIDENT, Status.DEGRADED, 10), at(10), at(40))
    failed = Stretch(says(Source.PROBE, Status.MAJOR, 20), at(20), at(30))
    shown = replay([told, failed], at(0), at(60))
    assert [(one.claim.status, one.start, one.end) for one in shown] == [
        (Status.OPERATIONAL, at(0), at(10)),
        (Status.DEGRADED, at(10), at(20)),
        (Status.MAJOR, at(20), at(30)),
        (Status.DEGRADED, at(30), at(40)),
        (Status.OPERATIONAL, at(40), at(60)),
    ]


def test_to_say_the_same_again_begins_nothing_but_after_another_status_it_does() -> None:
    down, slow = Status.MAJOR, Status.DEGRADED
    assert runs([(down, at(0)), (down, at(5)), (slow, at(10)), (down, at(20)), (down, at(30))]) == [
        (down, at(0)),
        (slow, at(10)),
        (down, at(20)),
    ]
    assert runs([]) == []


def test_a_clock_that_was_set_back_neither_reorders_what_was_said_nor_dates_it_before() -> None:
    assert runs([(Status.MAJOR, at(20)), (Status.DEGRADED, at(5)), (Status.PARTIAL, at(30))]) == [
        (Status.MAJOR, at(20)),
        (Status.DEGRADED, at(20)),
        (Status.PARTIAL, at(30)),
    ]


SAID = some.builds(
    lambda source, status, start, length: Stretch(
        says(source, status, start), at(start), None if length is None else at(start + length)
    ),
    some.sampled_from([Source.INCIDENT, Source.PROBE, Source.MAINTENANCE, Source.OVERRIDE]),
    some.sampled_from(list(Status)),
    some.integers(-20, 70),
    some.none() | some.integers(1, 50),
)


@given(some.lists(SAID, max_size=6))
def test_a_replay_covers_all_the_time_once_and_each_minute_says_what_was_effective(said: list[Stretch]) -> None:
    shown = replay(said, at(0), at(60))
    assert (shown[0].start, shown[-1].end) == (at(0), at(60))
    assert all(one.end == other.start for one, other in pairwise(shown))
    for minute in range(60):
        speaking = [one.claim for one in said if one.start <= at(minute) and (one.end is None or one.end > at(minute))]
        (now,) = [one for one in shown if one.start <= at(minute) and one.end and one.end > at(minute)]
        assert (now.claim.status, now.claim.source) == (effective(speaking).status, effective(speaking).source)


def test_a_component_of_whose_probes_only_a_part_fails_is_degraded_since_that_is_so() -> None:
    up, down = ("one", Status.OPERATIONAL, at(0)), ("other", Status.MAJOR, at(5))
    assert of_probes([up, down]) == Claim(Source.PROBE, Status.DEGRADED, at(5), "other")
    assert of_probes([("one", Status.MAJOR, at(7)), down]) == Claim(Source.PROBE, Status.MAJOR, at(7), "other")
    back = ("one", Status.OPERATIONAL, at(9))
    assert of_probes([back, down]) == Claim(Source.PROBE, Status.DEGRADED, at(9), "other")


def test_what_nobody_knows_does_not_excuse_a_probe_that_is_down() -> None:
    silent, down = ("one", Status.UNKNOWN, at(1)), ("other", Status.MAJOR, at(5))
    assert of_probes([silent, down]) == Claim(Source.PROBE, Status.MAJOR, at(5), "other")
    assert of_probes([silent, ("other", Status.OPERATIONAL, at(0))]) == Claim(
        Source.PROBE, Status.UNKNOWN, at(1), "one"
    )
    assert of_probes([]) is None


def test_probes_that_are_all_good_say_so_since_the_last_returned_and_slow_since_the_first_was() -> None:
    good = [("one", Status.OPERATIONAL, at(1)), ("other", Status.OPERATIONAL, at(4))]
    assert of_probes(good) == Claim(Source.PROBE, Status.OPERATIONAL, at(4), "one")
    slow = [("one", Status.DEGRADED, at(3)), ("other", Status.DEGRADED, at(2)), ("third", Status.OPERATIONAL, at(9))]
    assert of_probes(slow) == Claim(Source.PROBE, Status.DEGRADED, at(2), "other")


def test_the_past_of_two_probes_is_degraded_while_one_and_down_while_both_were() -> None:
    one, other = Stretch(RED, at(1), at(4)), Stretch(RED, at(2), None)
    found = [(part.claim.status, part.start, part.end) for part in failing([one, other], probes=2)]
    assert found == [
        (Status.DEGRADED, at(1), at(2)),
        (Status.MAJOR, at(2), at(4)),
        (Status.DEGRADED, at(4), None),
    ]
    assert [part.claim.status for part in failing([one], probes=1)] == [Status.MAJOR]
    assert failing([], probes=1) == []
