"""Who leads may write; who led, may not."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from statuspage import clock
from statuspage.db import Site, db, only_while, reading, transaction
from statuspage.errors import Unavailable
from statuspage.leases.jobs import Leadership, Superseded, identity
from statuspage.leases.models import Lease
from statuspage.leases.rules import LEASE


def run_out() -> None:
    with transaction(quiet=True) as session:
        session.execute(update(Lease).values(expires_at=clock.wall() - timedelta(seconds=1)))


def revision() -> int:
    with reading() as session:
        return session.scalars(select(Site.revision)).one()


@pytest.mark.usefixtures("app")
def test_a_leader_that_slept_while_another_took_over_writes_nothing() -> None:
    first, second = Leadership(identity()), Leadership(identity())
    first.renew()
    before = revision()
    with only_while(first.condition()):
        with transaction():
            pass
        assert revision() == before + 1
        run_out()
        with transaction():
            pass
        assert revision() == before + 2, "nobody else acts, so it may go on"
    with only_while(first.condition()):
        run_out()
        second.renew()
        assert first.is_mine(), "it does not know yet"
        with pytest.raises(Superseded), transaction():
            raise AssertionError("it never comes to this")
    assert revision() == before + 2
    with transaction():
        pass
    assert revision() == before + 3, "what is nobody's own needs no lead"


@pytest.mark.usefixtures("app")
def test_what_was_begun_under_an_earlier_lead_is_refused_although_the_lead_came_back() -> None:
    first, second = Leadership("first"), Leadership("second")
    first.renew()
    begun = first.condition()
    run_out()
    second.renew()
    second.resign()
    first.renew()
    assert first.is_mine()
    with only_while(begun), pytest.raises(Superseded), transaction():
        raise AssertionError("it never comes to this")


@pytest.mark.usefixtures("app")
def test_a_lead_ends_here_before_it_ends_in_the_database() -> None:
    brief = Leadership("brief", seconds=1.5)
    brief.renew()
    assert brief.is_mine()
    time.sleep(0.6)
    assert not brief.is_mine()
    other = Leadership("other", seconds=1.5)
    other.renew()
    assert not other.is_mine()


@pytest.mark.usefixtures("app")
def test_a_leader_that_is_stopped_in_mid_transaction_is_let_go_after_seconds(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("an SQLite file has one lock, and nobody to take it from who holds it")
    first, second = Leadership("first", seconds=1.5), Leadership("second", seconds=1.5)
    first.renew()
    before = revision()
    with pytest.raises(Unavailable), only_while(first.condition()):
        stop_in_mid_transaction(app, second)
    assert revision() == before
    with reading() as session:
        assert session.get_one(Lease, LEASE).holder == "second"


def stop_in_mid_transaction(app: Flask, second: Leadership) -> None:
    with transaction(), ThreadPoolExecutor(1) as another:
        time.sleep(2)
        another.submit(renew, app, second).result()
        assert not second.is_mine(), "the first still writes"
        time.sleep(4)
        another.submit(renew, app, second).result()
        assert second.is_mine()


def renew(app: Flask, leadership: Leadership) -> None:
    """In another process, as it were."""
    with app.app_context():
        leadership.renew()
