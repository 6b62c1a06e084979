"""Incidents, and the updates that readers have."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.audit.actions import Actor
from statuspage.audit.queries import latest as audited
from statuspage.errors import Conflict, DomainError, FieldError, Invalid, NotFound, RuleBroken
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Says, Stage, Word
from statuspage.panels.rules import Status
from statuspage.texts.queries import revisions
from tests import scenes
from tests.races import together

ANNA = Actor("staff:1")
WAREHOUSE = "panel-a.warehouse"


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    scenes.live_at()
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        yield session


def word(pl: str = "Magazyn działa wolno.", status: Stage = Stage.MONITORING, *affected: Says, **rest: object) -> Word:
    return Word(status, scenes.told(pl), affected, **rest)


def field(error: pytest.ExceptionInfo[Invalid]) -> str:
    return error.value.fields[0].path


def test_an_update_takes_the_next_number_and_the_incident_follows_it(session: Session) -> None:
    by = clock.now() + timedelta(hours=2)
    note = scenes.both("działa; wolno", "works; slow")
    update = actions.post_update(
        session,
        ANNA,
        scenes.FIRE,
        word("Wraca.", Stage.MONITORING, Says(WAREHOUSE, Status.DEGRADED, note), next_update_by=by),
    )
    incident = queries.by_public_id(session, scenes.FIRE)
    assert (update.sequence, incident.status, incident.next_update_by) == (4, Stage.MONITORING, by)
    assert incident.resolved_at is None
    assert queries.said_last(session, incident)[WAREHOUSE] == (Status.DEGRADED, note)
    assert queries.said_last(session, incident)["panel-c.login"][0] is Status.MAJOR
    entry = audited(session)[0]
    assert (entry.actor, entry.action, entry.subject) == ("staff:1", "incident.post_update", "incident:fire2021")


def test_a_resolving_update_ends_the_incident_and_its_promise(session: Session) -> None:
    actions.post_update(session, ANNA, scenes.FIRE, word("Koniec.", Stage.RESOLVED))
    incident = queries.by_public_id(session, scenes.FIRE)
    assert incident.next_update_by is None
    assert incident.resolved_at is not None
    ended = incident.resolved_at
    actions.post_update(session, ANNA, scenes.FIRE, word("Dlaczego.", Stage.POSTMORTEM))
    assert incident.resolved_at == ended
    with pytest.raises(RuleBroken):
        actions.post_update(session, ANNA, scenes.FIRE, word("Znowu.", Stage.INVESTIGATING))


def test_a_relapse_is_a_new_incident_that_points_to_the_resolved_one(session: Session) -> None:
    now, new = clock.now(), scenes.both("Znowu", "Again")

    def open_again() -> Incident:
        return actions.create(
            session,
            ANNA,
            title=new,
            impact=Impact.MAJOR,
            started_at=now,
            first=word(),
            publish=True,
            relapse_of=scenes.FIRE,
        )

    with pytest.raises(Invalid) as error:
        open_again()
    assert field(error) == "/relapse_of"
    actions.post_update(session, ANNA, scenes.FIRE, word("Koniec.", Stage.RESOLVED))
    again = open_again()
    assert again.relapse_of is not None
    assert again.relapse_of.public_id == scenes.FIRE
    assert again.published_at is not None


def test_a_new_incident_is_a_draft_until_its_first_update_is_published(session: Session) -> None:
    incident = actions.create(
        session, ANNA, title=scenes.both("Awaria", "Outage"), impact=Impact.MINOR, started_at=clock.now(), first=word()
    )
    assert incident.published_at is None
    assert len(incident.public_id) == 10
    assert [(one.sequence, one.published_at) for one in incident.updates] == [(-1, None)]
    first = actions.publish_draft(session, ANNA, incident.updates[0].uuid)
    assert (first.sequence, first.published_at) == (1, incident.published_at)
    assert actions.publish_draft(session, ANNA, first.uuid).published_at == first.published_at


def test_public_ids_do_not_repeat_and_hold_50_bits() -> None:
    ids = {actions.rows.new_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(one) == 10 and one.isalnum() and one.islower() for one in ids if not one.isdigit())


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (Word(Stage.MONITORING, scenes.told("x"), (Says("panel-z.login", Status.MAJOR),)), "/components/panel-z.login"),
        (Word(Stage.MONITORING, scenes.told("x"), (Says("panel-a.", Status.MAJOR),)), "/components/panel-a."),
        (
            Word(Stage.MONITORING, scenes.told("x"), (Says(WAREHOUSE, Status.MAJOR), Says(WAREHOUSE, Status.DEGRADED))),
            f"/components/{WAREHOUSE}",
        ),
        (Word(Stage.MONITORING, scenes.told("  ")), "/body"),
        (Word(Stage.MONITORING, scenes.told("x"), (), scenes.NOW - timedelta(minutes=1)), "/next_update_by"),
    ],
)
def test_an_update_that_makes_no_sense_names_its_field_and_is_not_written(app: Flask, wrong: Word, path: str) -> None:
    scenes.live_at()
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
    with pytest.raises(Invalid) as error, db.transaction() as session:
        actions.post_update(session, ANNA, scenes.FIRE, wrong)
    assert field(error) == path
    with db.reading() as session:
        assert session.scalar(select(func.count(IncidentUpdate.id))) == 3


def test_an_incident_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        actions.post_update(session, ANNA, "nothing", word())
    with pytest.raises(NotFound):
        actions.correct(session, ANNA, UUID(int=1), {"pl": "x"})


def test_a_writer_who_has_not_seen_the_last_update_meets_a_conflict(session: Session) -> None:
    seen = queries.by_public_id(session, scenes.FIRE).version
    # The same status and no promise: nothing in the incident's own columns changes but its version.
    silent = word("Bez zmian.", Stage.IDENTIFIED)
    actions.promise(session, ANNA, scenes.FIRE, None)
    session.flush()
    seen = queries.by_public_id(session, scenes.FIRE).version
    actions.post_update(session, ANNA, scenes.FIRE, silent, version=seen)
    with pytest.raises(Conflict):
        actions.post_update(session, ANNA, scenes.FIRE, word("Mój tekst."), version=seen)
    with pytest.raises(Conflict):
        actions.promise(session, ANNA, scenes.FIRE, scenes.NOW + timedelta(hours=1), version=seen)


def test_the_same_form_publishes_once(session: Session) -> None:
    first = actions.post_update(session, ANNA, scenes.FIRE, word(), form_key="k1", version=1)
    again = actions.post_update(session, ANNA, scenes.FIRE, word("inny"), form_key="k1", version=1)
    assert again is first
    other = actions.create(
        session,
        ANNA,
        title=scenes.both("a", "b"),
        impact=Impact.MINOR,
        started_at=clock.now(),
        first=word(),
        form_key="k2",
    )
    same = actions.create(
        session,
        ANNA,
        title=scenes.both("a", "b"),
        impact=Impact.MINOR,
        started_at=clock.now(),
        first=word(),
        form_key="k2",
    )
    assert same is other
    with pytest.raises(Conflict):
        actions.post_update(session, ANNA, other.public_id, word(), form_key="k1")


def test_a_correction_keeps_the_earlier_words_and_marks_the_update(session: Session) -> None:
    update = queries.by_public_id(session, scenes.FIRE).updates[2]
    before = update.body
    actions.correct(session, ANNA, update.uuid, {"pl": "Magazyn panelu B działa, ale wolno."}, version=update.version)
    assert update.corrected_at is not None
    assert [one.body.by_locale for one in revisions(session, "incident_update", str(update.uuid))] == [before.by_locale]
    with pytest.raises(Conflict):
        actions.correct(session, ANNA, update.uuid, {"pl": "Inaczej."}, version=1)


def test_a_translation_that_was_missing_is_no_correction(session: Session) -> None:
    update = queries.by_public_id(session, scenes.FIRE).updates[0]
    actions.correct(session, ANNA, update.uuid, {"en": "No panel has worked since 3:30."})
    assert update.corrected_at is None
    assert update.body.read("en").text == "No panel has worked since 3:30."
    assert revisions(session, "incident_update", str(update.uuid)) == []


def test_a_summary_is_rewritten_and_taken_down_but_never_lost(session: Session) -> None:
    incident = queries.by_public_id(session, scenes.FIRE)
    actions.pin(
        session, ANNA, scenes.FIRE, {"pl": "Panel C wraca.", "en": "Panel C is coming back."}, version=incident.version
    )
    assert incident.summary is not None
    assert incident.summary.read("en").html == "<p>Panel C is coming back.</p>"
    assert incident.summary_at is not None
    actions.pin(session, ANNA, scenes.FIRE, {"pl": "", "en": ""})
    assert (incident.summary, incident.summary_at) == (None, None)
    kept = [one for one in revisions(session, "incident", scenes.FIRE) if one.field == "summary"]
    assert [one.body.by_locale["pl"][:7] for one in kept] == ["Panele ", "Panel C"]


def test_an_incident_is_renamed_with_its_earlier_title_kept(session: Session) -> None:
    incident = queries.by_public_id(session, scenes.FIRE)
    changes = {"pl": "Pożar w Strasburgu", "en": "Fire in Strasbourg"}
    actions.edit(session, ANNA, scenes.FIRE, title=changes, impact=Impact.MAJOR, started_at=incident.started_at)
    assert (incident.title.by_locale["en"], incident.impact) == ("Fire in Strasbourg", Impact.MAJOR)
    assert revisions(session, "incident", scenes.FIRE)[0].body.by_locale["en"] == "Data centre fire"
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(Invalid) as error:
        actions.edit(session, ANNA, scenes.FIRE, title={}, impact=Impact.MAJOR, started_at=tomorrow)
    assert field(error) == "/started_at"


def test_two_updates_at_the_same_moment_both_come_out_one_after_the_other(app: Flask) -> None:
    with db.transaction() as session:
        scenes.panels(session)
        actions.create(
            session, ANNA, title=scenes.both("a", "b"), impact=Impact.MINOR, started_at=clock.now(), outage=None
        )
        public_id = session.scalars(select(Incident.public_id)).one()
    said = together(
        app,
        *(
            lambda session, n=n: actions.post_update(session, ANNA, public_id, word(f"nr {n}")).sequence
            for n in range(4)
        ),
    )
    assert sorted(said) == [1, 2, 3, 4]


def test_a_double_click_publishes_once_even_at_the_same_moment(app: Flask) -> None:
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
    post = lambda session: actions.post_update(session, ANNA, scenes.FIRE, word(), form_key="once").uuid  # noqa: E731
    said = together(app, post, post, post)
    assert len(set(said)) == 1
    assert isinstance(said[0], UUID)
    with db.reading() as session:
        assert session.scalar(select(func.count(IncidentUpdate.id))) == 4


def test_a_double_click_opens_one_incident_even_at_the_same_moment(app: Flask) -> None:
    def create(session: Session) -> str:
        return actions.create(
            session,
            ANNA,
            title=scenes.both("a", "b"),
            impact=Impact.MINOR,
            started_at=clock.now() - timedelta(minutes=1),
            first=word(),
            publish=True,
            form_key="once",
        ).public_id

    said = together(app, create, create, create)
    assert len(set(said)) == 1
    with db.reading() as session:
        assert session.scalar(select(func.count(Incident.id))) == 1
        assert session.scalar(select(func.count(IncidentUpdate.id))) == 1


def test_of_two_who_saw_the_same_only_one_publishes(app: Flask) -> None:
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
    post = lambda session: actions.post_update(session, ANNA, scenes.FIRE, word(), version=1).sequence  # noqa: E731
    said = together(app, post, post)
    assert 4 in said
    assert [type(one) for one in said if isinstance(one, DomainError)] == [Conflict]


def test_refusals_carry_their_sentence_at_the_field() -> None:
    with pytest.raises(Invalid) as error:
        actions.rows.refuse("/x", "No.")
    assert error.value.fields == (FieldError("/x", "No."),)
