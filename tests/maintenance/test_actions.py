"""Planned work: announced, told, cancelled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.audit.actions import Actor
from statuspage.audit.queries import latest as audited
from statuspage.errors import Conflict, Invalid, NotFound, RuleBroken
from statuspage.maintenance import actions, queries
from statuspage.maintenance.actions import Window
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.queries import phase_now
from statuspage.maintenance.rules import Phase, may_follow, phase
from statuspage.texts.queries import revisions
from tests import scenes
from tests.races import together

ANNA = Actor("staff:1")
NIGHT = Window(scenes.at("2021-03-28 00:30"), scenes.at("2021-03-28 04:00"), ("panel-a.archive", "panel-b.archive"))


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    scenes.live_at()
    with db.transaction() as session:
        scenes.panels(session)
        yield session


def announce(session: Session, window: Window = NIGHT, form_key: str | None = None) -> Maintenance:
    title, body = scenes.both("Nowe dyski", "New disks"), scenes.told("Bez archiwum.", "No archive.")
    return actions.announce(session, ANNA, title=title, body=body, window=window, form_key=form_key)


def tell(session: Session, planned: Maintenance, said: Phase, **rest: object) -> object:
    return actions.post_update(session, ANNA, planned.public_id, phase=said, body=scenes.told("…"), **rest)


def test_announced_work_touches_the_named_components_alone(session: Session) -> None:
    planned = announce(session)
    assert [one.public_id for one in planned.components] == ["panel-a.archive", "panel-b.archive"]
    assert planned.announced_at <= clock.now()
    assert audited(session)[0].action == "maintenance.announce"


@pytest.mark.parametrize(
    ("window", "path"),
    [
        (replace(NIGHT, ends_at=NIGHT.starts_at), "/ends_at"),
        (replace(NIGHT, ends_at=NIGHT.starts_at - timedelta(hours=1)), "/ends_at"),
        (replace(NIGHT, components=()), "/components"),
        (replace(NIGHT, components=("panel-a.archive", "panel-z.archive")), "/components/panel-z.archive"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(session: Session, window: Window, path: str) -> None:
    with pytest.raises(Invalid) as error:
        announce(session, window)
    assert error.value.fields[0].path == path


def test_the_same_form_announces_once_even_at_the_same_moment(app: Flask) -> None:
    with db.transaction() as session:
        scenes.panels(session)
    act = lambda session: announce(session, form_key="k").public_id  # noqa: E731
    assert len(set(together(app, act, act, act))) == 1
    with db.reading() as session:
        assert session.scalar(select(func.count(Maintenance.id))) == 1


def test_an_edit_keeps_earlier_words_and_meets_a_conflict_when_stale(session: Session) -> None:
    planned = announce(session)
    seen = planned.version
    fewer = replace(NIGHT, components=("panel-a.archive",))
    same = {"title": planned.title.by_locale, "body": planned.body.by_locale}
    actions.edit(session, ANNA, planned.public_id, **same, window=fewer, version=seen)
    assert [one.public_id for one in planned.components] == ["panel-a.archive"]
    with pytest.raises(Conflict):
        actions.edit(session, ANNA, planned.public_id, **same, window=fewer, version=seen)
    actions.edit(session, ANNA, planned.public_id, title={"pl": "Inne"}, body={}, window=fewer)
    assert [one.body.by_locale["pl"] for one in revisions(session, "maintenance", planned.public_id)] == ["Nowe dyski"]


def test_work_goes_on_and_never_back(session: Session) -> None:
    planned = announce(session)
    tell(session, planned, Phase.IN_PROGRESS, at=NIGHT.starts_at)
    tell(session, planned, Phase.COMPLETED, at=NIGHT.starts_at + timedelta(hours=1))
    session.expire(planned)
    assert phase_now(planned, NIGHT.starts_at + timedelta(hours=2)) is Phase.COMPLETED
    with pytest.raises(RuleBroken):
        tell(session, planned, Phase.IN_PROGRESS, at=NIGHT.starts_at + timedelta(hours=2))
    with pytest.raises(RuleBroken):
        actions.cancel(session, ANNA, planned.public_id, at=NIGHT.starts_at + timedelta(hours=2))


def test_updates_at_the_same_moment_come_one_after_the_other_and_a_double_click_is_one(app: Flask) -> None:
    with db.transaction() as session:
        scenes.panels(session)
        planned = announce(session, replace(NIGHT, starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1)))

    def act(session: Session, key: str) -> int:
        said = actions.post_update(
            session, ANNA, planned.public_id, phase=Phase.VERIFYING, body=scenes.told("x"), form_key=key
        )
        return said.sequence

    keys = ("a", "b", "a")
    assert set(together(app, *(lambda session, k=key: act(session, k) for key in keys))) == {1, 2}


def test_cancelled_work_stays_cancelled(session: Session) -> None:
    planned = announce(session)
    at = actions.cancel(session, ANNA, planned.public_id).cancelled_at
    assert actions.cancel(session, ANNA, planned.public_id).cancelled_at == at
    with pytest.raises(RuleBroken):
        tell(session, planned, Phase.IN_PROGRESS)
    with pytest.raises(NotFound):
        queries.by_public_id(session, "nothing")


MINUTES = st.integers(0, 300)


@given(MINUTES, MINUTES, st.sampled_from(Phase), MINUTES)
def test_whatever_is_said_the_phase_never_goes_back(one: int, other: int, said: Phase, said_minute: int) -> None:
    def at(minute: int) -> Phase:
        now = NIGHT.starts_at + timedelta(minutes=minute - 30)
        return phase(NIGHT.starts_at, NIGHT.ends_at, said, NIGHT.starts_at + timedelta(minutes=said_minute - 30), now)

    first, last = sorted((one, other))
    assert may_follow(at(first), at(last))
