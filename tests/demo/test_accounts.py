"""The turns of the accounts, and the reports that a reader's eyes can follow."""

from datetime import timedelta

import pytest

from statuspage.demo.accounts import COUNT, LAG, NOT_BEGUN, SPECIAL, Front, by_turn, front, reports, stages
from statuspage.demo.story import OPENING, Row
from statuspage.recovery.rules.reports import State, contradiction
from tests.scenes import at

MINUTE = timedelta(minutes=1)


def stage(name: str) -> Row:
    return next(one for one in stages() if one["stage"] == name)


def test_every_account_has_one_turn() -> None:
    assert len(set(by_turn())) == COUNT


def test_the_two_shops_of_the_story_have_the_turns_they_need() -> None:
    assert {turn: by_turn()[turn] for turn in SPECIAL} == SPECIAL


def test_at_the_opening_the_shop_with_transfers_is_back_and_owes_a_choice() -> None:
    turn = next(turn for turn, account in SPECIAL.items() if account == "C-81254")
    states = {one["stage"]: front(one, OPENING - LAG).state(turn) for one in stages()}
    assert states["access"] is State.RESTORED
    assert states["orders"] is State.RESTORED
    assert states["warehouse"] is State.NEEDS_CHOICE


def test_nothing_is_reported_before_the_servers_are_back() -> None:
    assert front(stage("access"), at("2021-03-22 06:00")) == NOT_BEGUN
    assert list(reports(stage("access"), NOT_BEGUN, NOT_BEGUN, OPENING)) == []


def test_no_report_contradicts_itself() -> None:
    for one in stages():
        told = reports(one, NOT_BEGUN, front(one, OPENING), OPENING)
        assert [report for report in told if contradiction(report)] == []


@pytest.mark.parametrize("name", ["access", "warehouse"])
def test_reports_of_each_minute_add_up_to_the_reports_of_all(name: str) -> None:
    one, start = stage(name), at("2021-03-22 09:00")
    told = {report.account: report for report in reports(one, NOT_BEGUN, front(one, start), start)}
    before = front(one, start)
    for minute in range(1, 31):
        after = front(one, start + minute * MINUTE)
        for report in reports(one, before, after, start):
            assert report.account not in told or report.sequence > told[report.account].sequence
            told[report.account] = report
        before = after
    whole = {report.account: report for report in reports(one, NOT_BEGUN, before, start)}
    assert told == whole


def test_a_front_counts_what_it_says() -> None:
    one = Front(restored=5, failed=7, choosing=10, running=12)
    states = [one.state(turn) for turn in range(14)]
    assert {state: states.count(state) for state in one.counts()} == one.counts()
    assert states.count(State.WAITING) == 2
