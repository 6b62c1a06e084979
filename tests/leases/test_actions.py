"""One acts, however many run."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from statuspage.db import transaction
from statuspage.leases.actions import hold, release

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
        release(session, "worker", "two")
    assert ask("two") is None
    with transaction(quiet=True) as session:
        release(session, "worker", "one")
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
