"""Drafts, scheduled updates, updates told late, and drafts about outages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.audit.actions import Actor
from statuspage.errors import Conflict, Invalid, RuleBroken
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import Impact, Stage, Word
from statuspage.probing.models import Outage
from tests import scenes
from tests.races import together

ANNA = Actor("staff:1")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    scenes.live_at()
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        yield session


def word(pl: str = "Szkic.", status: Stage = Stage.MONITORING, **rest: object) -> Word:
    return Word(status, scenes.told(pl), **rest)


def said(incident: Incident) -> list[tuple[int, str]]:
    told = [one for one in incident.updates if one.published_at]
    return [(one.sequence, one.body.by_locale["pl"]) for one in sorted(told, key=lambda one: one.sequence)]


def test_a_draft_changes_nothing_that_readers_see_and_leaves_no_hole(session: Session) -> None:
    incident = queries.by_public_id(session, scenes.FIRE)
    one = actions.save_draft(session, ANNA, scenes.FIRE, word("pierwszy"))
    two = actions.save_draft(session, ANNA, scenes.FIRE, word("drugi"))
    assert (one.sequence, two.sequence, incident.status) == (-1, -2, Stage.IDENTIFIED)
    assert actions.post_update(session, ANNA, scenes.FIRE, word("teraz")).sequence == 4
    assert actions.publish_draft(session, ANNA, one.uuid).sequence == 5
    assert incident.status is Stage.MONITORING


def test_a_draft_is_rewritten_until_it_is_published(session: Session) -> None:
    draft = actions.save_draft(session, ANNA, scenes.FIRE, word("raz"), form_key="k")
    assert actions.save_draft(session, ANNA, scenes.FIRE, word("dwa"), form_key="k") is draft
    actions.edit_draft(session, ANNA, draft.uuid, word("trzy"), version=draft.version)
    assert draft.body.by_locale["pl"] == "trzy"
    with pytest.raises(Conflict):
        actions.edit_draft(session, ANNA, draft.uuid, word("cztery"), version=draft.version - 1)
    actions.publish_draft(session, ANNA, draft.uuid, word=word("pięć"), version=draft.version)
    assert draft.body.by_locale["pl"] == "pięć"
    with pytest.raises(RuleBroken):
        actions.edit_draft(session, ANNA, draft.uuid, word("sześć"))
    with pytest.raises(RuleBroken):
        actions.discard_draft(session, ANNA, draft.uuid)


def test_a_draft_can_be_thrown_away(session: Session) -> None:
    draft = actions.save_draft(session, ANNA, scenes.FIRE, word())
    assert actions.discard_draft(session, ANNA, draft.uuid) == scenes.FIRE
    session.flush()
    session.expire_all()
    assert [one.sequence for one in queries.by_public_id(session, scenes.FIRE).updates] == [1, 2, 3]


def test_a_draft_cannot_be_corrected_as_if_it_had_been_read(session: Session) -> None:
    draft = actions.save_draft(session, ANNA, scenes.FIRE, word())
    with pytest.raises(RuleBroken):
        actions.correct(session, ANNA, draft.uuid, {"pl": "x"})


def test_a_scheduled_update_goes_out_at_its_hour_and_once(session: Session) -> None:
    hour = clock.now() + timedelta(hours=1)
    update = actions.save_draft(session, ANNA, scenes.FIRE, word(), publish_at=hour)
    assert queries.due(session, hour - timedelta(seconds=1)) == []
    assert actions.publish_due(session, hour - timedelta(seconds=1)) == 0
    assert actions.publish_due(session, hour) == 1
    assert (update.published_at, update.sequence) == (hour, 4)
    assert actions.publish_due(session, hour) == 0


def test_an_hour_that_has_passed_cannot_be_scheduled(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        actions.save_draft(session, ANNA, scenes.FIRE, word(), publish_at=clock.now())
    assert error.value.fields[0].path == "/publish_at"


def test_a_scheduled_update_that_no_longer_fits_becomes_a_plain_draft(session: Session) -> None:
    hour = clock.now() + timedelta(hours=1)
    late = actions.save_draft(session, ANNA, scenes.FIRE, word("prawie"), publish_at=hour)
    actions.post_update(session, ANNA, scenes.FIRE, word("koniec", Stage.RESOLVED))
    assert actions.publish_due(session, hour) == 0
    assert (late.publish_at, late.published_at) == (None, None)
    assert queries.due(session, hour) == []


def test_a_scheduled_update_that_comes_late_makes_no_promise_that_is_broken_already(session: Session) -> None:
    hour = clock.now() + timedelta(hours=1)
    promised = word(next_update_by=hour + timedelta(hours=1))
    update = actions.save_draft(session, ANNA, scenes.FIRE, promised, publish_at=hour)
    assert actions.publish_due(session, hour + timedelta(hours=3)) == 1
    assert update.next_update_by is None


def test_two_workers_publish_a_scheduled_update_once(app: Flask) -> None:
    hour = clock.now() + timedelta(hours=1)
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        actions.save_draft(session, ANNA, scenes.FIRE, word(), publish_at=hour)
    due = lambda session: actions.publish_due(session, hour)  # noqa: E731
    assert sorted(together(app, due, due)) == [0, 1]


def test_what_is_told_late_stands_where_it_belongs_and_changes_nothing_since(session: Session) -> None:
    incident = queries.by_public_id(session, scenes.FIRE)
    promise = incident.next_update_by
    late = actions.backfill(
        session, ANNA, scenes.FIRE, word("rano", Stage.INVESTIGATING), scenes.at("2021-03-10 09:00")
    )
    assert (late.sequence, late.backfilled) == (2, True)
    assert [number for number, _ in said(incident)] == [1, 2, 3, 4]
    assert said(incident)[1] == (2, "rano")
    assert (incident.status, incident.next_update_by) == (Stage.IDENTIFIED, promise)


def test_what_is_told_late_after_all_others_is_the_state_now(session: Session) -> None:
    incident = queries.by_public_id(session, scenes.FIRE)
    ended = scenes.at("2021-03-22 13:00")
    late = actions.backfill(session, ANNA, scenes.FIRE, word("koniec", Stage.RESOLVED), ended, form_key="k")
    assert actions.backfill(session, ANNA, scenes.FIRE, word("koniec", Stage.RESOLVED), ended, form_key="k") is late
    assert (late.sequence, incident.status, incident.resolved_at) == (4, Stage.RESOLVED, ended)


@pytest.mark.parametrize("moment", [scenes.at("2021-03-10 03:00"), scenes.NOW + timedelta(hours=1)])
def test_nothing_is_told_from_before_the_start_or_from_the_future(session: Session, moment: object) -> None:
    with pytest.raises(Invalid):
        actions.backfill(session, ANNA, scenes.FIRE, word(), moment)  # type: ignore[arg-type]  # both are datetimes


def test_an_incident_cannot_have_been_resolved_before_it_went_on(session: Session) -> None:
    with pytest.raises(RuleBroken):
        actions.backfill(session, ANNA, scenes.FIRE, word("?", Stage.RESOLVED), scenes.at("2021-03-12 09:00"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([30, 60, 90, 120]))
def test_in_whatever_order_it_is_told_late_the_story_is_the_same(app: Flask, minutes: list[int]) -> None:
    start = scenes.at("2021-03-10 04:00")
    with db.transaction() as session:
        incident = actions.create(session, ANNA, title=scenes.both("a", "b"), impact=Impact.MINOR, started_at=start)
        for minute in minutes:
            at = start + timedelta(minutes=minute)
            actions.backfill(session, ANNA, incident.public_id, word(f"{minute} min"), at)
        assert said(incident) == [(1, "30 min"), (2, "60 min"), (3, "90 min"), (4, "120 min")]
        assert incident.published_at == start + timedelta(minutes=30)


def test_an_outage_makes_one_draft_however_often_and_by_however_many_it_is_asked_for(app: Flask) -> None:
    with db.transaction() as session:
        components = scenes.panels(session)
        outage = Outage(panel=components["panel-b.login"].panel, started_at=clock.now())
        session.add(outage)
        session.flush()
        number = outage.id

    def draft(session: Session) -> str:
        row = session.get_one(Outage, number)
        title = scenes.both("Panel B nie odpowiada", "Panel B does not answer")
        return actions.draft(session, ANNA, row, title=title, impact=Impact.MAJOR, first=word("szkic")).public_id

    drafted = together(app, draft, draft)
    assert len(set(drafted)) == 1
    with db.reading() as session:
        incident = queries.by_public_id(session, str(drafted[0]))
        assert (incident.published_at, len(incident.updates)) == (None, 1)
