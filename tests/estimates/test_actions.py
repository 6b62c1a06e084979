"""The ledger of estimates."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.audit.actions import Actor
from statuspage.audit.queries import latest as audited
from statuspage.errors import Invalid, NotFound, RuleBroken
from statuspage.estimates import actions, queries
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing, Precision, Said, Subject, slips, whole_days
from statuspage.incidents import queries as incidents
from tests import scenes
from tests.races import together
from tests.scenes import WARSAW

ANNA = Actor("staff:1")
PROVIDER = scenes.both("według dostawcy serwerów", "according to the hosting provider")


def on(day: int) -> Said:
    return Said(Precision.DAY, *whole_days(date(2021, 3, day), date(2021, 3, day), WARSAW), PROVIDER)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    scenes.live_at()
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        yield session


def record(session: Session, said: Said, name: str = "panel-c", kind: Subject = Subject.PANEL) -> Estimate:
    return actions.record(session, ANNA, incidents.known(session, kind, name), said, zone=WARSAW)


def test_a_new_estimate_supersedes_the_last_and_the_ledger_keeps_all(session: Session) -> None:
    for day in (15, 19, 22):
        record(session, on(day))
    ledger = queries.ledger(session, Subject.PANEL, "panel-c")
    assert [one.closing for one in ledger] == [Closing.SUPERSEDED, Closing.SUPERSEDED, None]
    assert [one.supersedes_id for one in ledger] == [None, ledger[0].id, ledger[1].id]
    assert slips(ledger) == 2
    entry = audited(session)[0]
    assert (entry.action, entry.subject) == ("estimate.record", "estimate:panel:panel-c")
    assert entry.before is not None
    assert entry.before["uuid"] == str(ledger[1].uuid)


def test_ledgers_of_other_subjects_are_left_alone(session: Session) -> None:
    one = record(session, on(22), "panel-c.archive", Subject.STAGE)
    two = record(session, on(23), "panel-c")
    three = record(session, on(24), "panel-c.archive", Subject.COMPONENT)
    four = record(session, on(25), scenes.FIRE, Subject.INCIDENT)
    assert {item.closing for item in (one, two, three, four)} == {None}
    assert len(queries.ledgers(session)) == 4


def test_the_same_words_again_are_no_new_estimate(session: Session) -> None:
    assert record(session, on(22)) is record(session, on(22))
    assert record(session, replace(on(22), quote=PROVIDER)).supersedes_id is not None
    assert len(queries.ledger(session, Subject.PANEL, "panel-c")) == 2


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Subject.PANEL, "panel-z"),
        (Subject.PANEL, "panel-c.archive"),
        (Subject.COMPONENT, "panel-c"),
        (Subject.COMPONENT, "panel-c.nothing"),
        (Subject.COMPONENT, "panel-z.archive"),
        (Subject.STAGE, "panel-c"),
        (Subject.STAGE, "panel-z.archive"),
        (Subject.STAGE, "panel-c.No Stage"),
        (Subject.INCIDENT, "nothing"),
        (Subject.PANEL, ""),
    ],
)
def test_nothing_is_promised_for_what_does_not_exist(session: Session, kind: Subject, name: str) -> None:
    with pytest.raises(NotFound):
        incidents.known(session, kind, name)


def test_a_promise_that_makes_no_sense_is_refused_and_the_old_one_stands(session: Session) -> None:
    old = record(session, on(22))
    with pytest.raises(Invalid) as error:
        record(session, replace(on(23), ends_at=on(22).starts_at))
    assert [one.path for one in error.value.fields] == ["/ends_at"]
    assert old.closing is None


def test_a_promise_is_closed_once(session: Session) -> None:
    estimate = record(session, on(22))
    assert actions.close(session, ANNA, estimate.uuid, Closing.MET).closed_at == estimate.closed_at
    closed_at = estimate.closed_at
    assert actions.close(session, ANNA, estimate.uuid, Closing.MET).closed_at == closed_at
    with pytest.raises(RuleBroken):
        actions.close(session, ANNA, estimate.uuid, Closing.WITHDRAWN)
    after = record(session, on(25))
    assert (after.supersedes_id, estimate.closing) == (None, Closing.MET)


def test_a_promise_cannot_be_met_after_its_end_nor_be_superseded_by_hand(session: Session) -> None:
    estimate = record(session, on(22))
    scenes.live_at(scenes.at("2021-03-23 09:00"))
    with pytest.raises(RuleBroken):
        actions.close(session, ANNA, estimate.uuid, Closing.MET, at=scenes.at("2021-03-23 00:01"))
    with pytest.raises(RuleBroken):
        actions.close(session, ANNA, estimate.uuid, Closing.SUPERSEDED)
    with pytest.raises(NotFound):
        actions.close(session, ANNA, UUID(int=7), Closing.MET)
    late = scenes.at("2021-03-23 00:01")
    assert actions.close(session, ANNA, estimate.uuid, Closing.MISSED, at=late).closed_at == late


def test_a_promise_is_not_closed_as_of_a_time_to_come(session: Session) -> None:
    estimate = record(session, on(25))
    with pytest.raises(Invalid) as error:
        actions.close(session, ANNA, estimate.uuid, Closing.MET, at=clock.now() + timedelta(minutes=5))
    assert [one.path for one in error.value.fields] == ["/at"]
    assert estimate.closing is None


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(("kind", "name"), [(Subject.PANEL, "panel-c"), (Subject.INCIDENT, scenes.FIRE)])
def test_two_estimates_at_the_same_moment_leave_one_open(app: Flask, kind: Subject, name: str, is_first: bool) -> None:
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        if not is_first:
            record(session, on(15), name, kind)
    uuids = together(app, *(lambda session, d=day: record(session, on(d), name, kind).uuid for day in (19, 20, 21, 22)))
    assert all(isinstance(one, UUID) for one in uuids), uuids
    with db.reading() as session:
        still_open = select(func.count(Estimate.id)).where(Estimate.closed_at.is_(None))
        assert session.scalar(still_open) == 1
        ledger = queries.ledger(session, kind, name)
        assert [one.supersedes_id for one in ledger[1:]] == [one.id for one in ledger[:-1]]


def test_a_promise_replaced_and_closed_at_the_same_moment_ends_in_one_way(app: Flask) -> None:
    with db.transaction() as session:
        scenes.panels(session)
        uuid = record(session, on(22)).uuid
    scenes.live_at(clock.now() - timedelta(days=365 * 5))
    together(
        app,
        lambda session: record(session, on(25)).uuid,
        lambda session: actions.close(session, ANNA, uuid, Closing.WITHDRAWN).uuid,
    )
    with db.reading() as session:
        ledger = queries.ledger(session, Subject.PANEL, "panel-c")
        assert [one.closing for one in ledger] in ([Closing.SUPERSEDED, None], [Closing.WITHDRAWN, None])
