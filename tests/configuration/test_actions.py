"""Applying a file: through the actions that staff use, all or nothing, and never twice."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.configuration.rules import Act
from statuspage.db import Site, reading, transaction
from statuspage.errors import Invalid, RuleBroken
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Precision, Subject
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.panels import actions as panels
from statuspage.panels.models import Component
from statuspage.panels.queries import component_at, functions, panel_at
from statuspage.panels.rules import Status
from statuspage.probing.actions import hash_token
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, Verdict
from statuspage.recovery.models import PanelRecovery, Transfer
from statuspage.recovery.rules.forwarding import TransferKind
from statuspage.texts.queries import revisions
from statuspage.texts.rules import Freshness
from tests import scenes
from tests.configuration.sites import SITE, imported, planned
from tests.probing.cases import saw, stored

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def told(app: Flask) -> str:
    """The address of the heartbeat that the site's first import has told."""
    with transaction(quiet=True) as session:
        ((_, token),) = imported(session, SITE).heartbeats
    return token


def state() -> tuple[int, int]:
    with reading() as session:
        return session.scalars(select(Site.revision)).one(), session.scalar(select(func.count(AuditEntry.id))) or 0


def probe(name: str) -> Probe:
    with reading() as session:
        return session.scalars(select(Probe).where(Probe.name == name)).one()


def put(words: str, *, prune: bool = False) -> list[tuple[str, str]]:
    with transaction(quiet=True) as session:
        return [(str(one.act), str(one.subject)) for one in imported(session, words, prune=prune).plan.changes]


def test_a_site_is_made_in_one_go_and_moves_the_revision_once(told: str) -> None:
    with reading() as session:
        assert component_at(session, "panel-b.api").note is None
        assert component_at(session, "panel-a.login").note == scenes.both("Wolno.", "Slow.")
        assert [(one.slug, one.key, one.position) for one in functions(session)] == [
            ("login", True, 1),
            ("api", False, 2),
        ]
        acts = session.scalars(select(AuditEntry.action)).all()
    with transaction(quiet=True) as session:
        before = state()[0]
        imported(session, SITE.replace("en: API", "en: Api").replace("page", "site"))
    assert state()[0] == before + 1
    assert (probe("page").target, probe("page").expect) == (
        "https://panel-a.example.com/health",
        {"keyword": "Welcome"},
    )
    assert probe("import").token_hash == hash_token(told)
    assert acts.count("panel.create") == acts.count("function.create") == acts.count("probe.create") == 2
    assert acts.count("component.note") == acts.count("probe.new_token") == 1


def test_a_second_time_changes_nothing_and_leaves_no_trace(told: str) -> None:
    before = state()
    assert put(SITE) == []
    assert put(SITE, prune=True) == []
    assert state() == before


def test_only_what_differs_is_changed(told: str) -> None:
    changed = SITE.replace("en: Panel B", "en: Panel Bee").replace("keyword: Welcome", "keyword: Hello")
    assert put(changed) == [("changed", "panel panel-b"), ("changed", "probe panel-a.login “page”")]
    with reading() as session:
        assert panel_at(session, "panel-b").name.by_locale == {"pl": "Panel B", "en": "Panel Bee"}
        assert len(revisions(session, "panel", "panel-b")) == 1, "what it said before is kept"
    assert probe("import").token_hash == hash_token(told), "a heartbeat keeps its address"


def test_days_move_from_one_panel_to_another_in_one_import(told: str) -> None:
    swapped = SITE.replace("accounts_until: 2019-11-17", "accounts_from: 2019-11-19")
    swapped = swapped.replace("accounts_from: 2019-11-18", "accounts_until: 2019-11-18")
    put(swapped)
    with reading() as session:
        assert panel_at(session, "panel-a").accounts_from == date(2019, 11, 19)
        assert panel_at(session, "panel-b").accounts_until == date(2019, 11, 18)
    assert put(swapped) == []


def test_a_changed_source_makes_its_translation_stale_unless_the_file_says_otherwise(told: str) -> None:
    name = "{pl: Panel B, en: Panel B}"
    for changed, freshness in (
        ("{pl: Nowszy, en: Panel B}", Freshness.STALE),
        ("{pl: Nowy, en: Panel B, stale: []}", Freshness.FRESH),
        ("{pl: Nowy, en: Panel B, stale: [en]}", Freshness.STALE),
        ("{pl: Nowy, en: New}", Freshness.FRESH),
        ("{pl: Nowy, en: Newer, source: en}", Freshness.FRESH),
    ):
        assert put(SITE.replace(name, changed)) == [("changed", "panel panel-b")]
        assert put(SITE.replace(name, changed)) == []
        with reading() as session:
            found = panel_at(session, "panel-b").name
        assert found.freshness("pl" if "source" in changed else "en") is freshness, changed


def test_a_note_that_the_file_leaves_out_stays_and_null_takes_it_away(told: str) -> None:
    note = "        note: {pl: Wolno., en: Slow.}\n"
    assert put(SITE.replace(note, "")) == []
    assert put(SITE.replace(note, "        note: null\n")) == [("changed", "component panel-a.login")]
    assert put(SITE.replace(note, "        note: null\n")) == []
    with reading() as session:
        assert component_at(session, "panel-a.login").note is None


