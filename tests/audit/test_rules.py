"""What a seal covers, and how before and after are told apart."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statuspage.audit.rules import START, Change, chained, changes, document


@dataclass(frozen=True)
class Told:
    id: int = 7
    at: datetime = datetime(2021, 3, 10, 4, 12, 5, 30, UTC)
    actor: str = "staff:3"
    action: str = "incident.post_update"
    subject: str = "incident:fire"
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    address: str | None = "192.0.2.7"


@pytest.mark.parametrize(
    "change",
    [
        {"id": 8},
        {"at": Told.at + timedelta(microseconds=1)},
        {"actor": "staff:4"},
        {"action": "incident.correct"},
        {"subject": "incident:other"},
        {"before": {}},
        {"after": {"status": "resolved"}},
        {"address": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_seal_covers_every_value_of_an_entry(change: dict[str, Any]) -> None:
    assert chained(START, document(replace(Told(), **change))) != chained(START, document(Told()))


def test_a_seal_covers_all_that_came_before() -> None:
    assert chained("a", document(Told())) != chained("b", document(Told()))


def test_a_seal_does_not_hang_on_the_order_of_keys_or_the_zone_of_a_clock() -> None:
    here = replace(Told(), after={"ą": 1, "b": {"c": [1.5, None]}})
    there = replace(here, after={"b": {"c": [1.5, None]}, "ą": 1}, at=Told.at.astimezone())
    assert chained(START, document(here)) == chained(START, document(there))


def test_what_differs_stands_first_value_by_value() -> None:
    before = {"title": {"pl": "Pożar", "en": "Fire"}, "impact": "major", "panels": ["panel-a", "panel-b"]}
    after = {"title": {"pl": "Pożar", "en": "The fire"}, "impact": "major", "pinned": True, "panels": ["panel-a"]}
    found = changes(before, after)
    assert found == [
        Change("title.en", "Fire", "The fire"),
        Change("panels", "panel-a, panel-b", "panel-a"),
        Change("pinned", None, "true"),
        Change("title.pl", "Pożar", "Pożar"),
        Change("impact", "major", "major"),
    ]
    assert [one.differs for one in found] == [True, True, True, False, False]


def test_lists_of_rows_are_told_row_by_row_and_nothing_is_nothing() -> None:
    after = {"affected": [{"component": "panel-a.login", "status": None}, {"component": "panel-b.login"}], "note": {}}
    assert [(one.name, one.after) for one in changes(None, after)] == [
        ("affected.1.component", "panel-a.login"),
        ("affected.2.component", "panel-b.login"),
        ("note", "{}"),
        ("affected.1.status", None),
    ]
    assert changes(None, None) == []
