"""What one shift hands over: kept with who and when, only added to, and never public."""

import pytest
from flask import Flask

from statuspage import clock
from statuspage.audit.actions import SYSTEM, Actor
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.incidents import actions, queries
from statuspage.incidents.rules import LONGEST_HANDOVER, Impact, Says, Stage, Word
from statuspage.panels.rules import Status
from tests import scenes

ANNA = Actor("staff:1")


@pytest.fixture
def fire(app: Flask) -> str:
    scenes.live_at()
    with transaction() as session:
        scenes.fire(session, scenes.panels(session))
    return scenes.FIRE


def hand_over(words: str, actor: Actor = ANNA, key: str | None = None) -> int:
    with transaction(quiet=True) as session:
        return actions.hand_over(session, actor, scenes.FIRE, words, form_key=key).id


def notes() -> list[tuple[str, str]]:
    with reading() as session:
        found = queries.handovers(session, queries.by_public_id(session, scenes.FIRE))
        assert all(one.written_at <= clock.now() for one in found)
        return [(one.body, one.written_by) for one in found]


@pytest.mark.usefixtures("fire")
def test_notes_are_added_newest_first_and_none_is_lost() -> None:
    hand_over("Dostawca oddzwoni o 6.")
    hand_over("Oddzwonił: 22 marca.", SYSTEM)
    assert notes() == [("Oddzwonił: 22 marca.", "system"), ("Dostawca oddzwoni o 6.", "staff:1")]


@pytest.mark.usefixtures("fire")
def test_a_note_sent_twice_is_one_note() -> None:
    first = hand_over("Raz.", key="0" * 32)
    assert hand_over("Raz.", key="1" * 32) == first
    hand_over("Dwa.")
    assert hand_over("Raz, poprawione.", key="0" * 32) == first
    assert [words for words, _ in notes()] == ["Dwa.", "Raz."]


@pytest.mark.usefixtures("fire")
@pytest.mark.parametrize("words", ["", " \n ", "x" * (LONGEST_HANDOVER + 1)])
def test_an_empty_note_or_a_book_is_refused(words: str) -> None:
    with pytest.raises(Invalid):
        hand_over(words)


@pytest.mark.usefixtures("fire")
def test_related_are_relapses_and_what_touched_the_same_panels_around_that_time() -> None:
    def begin(title: str, at: str, component: str = "", relapse_of: str | None = None) -> None:
        said = (Says(component, Status.DEGRADED),) if component else ()
        with transaction() as session:
            actions.create(
                session,
                SYSTEM,
                title=scenes.both(title, title),
                impact=Impact.MINOR,
                started_at=scenes.at(at),
                first=Word(Stage.INVESTIGATING, scenes.told("x"), said),
                publish=True,
                relapse_of=relapse_of,
            )

    begin("same panel", "2021-03-01 10:00", "panel-a.login")
    begin("other panel", "2021-03-01 11:00", "panel-d.login")
    begin("long ago", "2020-10-01 10:00", "panel-a.login")
    with transaction() as session:
        queries.by_public_id(session, scenes.FIRE).status = Stage.RESOLVED
    begin("came back", "2021-03-22 13:00", relapse_of=scenes.FIRE)
    with reading() as session:
        found = queries.related(session, queries.by_public_id(session, scenes.FIRE))
    assert [one.title.by_locale["en"] for one in found] == ["came back", "same panel"]
