"""How fast a panel answers: on its own page, in words, as a drawing and as a table; by the hour and nowhere else."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from statuspage import db
from statuspage.latency.models import PanelLatency
from statuspage.latency.rules import Curve
from statuspage.panels.models import Panel
from statuspage.probing.rules import HOUR
from statuspage.public import curves
from statuspage.web.site import Site
from tests import scenes

UNTIL = datetime(2021, 3, 22, 12, tzinfo=UTC)


def measured(slug: str, *hours: tuple[float, float] | None, until: datetime = UNTIL) -> None:
    """The last hours of a panel; those before them are empty."""
    with db.transaction(quiet=True) as session:
        panel = session.query(Panel).filter_by(slug=slug).one()
        pairs = [list(pair or (None, None)) for pair in (*[None] * (48 - len(hours)), *hours)]
        whole = list(hours[-1] or (None, None))
        session.merge(PanelLatency(panel_id=panel.id, until=int(until.timestamp()), hours=pairs, whole=whole))


def page(site: Site, path: str) -> str:
    return site.store.current.pages[path].body().decode()


def fingerprints(site: Site) -> dict[str, str]:
    return {path: page.entry.fingerprint for path, page in site.store.current.pages.items()}


def test_a_panels_page_says_how_fast_it_answers_in_both_languages(scene: Site) -> None:
    measured("panel-a", (184.2, 1930.0), None, (8.4, 420.0))
    scene.publisher.publish()
    english, polish = page(scene, "/en/panels/panel-a/"), page(scene, "/panels/panel-a/")
    assert "Half of all answers came within 8.4 ms, 95 % within 420 ms." in english
    assert "Połowa odpowiedzi dotarła w ciągu 8,4 ms, a 95 % w ciągu 420 ms." in polish.replace("\xa0", " ")
    assert "od soboty 20 marca, 13:00 CET do poniedziałku 22 marca, 13:00 CET" in polish.replace("\xa0", " ")
    assert english.count('class="most" points="4') == 2, "a gap is a gap in the line"
    rows = re.findall(r"<tr><th scope=\"row\"><time[^>]*>(.*?)</time></th>(<td.*?)</tr>", english)
    assert len(rows) == 48
    assert "12:00" in rows[0][0]
    assert rows[0][1] == "<td>8.4 ms</td><td>420 ms</td>"
    assert rows[1][1] == '<td colspan="2">no data</td>'
    assert rows[2][1] == "<td>184 ms</td><td>1.9 s</td>"


def test_a_panel_that_nobody_measured_says_nothing_of_it(scene: Site) -> None:
    measured("panel-a", (1.0, 2.0))
    measured("panel-b", None)
    scene.publisher.publish()
    assert 'id="latency"' in page(scene, "/panels/panel-a/")
    for slug in ("panel-b", "panel-c"):
        assert 'id="latency"' not in page(scene, f"/panels/{slug}/")


def test_a_new_hour_makes_anew_the_page_of_its_panel_and_what_tells_open_pages_of_news(scene: Site) -> None:
    measured("panel-a", (100.0, 200.0))
    scene.publisher.publish()
    before = fingerprints(scene)
    measured("panel-a", (100.0, 200.0), (100.0, 300.0), until=UNTIL + timedelta(seconds=HOUR))
    scene.publisher.publish()
    after = fingerprints(scene)
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"/panels/panel-a/", "/en/panels/panel-a/", "/now.json"}


def test_the_page_of_a_panel_stays_light_with_its_hours(scene: Site) -> None:
    measured("panel-a", *[(184.0 + hour, 420.0 + hour * 13) for hour in range(48)])
    before = len(page(scene, "/panels/panel-a/"))
    scene.publisher.publish()
    assert len(page(scene, "/panels/panel-a/")) - before < 12_000
    assert len(scene.store.current.pages["/panels/panel-a/"].bodies["gzip"]) < 10_000


def test_months_stand_on_the_page_of_a_panel_with_the_formula(scene: Site) -> None:
    english = page(scene, "/en/panels/panel-a/")
    assert "Share of time in which functions worked" in english
    assert re.search(r"February 2021</th><td>100\.00.%</td>", english)
    assert re.search(r'December 2020 <span class="soft">from 23.Dec on</span></th>', english)
    assert re.search(r"March 2021</th><td>96\.21.%</td>", english), "20 hours of 22 days were down, cut and not rounded"


@pytest.mark.parametrize(
    ("highest", "top"), [(0.4, 1), (1.0, 1), (3.0, 5), (420.0, 500), (501.0, 1000), (2100.0, 5000)]
)
def test_the_top_of_the_drawing_is_a_round_number(highest: float, top: int) -> None:
    assert curves.ceiling(Curve(UNTIL, ((None, None), (0.1, highest)), 0.1, highest)) == top


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(0.3, "0.3 ms"), (9.9, "9.9 ms"), (10.04, "10 ms"), (999.4, "999 ms"), (1950, "1.9 s")]
)
def test_a_time_is_told_as_people_read_it(milliseconds: float, words: str) -> None:
    assert curves.took("en", milliseconds).replace("\xa0", " ") == words


def test_the_drawing_steps_from_hour_to_hour() -> None:
    curve = Curve(UNTIL, ((50.0, 100.0), (25.0, 100.0), (None, None), (100.0, 100.0)), 50.0, 100.0)
    assert curves.half(curve) == ("0,50 120,50 120,75 240,75", "360,0 480,0")
    assert scenes.NOW.date() == UNTIL.date()
