"""One acts, however many run."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from statuspage.db import reading, transaction
from statuspage.leases.actions import claim, confirm, forget, hold, keep, release
from statuspage.leases.models import Lease
from statuspage.leases.queries import holders

START = datetime(2021, 3, 22, 13, 0, tzinfo=UTC)


def ask(holder: str) -> int | None:
    with transaction(quiet=True) as session:
        return hold(session, "worker", holder, 10)


@pytest.mark.usefixtures("app")
def test_the_first_gets_it_and_the_second_does_not() -> None:
    assert ask("one") == 1
    assert ask("two") is None
    assert ask("one") == 1


@pytest.mark.usefixtures("app")
def test_a_lease_that_ran_out_changes_hands_and_its_number_grows() -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert ask("one") == 1
        clock.shift(timedelta(seconds=9))
        assert ask("two") is None
        clock.shift(timedelta(seconds=1))
        assert ask("two") == 2
        assert ask("one") is None, "the one that slept is fenced off"


@pytest.mark.usefixtures("app")
def test_a_lease_from_before_the_clock_was_set_back_does_not_last_until_the_clock_is_there_again() -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert ask("one") == 1
        clock.shift(timedelta(seconds=-50))
        assert ask("two") is None, "machines may differ by so much"
        clock.shift(timedelta(hours=-1))
        assert ask("two") == 2
        assert ask("one") is None


@pytest.mark.usefixtures("app")
def test_a_lease_given_back_is_free_at_once_but_only_its_holder_can_give_it() -> None:
    ask("one")
    with transaction(quiet=True) as session:
        release(session, "two", "worker")
    assert ask("two") is None
    with transaction(quiet=True) as session:
        release(session, "one", "worker")
    assert ask("two") == 2


def test_of_many_that_ask_at_once_one_gets_it(app: Flask) -> None:
    won: list[int | None] = []

    def race(number: int) -> None:
        with app.app_context():
            won.append(ask(f"worker-{number}"))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [number for number in won if number is not None] == [1]


def take(holder: str, at_most: int | None = None) -> dict[str, int]:
    with transaction(quiet=True) as session:
        return claim(session, holder, ["a", "b", "c"], 10, at_most)


@pytest.mark.usefixtures("app")
def test_of_several_leases_as_many_are_taken_as_are_wanted_and_the_rest_stays_free() -> None:
    assert take("one", 2) == {"a": 1, "b": 1}
    assert take("two") == {"c": 1}
    assert take("three") == {}


@pytest.mark.usefixtures("app")
def test_who_forgot_what_it_held_takes_it_anew_under_a_new_number() -> None:
    take("one")
    assert take("one", 1) == {"a": 2}
    with transaction(quiet=True) as session:
        assert keep(session, "one", ["a", "b", "unknown"], 10) == {"a": 2, "b": 1}
        assert keep(session, "two", ["a"], 10) == {}


@pytest.mark.usefixtures("app")
def test_only_what_is_still_held_under_the_same_number_is_confirmed() -> None:
    take("one", 2)
    take("two")
    with transaction(quiet=True) as session:
        assert confirm(session, "one", {"a": 1, "b": 0, "c": 1, "unknown": 1}) == {"a"}
        assert confirm(session, "one", {}) == set()


def test_what_is_confirmed_is_not_taken_before_the_end_of_the_transaction(app: Flask) -> None:
    with time_machine.travel(START, tick=False) as clock:
        take("one")
        clock.shift(timedelta(seconds=11))
        taken: list[dict[str, int]] = []

        def another() -> None:
            with app.app_context():
                taken.append(take("two"))

        thread = threading.Thread(target=another)
        with transaction(quiet=True) as session:
            assert confirm(session, "one", {"b": 1}) == {"b"}
            thread.start()
            # An SQLite file has one lock for all of it; elsewhere the other is not kept waiting for this row.
            thread.join(1)
            assert taken == ([] if session.get_bind().dialect.name == "sqlite" else [{"a": 2, "c": 2}])
        thread.join()
        assert "b" in (take("two") | taken[0])


@pytest.mark.usefixtures("app")
def test_who_holds_something_under_a_prefix_is_known_while_it_lasts_and_then_forgotten() -> None:
    with time_machine.travel(START, tick=False) as clock, transaction(quiet=True) as session:
        for holder in ("two", "one"):
            hold(session, f"seeing/{holder}", holder, 10)
        hold(session, "seeing_not", "three", 10)
        now = clock.shift(timedelta(seconds=9)) or START + timedelta(seconds=9)
        assert holders(session, "seeing/", now, 10) == ["one", "two"]
        assert holders(session, "seeing/", now + timedelta(seconds=1), 10) == []
        assert holders(session, "seeing/", now - timedelta(hours=1), 10) == [], "the clock was set back"
        clock.shift(timedelta(minutes=2))
        forget(session, "seeing/")
    with reading() as session:
        assert {one.name for one in session.query(Lease)} == {"seeing_not"}
