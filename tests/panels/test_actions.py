"""Changing panels: windows, what is missing, overrides, notes."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.errors import Conflict, Invalid, NotFound, RuleBroken
from statuspage.panels import actions, queries
from statuspage.panels.actions import About, Missing
from statuspage.panels.models import Component
from statuspage.panels.rules import Days, Status, is_address, is_slug
from statuspage.texts.queries import revisions
from tests import scenes
from tests.scenes import at, both

pytestmark = pytest.mark.usefixtures("scene")


@pytest.fixture
def scene(app: Flask) -> None:
    with transaction() as session:
        scenes.panels(session)


def about(first: date | None, last: date | None, **changes: object) -> About:
    kept = {"name": both("Nowy", "New"), "description": None, "login_url": "", "position": 9, "opens_temporary": False}
    return About(days=Days(first, last), **{**kept, **changes})  # type: ignore[arg-type]  # a mixed bag of fields


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, None),
        (date(2021, 3, 10), date(2021, 3, 10)),
        (date(2021, 3, 11), None),
        (None, date(2019, 11, 17)),
        (date(2000, 1, 1), date(2000, 1, 2)),
        (date(2030, 1, 1), date(2030, 1, 2)),
    ],
)
def test_a_day_never_belongs_to_two_panels(first: date | None, last: date | None) -> None:
    with pytest.raises(RuleBroken, match="overlap with those of panel-"), transaction() as session:
        actions.create(session, "panel-e", about(first, last), SYSTEM)
    with reading() as session:
        assert [one.slug for one in queries.panels(session)] == ["panel-a", "panel-b", "panel-c", "panel-d"]


def test_a_panel_may_keep_its_own_days_and_take_free_ones() -> None:
    with transaction() as session:
        panel = queries.panel_at(session, "panel-d")
        shorter = about(date(2021, 3, 11), date(2021, 12, 31), name=both("D", "D"))
        actions.edit(session, "panel-d", panel.version, shorter, SYSTEM)
    with transaction() as session:
        actions.create(session, "panel-e", about(date(2022, 1, 1), None), SYSTEM)
    with reading() as session:
        assert len(queries.components_of(session, "panel-e")) == 9
        assert [one.body.by_locale["pl"] for one in revisions(session, "panel", "panel-d")] == ["Panel D"]


def test_a_stale_edit_overwrites_nothing() -> None:
    mine = about(date(2021, 3, 11), None)
    with transaction() as session:
        seen = queries.panel_at(session, "panel-d").version
        actions.edit(session, "panel-d", seen, mine, SYSTEM)
    with pytest.raises(Conflict), transaction() as session:
        actions.edit(session, "panel-d", seen, mine, SYSTEM)


@pytest.mark.parametrize(
    "missing",
    [
        Missing(None, 0, at("2021-03-10 00:00"), None),
        Missing(None, 0, None, at("2021-03-10 00:00")),
        Missing(None, 0, at("2021-03-10 00:00"), at("2021-03-10 00:00")),
        Missing(None, -1, None, None),
        Missing(None, 10_081, None, None),
    ],
)
def test_a_gap_without_two_ordered_ends_is_refused(missing: Missing) -> None:
    with transaction() as session:
        version = queries.panel_at(session, "panel-b").version
    with pytest.raises(Invalid), transaction() as session:
        actions.set_missing(session, "panel-b", version, missing, SYSTEM)


def test_a_gap_is_closed_once_and_a_new_one_is_open_again() -> None:
    first = Missing(at("2021-03-09 00:00"), 120, at("2021-03-09 00:00"), at("2021-03-11 16:10"))
    with transaction() as session:
        actions.set_missing(session, "panel-b", queries.panel_at(session, "panel-b").version, first, SYSTEM)
    for _ in range(2):
        with transaction() as session:
            actions.close_gap(session, "panel-b", SYSTEM)
    with reading() as session:
        panel = queries.panel_at(session, "panel-b")
        assert panel.gap_closed_at is not None
        acts = session.scalars(select(AuditEntry.action)).all()
        assert acts.count("panel.gap.close") == 1
    moved = Missing(first.cutoff_at, 120, first.gap_from, at("2021-03-11 18:00"))
    with transaction() as session:
        actions.set_missing(session, "panel-b", panel.version, moved, SYSTEM)
    with reading() as session:
        assert queries.panel_at(session, "panel-b").gap_closed_at is None


def test_a_panel_without_a_gap_has_nothing_to_close() -> None:
    with transaction() as session:
        panel = queries.panel_at(session, "panel-d")
        panel.gap_from = panel.gap_until = None
    with pytest.raises(RuleBroken), transaction() as session:
        actions.close_gap(session, "panel-d", SYSTEM)


def test_an_override_keeps_its_hour_until_the_status_changes_and_ends_with_release() -> None:
    def component() -> Component:
        with reading() as session:
            return queries.component_at(session, "panel-a.warehouse")

    with transaction() as session:
        actions.override(session, "panel-a.warehouse", Status.PARTIAL, "seen by hand", SYSTEM)
    since = component().override_at
    scenes.live_at(scenes.NOW + timedelta(hours=1))
    with transaction() as session:
        actions.override(session, "panel-a.warehouse", Status.PARTIAL, "still", SYSTEM)
    assert component().override_at == since
    with transaction() as session:
        actions.release(session, "panel-a.warehouse", SYSTEM)
    assert component().override is None
    with pytest.raises(Invalid), transaction() as session:
        actions.override(session, "panel-a.warehouse", Status.PARTIAL, " ", SYSTEM)


def test_a_note_is_kept_when_replaced_and_gone_when_emptied() -> None:
    for note in (both("Jeden", "One"), both("Dwa", "Two"), None):
        with transaction() as session:
            actions.set_note(session, "panel-a.api", note, SYSTEM)
    with reading() as session:
        assert queries.component_at(session, "panel-a.api").note is None
        assert len(revisions(session, "component", "panel-a.api")) == 2


def test_a_new_function_is_on_every_panel() -> None:
    with transaction() as session:
        actions.add_function(session, "reports", both("Raporty", "Reports"), 9, SYSTEM, key=False)
    with reading() as session:
        found = {one.panel.slug for one in session.scalars(select(Component)) if one.function.slug == "reports"}
    assert len(found) == 4


def test_a_function_can_be_renamed_and_what_it_was_called_is_kept() -> None:
    with transaction() as session:
        actions.edit_function(session, "api", both("API", "The API"), 3, SYSTEM, key=True)
        actions.edit_function(session, "api", both("API", "The API"), 4, SYSTEM, key=True)
    with reading() as session:
        found = queries.function_at(session, "api")
        assert (found.name, found.key, found.position) == (both("API", "The API"), True, 4)
        assert len(revisions(session, "function", "api")) == 1
    with pytest.raises(NotFound), transaction() as session:
        actions.edit_function(session, "nothing", both("a", "b"), 3, SYSTEM, key=True)


def test_a_panel_and_a_function_go_with_their_components_alone() -> None:
    with transaction() as session:
        actions.remove(session, "panel-b", SYSTEM)
        actions.remove_function(session, "api", SYSTEM)
    with reading() as session:
        left = [one.public_id for one in queries.all_components(session)]
    assert len(left) == 3 * 8
    assert not [one for one in left if one.startswith("panel-b.") or one.endswith(".api")]
    with pytest.raises(NotFound), transaction() as session:
        actions.remove(session, "panel-b", SYSTEM)


@pytest.mark.parametrize("public_id", ["panel-a", "panel-a.nothing", "nothing.api", "", "."])
def test_what_is_not_there_is_not_found(public_id: str) -> None:
    with pytest.raises(NotFound), transaction() as session:
        actions.release(session, public_id, SYSTEM)


def test_names_and_addresses() -> None:
    assert is_slug("panel-a")
    assert not any(map(is_slug, ["", "-a", "A", "a b", "new", "functions", "x" * 41, "a\n"]))
    assert is_address("https://panel-a.example.com/")
    assert not any(
        map(is_address, ["", "javascript:alert(1)", "http://", "//x", "https://a b", "https://a" + "b" * 500])
    )
