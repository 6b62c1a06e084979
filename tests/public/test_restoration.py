"""The restoration of panels, stage by stage, as all may see it."""

import re
from dataclasses import replace
from datetime import timedelta

from statuspage.public import contents
from statuspage.public.documents import Here, render_page
from statuspage.publishing.snapshot import Snapshot, dump, load
from statuspage.recovery.rules.forecast import Forecast
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.pace import Pace
from statuspage.recovery.rules.progress import MarkView, Point, SizeCause, SizeView, StageView
from statuspage.web.site import Site
from tests.scenes import at, both

SIX, TWO = at("2021-03-22 06:00"), at("2021-03-22 14:00")


def restoring(snapshot: Snapshot) -> Snapshot:
    points = (Point(SIX, 0, 20_000), Point(TWO, 12_410, 20_000))
    likely = Forecast(TWO + timedelta(hours=4), TWO + timedelta(hours=6), (Pace(180, 1_600.0), Pace(480, 1_550.0)))
    access = StageView("panel-c", "access", 12_410, 300, 21, None, 20_000, TWO, points, likely)
    warehouse = replace(access, stage="warehouse", restored=4_105, failed=None, needs_choice=2_340, points=())
    archive = replace(access, stage="archive", restored=None, running=None, failed=None, points=(), forecast=None)
    queue = ForwardingView(
        "panel-b", "queue", 9_000, 5_000, 0, 0, 4_000, TWO, 500.0, TWO + timedelta(hours=6), TWO + timedelta(hours=9),
        60, None,
    )  # fmt: skip
    queue = replace(queue, paces=(Pace(60, 500.0), Pace(360, 450.0)))
    stopped = replace(queue, panel="panel-a", stalled_since=SIX, paces=())
    moved = replace(stopped, kind="temporary", stalled_since=None, drained_from=None, waiting=60, held=40)
    steps = (
        SizeView("panel-c", 19_800, SIX - timedelta(days=2), SizeCause.STATED, both("z listy kont", "from the list")),
        SizeView("panel-c", 20_000, SIX, SizeCause.SEEN),
        SizeView("panel-b", 777, SIX, SizeCause.SEEN),
    )
    return replace(snapshot, stages=(access, warehouse, archive), forwarding=(queue, stopped, moved), sizes=steps)


def rendered(site: Site, locale: str, here: Here, context: contents.Context) -> str:
    context = {**contents.common(site.snapshot()), **context}
    body = render_page(site.pages, locale, here, context).decode()
    return " ".join(body.split()).replace("\u00a0", " ")


def overview(site: Site, locale: str) -> str:
    return rendered(site, locale, Here("overview"), contents.overview(restoring(site.snapshot())))


def panel(site: Site, locale: str, slug: str) -> str:
    snapshot = restoring(site.snapshot())
    return rendered(site, locale, Here("panel", (slug,)), contents.panel(snapshot, snapshot.panel_by_slug[slug]))


def recovery(site: Site, locale: str) -> str:
    return rendered(site, locale, Here("recovery"), contents.recovery(restoring(site.snapshot())))


def test_counts_stand_with_their_size_share_and_moment(scene: Site) -> None:
    english, polish = overview(scene, "en"), overview(scene, "pl")
    assert "12,410 of 20,000 (62 %)" in english
    assert "12 410 z 20 000 (62 %)" in polish
    assert "Monday 22 March, 14:00 CET" in english
    assert "2,340 wait for their owners’ choice" in english
    assert "21 need our hands" in english


def test_counts_under_20_are_not_shown(scene: Site) -> None:
    assert "fewer than 20 accounts so far" in overview(scene, "en")


def test_a_queue_says_when_it_is_through_or_since_when_it_stands(scene: Site) -> None:
    words = overview(scene, "en")
    assert "4,000 of 9,000 orders wait to be forwarded" in words
    assert re.search(r"nothing has moved since <time[^>]*>Monday 22 March, 06:00 CET</time>", words)
    assert "20:00 CET</time> and" in words


def test_the_end_of_a_queue_stands_with_what_it_rests_on(scene: Site) -> None:
    assert "(at the pace of the last hour and the last 6 hours)" in overview(scene, "en")
    assert "(przy tempie z ostatniej godziny i ostatnich 6 godzin)" in overview(scene, "pl")


def test_a_forecast_is_a_range_with_what_it_rests_on(scene: Site) -> None:
    english, polish = overview(scene, "en"), overview(scene, "pl")
    assert "Expected for all: Monday 22 March, 18:00–20:00 CET, at the pace of the last 3 hours and the" in english
    assert "Spodziewany koniec: poniedziałek 22 marca, 18:00–20:00 CET, przy tempie z ostatnich 3 godzin" in polish
    assert english.count("Expected for all") == 1
    assert recovery(scene, "en").count("Expected for all") == 2


def test_the_function_of_a_queue_says_on_its_row_that_nothing_moves(scene: Site) -> None:
    def row(slug: str, function: str) -> str:
        page = panel(scene, "en", slug)
        (found,) = [one for one in page.split("<li>") if f"<span>{function}" in one]
        return found.split("</li>")[0]

    assert "nothing has moved since" in row("panel-a", "Forwarding orders to shops")
    assert "4,000 of 9,000 orders wait to be forwarded, all through between" in row("panel-b", "Forwarding orders")
    assert "wait" not in row("panel-a", "Importing orders")
    assert "wait" not in row("panel-c", "Forwarding orders to shops")


def test_orders_held_at_the_gate_do_not_stand_still(scene: Site) -> None:
    page = panel(scene, "en", "panel-a")
    (line,) = [one for one in page.split('<p class="line">') if "moved from temporary accounts" in one]
    assert "60 of 9,000" in line
    assert "40 of them wait until the first ones have been checked" in line
    assert "nothing has moved" not in line


def test_how_n_changed_stands_with_its_reasons(scene: Site) -> None:
    english, polish = recovery(scene, "en"), recovery(scene, "pl")
    assert english.index("more accounts were found") < english.index("from the list")
    assert "z listy kont" in polish
    assert "777" not in english.split("How the number")[1].split("</details>")[0]
    assert "How the number of all accounts changed" in panel(scene, "en", "panel-c")
    assert "How the number of all accounts changed" not in panel(scene, "en", "panel-b")


def test_the_chart_is_named_and_has_its_table(scene: Site) -> None:
    page = overview(scene, "en")
    assert "<title>access to accounts: 12,410 of 20,000</title>" in page
    assert "How it grew, as a table" in page
    assert "<td>12,410</td><td>20,000</td>" in page


def test_a_hidden_count_has_neither_chart_nor_forecast(scene: Site) -> None:
    snapshot = restoring(scene.snapshot())
    hidden = replace(snapshot.stages[2], points=(Point(SIX, 3, 50), Point(TWO, 7, 50)))
    page = rendered(scene, "en", Here("recovery"), contents.recovery(replace(snapshot, stages=(hidden,))))
    assert "fewer than 20 accounts so far" in page
    assert "<polygon" not in page
    assert "Expected for all" not in page


def test_the_restoration_is_kept_on_disk_as_it_is(scene: Site) -> None:
    mark = MarkView("panel-c", "access", 60, 12_010, 20_000, TWO)
    snapshot = replace(restoring(scene.snapshot()), marks=(mark,))
    assert load(dump(snapshot)) == snapshot
