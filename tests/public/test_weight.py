"""The overview, and all that is restored, stay light on the largest site: 40 panels, 12 functions, 10 incidents."""

import gzip
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from statuspage.panels.rules import Status
from statuspage.public import contents
from statuspage.public.documents import Here, render_page
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.rules.forecast import Forecast
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.pace import Pace
from statuspage.recovery.rules.progress import Point, SizeCause, SizeView, StageView
from statuspage.recovery.rules.reports import STAGES
from statuspage.web.site import Site
from tests.scenes import NOW, both

HEAVIEST = 150 * 1024
HEAVIEST_SENT = 50 * 1024


def large(small: Snapshot) -> Snapshot:
    first = small.functions[0]
    functions = tuple(replace(first, slug=f"f{i}", name=both(f"Funkcja {i}", f"Function {i}")) for i in range(12))
    pattern, cell = small.panels[0], small.panels[0].cells[0]
    note = both("działa; może potrwać dłużej, serwery są obciążone", "works; may take longer, servers are loaded")
    panels = []
    for number in range(40):
        troubled = number % 4 == 0
        cells = tuple(
            replace(
                cell,
                panel=f"panel-{number}",
                function=one.slug,
                status=Status.PARTIAL if troubled and index % 3 == 0 else Status.OPERATIONAL,
                note=note if troubled and index % 3 == 0 else None,
            )
            for index, one in enumerate(functions)
        )
        name = both(f"Panel {number}", f"Panel {number}")
        status = Status.PARTIAL if troubled else Status.OPERATIONAL
        panels.append(replace(pattern, slug=f"panel-{number}", name=name, cells=cells, status=status))
    fire = small.incidents[0]
    updates = tuple(replace(fire.updates[1], uuid=UUID(int=i), sequence=i) for i in range(5))
    incidents = tuple(replace(fire, public_id=f"fire{i}", updates=updates) for i in range(10))
    stages, sizes, queues = restoring([panel.slug for panel in panels])
    return replace(
        small, functions=functions, panels=tuple(panels), incidents=incidents,
        stages=stages, sizes=sizes, forwarding=queues,
    )  # fmt: skip


def restoring(panels: list[str]) -> tuple[tuple[StageView, ...], tuple[SizeView, ...], tuple[ForwardingView, ...]]:
    """All stages of these panels with long charts, many sizes, and a queue each."""
    points = tuple(Point(NOW + timedelta(hours=hour), 1_000 + hour * 97, 20_000) for hour in range(150))
    end = points[-1].at
    paces = (Pace(180, 97.0), Pace(1440, 98.3))
    likely = Forecast(end + timedelta(hours=40), end + timedelta(hours=44), paces)
    stages = tuple(
        StageView(panel, stage, 15_453, 40, 21, 2_340, 20_000, end, points, likely)
        for panel in panels
        for stage in STAGES
    )
    sizes = tuple(
        SizeView(panel, 19_000 + hour * 20, NOW + timedelta(hours=hour), SizeCause.SEEN)
        for panel in panels for hour in range(50)
    )  # fmt: skip
    queues = tuple(
        ForwardingView(panel, "queue", 9_000, 5_000, 0, 0, 4_000, end, 500.0, end, likely.last, 360, None, 0, paces)
        for panel in panels
    )
    return stages, sizes, queues


@pytest.mark.parametrize("locale", ["pl", "en"])
def test_the_largest_overview_is_light_enough_for_a_phone(scene: Site, locale: str) -> None:
    snapshot = large(scene.snapshot())
    context = {**contents.common(snapshot), **contents.overview(snapshot)}
    body = render_page(scene.pages, locale, Here("overview"), context)
    assert len(body) < HEAVIEST
    assert_light(scene, body)


@pytest.mark.parametrize("locale", ["pl", "en"])
def test_the_largest_restoration_is_light_enough_for_a_phone(scene: Site, locale: str) -> None:
    snapshot = large(scene.snapshot())
    panel = snapshot.panels[0]
    pages = {
        Here("recovery"): contents.recovery(snapshot),
        Here("panel", (panel.slug,)): contents.panel(snapshot, panel),
    }
    for here, context in pages.items():
        assert_light(scene, render_page(scene.pages, locale, here, {**contents.common(snapshot), **context}))


def assert_light(scene: Site, body: bytes) -> None:
    style = next(page for path, page in scene.store.current.pages.items() if path.startswith("/static/site."))
    assert len(gzip.compress(body, 6)) + len(style.bodies["gzip"]) < HEAVIEST_SENT