def test_what_people_do_at_the_desk_outlives_an_import(told: str) -> None:
    with transaction() as session:
        panels.override(session, "panel-a.login", Status.PARTIAL, "seen by hand", SYSTEM)
    put(SITE.replace("key: true", "key: false"))
    with reading() as session:
        assert component_at(session, "panel-a.login").override is Status.PARTIAL


def test_a_probe_that_becomes_a_heartbeat_tells_its_address_and_one_that_stays_does_not(told: str) -> None:
    def beats(words: str) -> list[str]:
        with transaction(quiet=True) as session:
            return [str(subject) for subject, _ in imported(session, words).heartbeats]

    assert beats(SITE.replace("grace: 30", "grace: 31")) == []
    page = "kind: http\n            target: https://panel-a.example.com/health\n            keyword: Welcome"
    assert beats(SITE.replace(page, "kind: heartbeat")) == ["probe panel-a.login “page”"]
    assert probe("page").kind is Kind.HEARTBEAT


def test_nothing_at_all_is_written_when_one_thing_is_wrong(app: Flask) -> None:
    wrong, before = SITE.replace("https://panel-a.example.com/health", "http://10.0.0.1/"), state()
    with pytest.raises(Invalid) as refused, transaction(quiet=True) as session:
        imported(session, wrong)
    (fault,) = refused.value.fields
    assert fault.path == "/panels/0/components/login/probes/0/target"
    assert "PROBE_ALLOW_PRIVATE" in fault.reason
    assert state() == before
    with reading() as session:
        assert functions(session) == []


FEWER = SITE.split("  - slug: panel-b")[0].split("      api:\n        probes")[0]


def test_what_is_not_in_the_file_stays_without_prune_and_goes_with_it(told: str) -> None:
    with reading() as session:
        plan = planned(session, FEWER)
    assert plan.changes == ()
    assert [str(one) for one in plan.left] == ["panel panel-b", "probe panel-a.api “import”"]
    assert put(FEWER) == []
    assert put(FEWER, prune=True) == [("removed", "probe panel-a.api “import”"), ("removed", "panel panel-b")]
    assert put(FEWER, prune=True) == []
    with reading() as session:
        assert session.scalars(select(Probe.name)).all() == ["page"]
        assert {"panel.remove", "probe.remove"} <= set(session.scalars(select(AuditEntry.action)))


def test_a_probe_with_an_outage_is_switched_off_and_its_outage_ends(told: str) -> None:
    stored(*saw(probe("page").id, True, False, False))
    assert probe("page").verdict is Verdict.DOWN
    without = SITE.replace("          - name: page\n", "          - name: other\n")
    assert put(without, prune=True) == [
        (str(Act.CREATED), "probe panel-a.login “other”"),
        (str(Act.DISABLED), "probe panel-a.login “page”"),
    ]
    assert put(without, prune=True) == []
    assert (probe("page").enabled, probe("page").verdict) == (False, Verdict.UNKNOWN)


def estimate(session: Session, component: Component) -> None:
    said = {"starts_at": scenes.NOW, "ends_at": scenes.NOW, "said_at": scenes.NOW, "recorded_at": scenes.NOW}
    subject = {"subject_kind": Subject.COMPONENT, "subject_id": component.public_id}
    session.add(Estimate(**subject, **said, precision=Precision.DAY, source=scenes.both("Dostawca", "Provider")))


def recovery(session: Session, component: Component) -> None:
    session.add(PanelRecovery(panel_id=component.panel_id, size=1, seen=1))


def transfer(session: Session, component: Component) -> None:
    counts = {"total": 1, "waiting": 1, "at": scenes.NOW, "moved_at": scenes.NOW, "opened_at": scenes.NOW}
    into, out_of = panel_at(session, "panel-a").id, component.panel_id
    session.add(Transfer(public_id="t", kind=TransferKind.QUEUE, panel_id=into, from_panel_id=out_of, **counts))


def incident(session: Session, component: Component) -> None:
    fire = Incident(public_id="fire", title=scenes.both("Pożar", "Fire"), impact=Impact.MAJOR, started_at=scenes.NOW)
    update = IncidentUpdate(incident=fire, sequence=1, status=Stage.IDENTIFIED, body=scenes.told("Pali się."))
    session.add(Affected(update=update, component=component, status=Status.MAJOR))


@pytest.mark.parametrize(
    ("story", "held"),
    [(estimate, "estimates"), (recovery, "recovery data"), (transfer, "recovery data"), (incident, "incidents")],
)
def test_what_has_a_story_is_never_removed(told: str, story: Callable[[Session, Component], None], held: str) -> None:
    with transaction(quiet=True) as session:
        story(session, component_at(session, "panel-b.api"))
    before = state()
    with pytest.raises(RuleBroken, match=f"panel panel-b is not in the file but cannot be removed, as it has {held}"):
        put(FEWER, prune=True)
    assert state() == before
    assert put(FEWER) == [], "without prune it is left in peace"


def test_a_function_with_a_story_on_any_panel_is_never_removed(told: str) -> None:
    with transaction(quiet=True) as session:
        estimate(session, component_at(session, "panel-b.api"))
    with pytest.raises(RuleBroken, match="function api is not in the file but cannot be removed, as it has estimates"):
        put(SITE.replace("slug: api", "slug: web").replace("      api:", "      web:"), prune=True)
    put(SITE.replace("slug: login", "slug: web").replace("      login:", "      web:"), prune=True)
    with reading() as session:
        assert {one.slug for one in functions(session)} == {"web", "api"}
