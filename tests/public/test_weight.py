"""The overview stays light on the largest site: 40 panels, 12 functions, 10 open incidents with 5 updates."""

import gzip
from dataclasses import replace
from uuid import UUID

import pytest

from statuspage.panels.rules import Status
from statuspage.public import contents
from statuspage.public.documents import Here, render_page
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.site import Site
from tests.scenes import both

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
    return replace(small, functions=functions, panels=tuple(panels), incidents=incidents)


@pytest.mark.parametrize("locale", ["pl", "en"])
def test_the_largest_overview_is_light_enough_for_a_phone(scene: Site, locale: str) -> None:
    snapshot = large(scene.snapshot())
    context = {**contents.common(snapshot), **contents.overview(snapshot)}
    body = render_page(scene.pages, locale, Here("overview"), context)
    style = next(page for path, page in scene.store.current.pages.items() if path.startswith("/static/site."))
    assert len(body) < HEAVIEST
    assert len(gzip.compress(body, 6)) + len(style.bodies["gzip"]) < HEAVIEST_SENT
