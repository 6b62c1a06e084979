"""What the page says at five moments of the story, and nothing that was said later."""

from datetime import datetime, timedelta

import pytest

from statuspage import clock, db
from statuspage.accounts.models import Role, Staff
from statuspage.demo import load
from statuspage.demo.story import OPENING
from statuspage.errors import RuleBroken
from statuspage.estimates.rules import Subject
from statuspage.panels.rules import Status
from statuspage.publishing.queries import compose_latest
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import PanelView
from statuspage.texts.rules import Freshness
from statuspage.web.site import Site
from tests.scenes import at, live_at


def page_at(site: Site, moment: datetime) -> Snapshot:
    with db.transaction() as session:
        load.load(session, moment)
    live_at(moment)  # on a busy machine the probes would fall silent by now
    site.publisher.publish()
    with db.reading() as session:
        return compose_latest(session, site.publisher.brand, clock.now())


def statuses(snapshot: Snapshot) -> dict[str, Status]:
    return {panel.slug: panel.status for panel in snapshot.panels}


def cell(panel: PanelView, function: str) -> Status:
    found = panel.cell(function)
    assert found is not None
    return found.status


def fire_updates(snapshot: Snapshot) -> int:
    return next(len(incident.updates) for incident in snapshot.incidents if incident.public_id == "fire")


def promised_day(snapshot: Snapshot, kind: Subject, subject: str) -> str | None:
    ledger = snapshot.ledger(kind, subject)
    if ledger is None or ledger.current is None:
        return None
    return (ledger.current.ends_at.astimezone(OPENING.tzinfo) - timedelta(seconds=1)).date().isoformat()


def test_on_the_9th_all_works_and_no_fire_is_known_of(site: Site) -> None:
    page = page_at(site, at("2021-03-09 12:00"))
    assert statuses(page) == dict.fromkeys(("panel-a", "panel-b", "panel-c"), Status.OPERATIONAL)
    assert page.open_incidents == ()
    assert page.ledgers == ()
    assert page.articles == ()


def test_at_five_in_the_morning_of_the_10th_all_is_down_and_nobody_promises_anything(site: Site) -> None:
    page = page_at(site, at("2021-03-10 05:00"))
    assert statuses(page) == dict.fromkeys(("panel-a", "panel-b", "panel-c"), Status.MAJOR)
    assert fire_updates(page) == 2
    assert page.ledgers == ()
    assert page.open_incidents[0].next_update_by == at("2021-03-10 07:00")
    assert page.panel_by_slug["panel-a"].cutoff_at is None


def test_an_update_of_four_in_the_morning_goes_out_in_one_language(site: Site) -> None:
    first = page_at(site, at("2021-03-10 05:00")).open_incidents[0].updates[0]
    assert first.body.freshness("en") is Freshness.MISSING
    assert first.body.read("en").text


def test_panel_d_is_not_there_before_it_opened(site: Site) -> None:
    assert "panel-d" not in page_at(site, at("2021-03-11 08:59")).panel_by_slug
    assert page_at(site, at("2021-03-11 09:00")).panel_by_slug["panel-d"].status is Status.OPERATIONAL


def test_on_the_12th_a_and_b_work_with_limits_and_c_is_promised_for_the_15th(site: Site) -> None:
    page = page_at(site, at("2021-03-12 14:05"))
    assert statuses(page) == {
        "panel-a": Status.PARTIAL,
        "panel-b": Status.PARTIAL,
        "panel-c": Status.MAJOR,
        "panel-d": Status.OPERATIONAL,
    }
    assert fire_updates(page) == 12
    assert promised_day(page, Subject.PANEL, "panel-c") == "2021-03-15"
    ledger = page.ledger(Subject.PANEL, "panel-c")
    assert ledger is not None
    assert ledger.slips == 0
    assert page.panel_by_slug["panel-b"].cutoff_at == at("2021-03-09 00:00")


def test_a_note_stands_beside_a_function_that_works_with_limits(site: Site) -> None:
    panel = page_at(site, at("2021-03-12 14:05")).panel_by_slug["panel-a"]
    forwarding = panel.cell("forward-orders")
    assert forwarding is not None
    assert forwarding.note is not None
    assert "heavy load" in forwarding.note.read("en").text
    login = panel.cell("login")
    assert login is not None
    assert login.note is None


