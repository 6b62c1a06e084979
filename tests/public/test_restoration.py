"""The restoration of panels, stage by stage, as all may see it."""

from dataclasses import replace
from datetime import timedelta

from statuspage.public import contents
from statuspage.public.documents import Here, render_page
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.progress import Point, StageView
from statuspage.web.site import Site
from tests.scenes import at

SIX, TWO = at("2021-03-22 06:00"), at("2021-03-22 14:00")


def restoring(snapshot: Snapshot) -> Snapshot:
    points = (Point(SIX, 0, 20_000), Point(TWO, 12_410, 20_000))
    access = StageView("panel-c", "access", 12_410, 300, 21, None, 20_000, TWO, points)
    warehouse = replace(access, stage="warehouse", restored=4_105, failed=None, needs_choice=2_340, points=())
    archive = replace(access, stage="archive", restored=None, running=None, failed=None, points=())
    queue = ForwardingView(
        "panel-b", "queue", 9_000, 5_000, 0, 0, 4_000, TWO, 500.0, TWO + timedelta(hours=6), TWO + timedelta(hours=9),
        60, None,
    )  # fmt: skip
    stopped = replace(queue, panel="panel-a", stalled_since=SIX)
    return replace(snapshot, stages=(access, warehouse, archive), forwarding=(queue, stopped))


def overview(site: Site, locale: str) -> str:
    snapshot = restoring(site.snapshot())
    context = {**contents.common(snapshot), **contents.overview(snapshot)}
    body = render_page(site.pages, locale, Here("overview"), context).decode()
    return " ".join(body.split()).replace("\u00a0", " ")


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
    assert "stalled since" in words
    assert "20:00 CET</time> and" in words
