"""Which report wins, and when a queue will be empty: without app or database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.recovery.rules.forwarding import TransferKind, drain, sampled, stalled_since, would_duplicate
from statuspage.recovery.rules.history import past, remembered
from statuspage.recovery.rules.links import login_key
from statuspage.recovery.rules.pace import count_at
from statuspage.recovery.rules.progress import shown
from statuspage.recovery.rules.reports import Report, Standing, State, contradiction, decide

NOW = datetime(2021, 3, 22, 13, tzinfo=UTC)
REPORTS = st.lists(
    st.builds(
        Report,
        panel=st.just("panel-c"),
        account=st.sampled_from("ab"),
        stage=st.sampled_from(["orders", "archive"]),
        state=st.sampled_from(State),
        done=st.integers(0, 2),
        total=st.just(2),
        sequence=st.integers(0, 2),
        at=st.sampled_from([NOW, NOW + timedelta(seconds=1)]),
    ),
    max_size=12,
)


def end(batches: list[list[Report]]) -> tuple[dict[tuple[str, str], Standing], dict[tuple[str, State], int]]:
    """What is on record, and counted, after batches came one after another."""
    standing: dict[tuple[str, str], Standing] = {}
    counts: dict[tuple[str, State], int] = {}
    for batch in batches:
        decision = decide(standing, batch)
        assert decision.tally.lines == len(batch)
        standing |= {key: Standing(one.state, one.rank) for key, one in decision.winners.items()}
        for key, change in decision.moves.items():
            counts[key] = counts.get(key, 0) + change
    return standing, {key: count for key, count in counts.items() if count}


@given(REPORTS, st.randoms())
def test_any_order_any_repetition_and_any_batching_end_in_one_state(
    reports: list[Report], random: st.DataObject
) -> None:
    shuffled = reports + reports[: len(reports) // 2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    cut = len(shuffled) // 3
    assert end([reports]) == end([shuffled[:cut], shuffled[cut:]]) == end([[one] for one in shuffled])


@given(REPORTS)
def test_the_counters_equal_a_recount(reports: list[Report]) -> None:
    standing, counts = end([reports[:5], reports[5:]])
    again: dict[tuple[str, State], int] = {}
    for (_, stage), one in standing.items():
        again[stage, one.state] = again.get((stage, one.state), 0) + 1
    assert counts == again


@pytest.mark.parametrize(
    ("state", "done", "total", "reason", "wrong"),
    [
        (State.RESTORED, 5, 5, None, None),
        (State.RESTORED, 0, 0, None, None),
        (State.RESTORED, 4, 5, None, "done"),
        (State.RUNNING, 6, 5, None, "done"),
        (State.RUNNING, 5, 5, None, None),
        (State.FAILED, 5, 5, "disk full", None),
        (State.NEEDS_CHOICE, 5, 5, "two warehouses", None),
        (State.RESTORED, 5, 5, "disk full", "reason"),
    ],
)
def test_a_report_must_not_contradict_itself(
    state: State, done: int, total: int, reason: str | None, wrong: str | None
) -> None:
    found = contradiction(Report("panel-c", "1", "orders", state, done, total, 1, NOW, reason))
    assert (found[0] if found else None) == wrong


def test_a_stage_remembers_its_last_ten_states_and_no_progress_in_between() -> None:
    was = Standing(State.WAITING, (0, NOW, "waiting", 0, 9, ""))
    for number in range(1, 30):
        state = State.FAILED if number % 2 else State.RUNNING
        kept = remembered(was, state, None)
        was = Standing(state, (number, NOW, state.value, 1, 9, "disk full" if number % 2 else ""), None, kept)
        assert remembered(was, state, None) == kept
    found = past(was.past)
    assert [one.sequence for one in found] == list(range(28, 18, -1))
    assert found[1].reason == "disk full"
    assert past(None) == []


def test_what_a_hand_corrected_is_remembered_with_the_hand() -> None:
    rank = (3, NOW, "running", 1, 9, "")
    by_hand = Standing(State.RUNNING, rank, "staff:3")
    assert [one.by for one in past(remembered(by_hand, State.RUNNING, None))] == ["staff:3"]
    assert [one.by for one in past(remembered(Standing(State.RUNNING, rank), State.RUNNING, "staff:3"))] == [None]


@pytest.mark.parametrize(("count", "seen"), [(0, None), (19, None), (20, 20), (12410, 12410)])
def test_small_counts_are_not_shown(count: int, seen: int | None) -> None:
    assert shown(count) == seen


def test_a_queue_drains_in_the_range_of_its_measured_throughput() -> None:
    points = [(NOW - timedelta(hours=6), 0), (NOW - timedelta(hours=1), 500), (NOW, 1100)]
    found = drain(points, 1200, NOW)
    assert found is not None
    assert found.per_hour == 600
    assert found.first == NOW + timedelta(hours=2)
    assert found.last == NOW + timedelta(hours=1200 / (1100 / 6))
    assert found.basis_minutes == 360


@pytest.mark.parametrize(
    ("points", "waiting"),
    [
        ([], 10),
        ([(NOW - timedelta(hours=1), 5)], 10),
        ([(NOW - timedelta(hours=1), 5), (NOW, 5)], 10),
        ([(NOW - timedelta(hours=1), 5), (NOW, 9)], 0),
        ([(NOW - timedelta(seconds=30), 5), (NOW, 9)], 10),
    ],
)
def test_nothing_is_promised_from_nothing(points: list[tuple[datetime, int]], waiting: int) -> None:
    assert drain(points, waiting, NOW) is None


def test_throughput_is_read_in_a_straight_line_between_two_points() -> None:
    points = [(NOW, 0), (NOW + timedelta(hours=2), 100)]
    assert count_at(points, NOW + timedelta(hours=1)) == 50
    assert count_at(points, NOW - timedelta(hours=1)) == 0
    assert count_at(points, NOW + timedelta(hours=3)) == 100


def test_a_queue_that_does_not_move_for_half_an_hour_is_stalled() -> None:
    moved = NOW - timedelta(minutes=30)
    assert stalled_since(1, moved, NOW) == moved
    assert stalled_since(1, moved, NOW - timedelta(seconds=1)) is None
    assert stalled_since(0, moved, NOW) is None


def test_only_a_temporary_account_into_an_open_gap_would_make_duplicates() -> None:
    assert would_duplicate(TransferKind.TEMPORARY, NOW, None)
    assert not would_duplicate(TransferKind.TEMPORARY, NOW, NOW)
    assert not would_duplicate(TransferKind.TEMPORARY, None, None)
    assert not would_duplicate(TransferKind.QUEUE, NOW, None)


def test_a_login_is_known_however_it_is_typed_and_only_with_the_secret() -> None:
    assert login_key("s", " Anna@Example.com ") == login_key("s", "anna@example.com")
    assert login_key("s", "anna") != login_key("t", "anna")
    assert login_key("s", "anna") != login_key("s", "anne")


def test_a_transfer_keeps_a_moment_each_ten_minutes_and_one_from_before_the_longest_window() -> None:
    kept: list[tuple[int, int]] = []
    for minute in range(24 * 60):
        kept = sampled(kept, NOW + timedelta(minutes=minute), minute)
    newest, oldest = kept[-1][0], kept[0][0]
    assert len(kept) <= 38
    assert all(after[0] - before[0] >= 600 for before, after in pairwise(kept))
    assert oldest <= newest - 6 * 3600 < kept[1][0]
    assert sampled(kept, NOW, 5) == kept