@pytest.mark.parametrize(("when", "corrected"), [("2021-03-11 14:09", False), ("2021-03-11 14:10", True)])
def test_a_correction_is_marked_from_when_it_was_made_and_keeps_the_earlier_text(
    site: Site, when: str, corrected: bool
) -> None:
    update = page_at(site, at(when)).open_incidents[0].updates[-1]
    assert (update.corrected_at is not None) is corrected
    assert len(update.earlier) == corrected
    if corrected:
        assert update.earlier[0].read("pl").text != update.body.read("pl").text


def test_on_the_18th_the_warehouse_of_a_is_back_and_c_has_moved_once(site: Site) -> None:
    page = page_at(site, at("2021-03-18 14:05"))
    assert cell(page.panel_by_slug["panel-a"], "warehouse") is Status.OPERATIONAL
    assert cell(page.panel_by_slug["panel-a"], "archive") is Status.MAJOR
    assert fire_updates(page) == 20
    ledger = page.ledger(Subject.PANEL, "panel-c")
    assert ledger is not None
    assert ledger.slips == 1
    assert promised_day(page, Subject.PANEL, "panel-c") == "2021-03-19"


def test_on_the_22nd_c_is_coming_back_after_two_slips(site: Site) -> None:
    page = page_at(site, OPENING)
    assert statuses(page) == {
        "panel-a": Status.PARTIAL,
        "panel-b": Status.PARTIAL,
        "panel-c": Status.PARTIAL,
        "panel-d": Status.OPERATIONAL,
    }
    ledger = page.ledger(Subject.PANEL, "panel-c")
    assert ledger is not None
    assert ledger.slips == 2
    assert promised_day(page, Subject.PANEL, "panel-c") == "2021-03-22"
    assert fire_updates(page) == 29
    assert page.open_incidents[0].next_update_by == at("2021-03-22 16:00")
    assert cell(page.panel_by_slug["panel-c"], "archive") is Status.PARTIAL


def test_on_the_26th_all_works_and_every_promise_is_closed(site: Site) -> None:
    page = page_at(site, at("2021-03-26 14:05"))
    assert set(statuses(page).values()) == {Status.OPERATIONAL}
    assert page.open_incidents == ()
    assert [ledger.subject for ledger in page.ledgers if ledger.current] == []
    assert fire_updates(page) == 36


def test_the_uptime_of_c_is_the_worst_and_of_d_counts_since_it_opened(site: Site) -> None:
    page = page_at(site, OPENING)
    up = {panel.slug: panel.uptime for panel in page.panels}
    assert all(share is not None for share in up.values())
    assert min(up, key=lambda slug: up[slug] or 0) == "panel-c"
    bars = {bar.day.isoformat(): bar for bar in page.panel_by_slug["panel-d"].bars}
    assert len(bars) == 90
    assert bars["2021-03-10"].up is None
    assert bars["2021-03-12"].up == 1.0
    burning = {bar.day.isoformat(): bar for bar in page.panel_by_slug["panel-c"].bars}["2021-03-10"]
    # Down from 3:30 of a day of 24 hours.
    assert burning.up == pytest.approx(3.5 / 24)


def test_the_same_moment_gives_the_same_ids(site: Site) -> None:
    def ids(page: Snapshot) -> list[object]:
        return [update.uuid for one in page.incidents for update in one.updates] + [one.uuid for one in page.articles]

    assert ids(page_at(site, OPENING)) == ids(page_at(site, OPENING))


def test_time_goes_on_from_the_moment(site: Site) -> None:
    page_at(site, OPENING)
    assert timedelta() <= clock.now() - OPENING < timedelta(seconds=60)


def test_a_database_with_other_data_is_refused(site: Site) -> None:
    with db.transaction() as session:
        session.add(Staff(email="ola@example.com", role=Role.ADMIN, created_at=clock.wall()))
    with db.reading() as session, pytest.raises(RuleBroken, match="not the demo's"):
        load.is_loaded(session)


def test_an_empty_database_is_not_loaded_and_the_demos_is(site: Site) -> None:
    with db.reading() as session:
        assert not load.is_loaded(session)
    page_at(site, OPENING)
    with db.reading() as session:
        assert load.is_loaded(session)
