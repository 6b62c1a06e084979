"""An open page in a real browser: it shows what changed, leaves its reader in peace, and says when it is old."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from statuspage import clock, db
from statuspage.faq.models import Article
from statuspage.incidents.models import Incident
from statuspage.web.site import Site
from tests import scenes
from tests.browser.test_public import RULES

pytestmark = pytest.mark.browser
ROUND = 46  # seconds: the longest pause, and the longest wait after it
SHORT = 30_000  # what a test waits for a browser on a busy machine, in milliseconds


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Page]:
    """A desktop page whose clock the test moves, with what it complained of and asked for."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.clock.install()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(SHORT)
    yield page
    context.close()
    assert [one for one in complaints if "Failed to load resource" not in one] == []


class Polls:
    """How often a page asked for `/now.json`; the test may answer in the server's place."""

    def __init__(self, page: Page, answer: Callable[[Route], None] | None = None) -> None:
        self.page = page
        self.count = 0
        self.answer = answer or (lambda route: route.continue_())
        page.route("**/now.json", self._asked)

    def _asked(self, route: Route) -> None:
        self.count += 1
        self.answer(route)

    def pass_time(self, seconds: int) -> None:
        """Let seconds pass in steps, with a little real time after each for the network."""
        for _ in range(seconds // 5):
            self.page.clock.run_for(5_000)
            self.page.wait_for_timeout(40)


def retitle(site: Site, en: str) -> None:
    with db.transaction() as session:
        session.query(Incident).one().title = scenes.both(f"PL {en}", en)
    site.publisher.publish()


def heading(page: Page) -> str:
    return page.locator("h1").inner_text().replace("\xa0", " ")


def test_a_change_is_shown_without_a_reload_where_the_reader_is(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/incidents/fire2021/")
    open_page.evaluate("window.same = true")
    open_page.locator("#u-2 summary").click()
    open_page.locator("#u-1").scroll_into_view_if_needed()
    open_page.locator("footer a").first.focus()
    before = open_page.locator("#u-1").evaluate("one => one.getBoundingClientRect().top")
    polls = Polls(open_page)
    retitle(scene, "All about the fire")
    polls.pass_time(2 * ROUND)
    assert heading(open_page) == "All about the fire"
    assert open_page.title().startswith("All about the fire")
    assert open_page.locator("#said").text_content() == "All about the fire 3 updates"
    assert open_page.evaluate("window.same")
    assert open_page.locator("#u-2 details").evaluate("one => one.open")
    assert abs(open_page.locator("#u-1").evaluate("one => one.getBoundingClientRect().top") - before) < 2
    assert open_page.evaluate("document.activeElement.matches('footer a')")


def test_where_only_the_moment_moves_the_page_is_not_fetched_again(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/")
    open_page.locator("main h2 a").first.focus()
    polls = Polls(open_page)
    polls.pass_time(2 * ROUND)
    fetched: list[str] = []
    open_page.on("request", lambda request: fetched.append(request.url.removeprefix(address)))
    scenes.live_at(scenes.at("2021-03-22 14:07"))
    scene.publisher.publish()
    polls.pass_time(2 * ROUND)
    assert open_page.locator("#as-of").inner_text().replace("\xa0", " ") == "14:07 CET"
    assert set(fetched) == {"/now.json"}
    assert open_page.locator("main h2 a").first.evaluate("one => one === document.activeElement")


def test_the_focus_stays_on_its_link_through_a_change(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/")
    link = open_page.locator("main h2 a[href*=fire2021]")
    link.focus()
    polls = Polls(open_page)
    retitle(scene, "Fire, told anew")
    polls.pass_time(2 * ROUND)
    assert link.inner_text() == "Fire, told anew"
    assert link.evaluate("one => one === document.activeElement")


def test_a_reader_who_types_is_told_of_news_and_asked(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/faq/")
    open_page.get_by_role("searchbox").fill("ware")
    polls = Polls(open_page)
    with db.transaction() as session:
        session.query(Article).filter_by(slug="duplicates").one().title = scenes.both("Czy to nowe?", "Is it new?")
    scene.publisher.publish()
    polls.pass_time(2 * ROUND)
    assert open_page.get_by_role("searchbox").input_value() == "ware"
    assert "Is it new?" not in open_page.locator("main").inner_text()
    open_page.locator("#news button").click()
    assert "Is it new?" in open_page.locator("main").inner_text()
    assert open_page.locator("#news").is_hidden()


def test_an_answer_to_a_reader_is_left_standing_until_asked(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/which-panel/?created=2020-09-15")
    polls = Polls(open_page)
    polls.pass_time(2 * ROUND)
    assert open_page.locator("#news").is_hidden()
    scenes.live_at(scenes.at("2021-03-23 10:00"))
    scene.publisher.publish()
    polls.pass_time(2 * ROUND)
    assert "was expected" not in open_page.locator("#answer").inner_text()
    open_page.locator("#news button").click()
    open_page.locator("#answer .late").wait_for()
    assert open_page.url.endswith("?created=2020-09-15")


def test_a_server_in_trouble_is_asked_less_and_less_and_the_page_says_so(open_page: Page, address: str) -> None:
    open_page.goto(f"{address}/en/subscribe/")
    polls = Polls(open_page, lambda route: route.fulfill(status=503))
    polls.pass_time(40)
    assert polls.count == 1
    assert open_page.locator("#stale").is_hidden()
    polls.pass_time(900)
    assert 4 <= polls.count <= 7
    assert open_page.locator("#stale").is_visible()
    polls.answer = lambda route: route.continue_()
    polls.pass_time(310)
    assert open_page.locator("#stale").is_hidden()


def test_a_page_that_works_is_asked_for_about_twice_a_minute(open_page: Page, address: str) -> None:
    open_page.goto(f"{address}/en/subscribe/")
    polls = Polls(open_page)
    polls.pass_time(600)
    assert 12 <= polls.count <= 31


def test_a_hidden_tab_does_not_ask_and_looks_soon_when_it_is_seen_again(open_page: Page, address: str) -> None:
    open_page.goto(f"{address}/en/")
    polls = Polls(open_page)
    see(open_page, hidden=True)
    polls.pass_time(600)
    assert polls.count == 0
    see(open_page, hidden=False)
    polls.pass_time(5)
    assert polls.count == 1


def see(page: Page, *, hidden: bool) -> None:
    """Hide or show the tab: a headless browser never does so itself."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def published(age: timedelta, site: Site) -> Callable[[Route], None]:
    """Answers as a server would whose publisher ran that long ago, by its own clock."""
    body = json.loads(site.store.current.pages["/now.json"].body())
    date = datetime.fromisoformat(body["published_at"]) + age
    headers = {"Date": format_datetime(date.astimezone(UTC), usegmt=True), "Content-Type": "application/json"}
    return lambda route: route.fulfill(status=200, headers=headers, body=json.dumps(body))


def test_old_news_is_called_so_by_the_clock_of_the_server(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/")
    polls = Polls(open_page, published(timedelta(minutes=4), scene))
    polls.pass_time(ROUND)
    assert open_page.locator("#stale").is_visible()
    assert "(4 minutes ago)" in open_page.locator(".asof").inner_text()
    polls.answer = published(timedelta(minutes=2), scene)
    polls.pass_time(ROUND)
    assert open_page.locator("#stale").is_hidden()


def test_a_reader_with_a_wrong_clock_is_told_the_right_times(browser: Browser, scene: Site, address: str) -> None:
    context = browser.new_context(locale="pl-PL")
    page = context.new_page()
    page.clock.install(time=clock.wall() + timedelta(days=400))
    page.goto(f"{address}/")
    assert page.locator(".ago").count() == 0
    Polls(page, published(timedelta(minutes=120), scene)).pass_time(ROUND)
    times = [one.replace("\xa0", " ") for one in page.locator(".ago").all_text_contents()]
    assert times[0].strip() == "(2 godziny temu)"
    assert page.locator(".ago:not([aria-hidden=true])").count() == 0
    context.close()


def test_a_promise_that_passed_says_how_late_it_is(browser: Browser, scene: Site, address: str) -> None:
    scenes.live_at(scenes.at("2021-03-22 16:25"))
    scene.publisher.publish()
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{address}/en/")
    polls = Polls(page)
    polls.pass_time(ROUND)
    assert "promised for 16:00 CET (25 minutes ago)" in page.locator(".asof").inner_text().replace("\xa0", " ")
    polls.answer = lambda route: route.abort()
    page.clock.run_for(180_000)
    assert re.search(r"\(2[78] minutes ago\)", page.locator(".asof .late").inner_text())
    context.close()


def test_the_frame_lives_as_well_and_says_nothing_aloud(open_page: Page, scene: Site, address: str) -> None:
    open_page.goto(f"{address}/en/embed/")
    polls = Polls(open_page)
    retitle(scene, "Told in a frame")
    polls.pass_time(2 * ROUND)
    assert "Told in a frame" in open_page.locator("main").inner_text()
    assert open_page.locator("#said").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_when_all_that_is_hidden_is_shown(
    browser: Browser, scene: Site, address: str, scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.clock.install()
    findings = []
    for path in ("/", "/incidents/fire2021/", "/subscribe/", "/embed/"):
        page.goto(address + path)
        Polls(page, published(timedelta(minutes=9), scene)).pass_time(ROUND)
        page.evaluate("for (const id of ['stale', 'news']) document.getElementById(id)?.removeAttribute('hidden')")
        findings += [f"{path}: {one['id']}" for one in Axe().run(page, options=RULES).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            findings.append(f"{path}: wider than a phone")
    context.close()
    assert findings == []
