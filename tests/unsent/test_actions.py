"""What is typed is kept until it is sent; what comes late brings nothing back."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.unsent import actions, queries
from statuspage.unsent.rules import LARGEST, Sheet
from tests.staff.desks import person

PLACE = "/staff/incidents/fire2021/update"
KEY = "0" * 32


@pytest.fixture
def anna(app: Flask) -> int:
    return person("anna@example.com", Role.EDITOR, password=None)


def save(staff_id: int, words: str, key: str = KEY, place: str = PLACE, ago: timedelta = timedelta()) -> bool:
    with transaction(quiet=True) as session:
        at = clock.now() - ago
        return actions.save(session, Sheet(staff_id, place, key), [("body-pl", words)], at, title="Update")


def send(staff_id: int, key: str = KEY) -> None:
    with transaction(quiet=True) as session:
        actions.sent(session, Sheet(staff_id, PLACE, key), clock.now())


def kept(staff_id: int) -> list[str]:
    with reading() as session:
        return [one.fields[0][1] for one in queries.of(session, staff_id, PLACE)]


def test_the_same_form_keeps_its_newest_words_and_two_forms_both(anna: int) -> None:
    assert save(anna, "raz")
    assert save(anna, "raz, dwa")
    assert save(anna, "inna karta", key="1" * 32, ago=timedelta(minutes=1))
    assert kept(anna) == ["raz, dwa", "inna karta"]


@pytest.mark.parametrize("typed_before", [True, False])
def test_what_comes_after_the_form_was_sent_is_not_kept_again(anna: int, typed_before: bool) -> None:
    if typed_before:
        save(anna, "raz")
    send(anna)
    assert not save(anna, "spóźnione")
    assert kept(anna) == []


def test_nobody_reads_or_throws_away_what_another_types(anna: int) -> None:
    ewa = person("ewa@example.com", Role.EDITOR, password=None)
    save(anna, "moje")
    with transaction(quiet=True) as session:
        (mine,) = queries.of(session, anna)
        uuid: UUID = mine.uuid
        assert queries.one(session, ewa, uuid) is None
        actions.throw_away(session, ewa, uuid)
    assert (kept(anna), kept(ewa)) == (["moje"], [])
    with transaction(quiet=True) as session:
        assert list(queries.others_at(session, ewa, PLACE, clock.now())) == [anna]
        assert queries.others_at(session, ewa, PLACE, clock.now() + timedelta(hours=1)) == {}
        actions.throw_away(session, anna, uuid)
    assert kept(anna) == []


def test_it_is_kept_for_a_month(anna: int) -> None:
    save(anna, "dawne", key="1" * 32, ago=timedelta(days=31))
    assert kept(anna) == ["dawne"]
    save(anna, "nowe")
    assert kept(anna) == ["nowe"]


@pytest.mark.parametrize(
    ("place", "key", "words"),
    [
        ("/elsewhere/", KEY, "x"),
        ("//evil.example/staff/", KEY, "x"),
        ("/staff/../admin", KEY, "x"),
        (PLACE, "short", "x"),
        (PLACE, KEY, "x" * (LARGEST + 1)),
    ],
)
def test_what_no_form_would_send_is_refused(anna: int, place: str, key: str, words: str) -> None:
    with pytest.raises(Invalid):
        save(anna, words, key, place)
