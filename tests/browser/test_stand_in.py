"""A customer whose panel dies and comes back, in a real browser with a real proxy between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from statuspage.web.site import Site
from tests.browser.test_public import RULES
from tests.stand_ins import Place, served

pytestmark = [pytest.mark.browser, pytest.mark.nginx]
DOWN = "Panel C nie działa."
WORKS = "Orders of today"


@pytest.fixture
def place(scene: Site, tmp_path: Path) -> Iterator[Place]:
    with served(scene, tmp_path) as one:
        yield one


@pytest.fixture
def customer(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="pl-PL")
    yield context
    context.close()


def shows(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()


def test_dead_then_mended_the_open_page_lets_in_by_itself_and_nothing_shows_the_stand_in_again(
    place: Place, customer: BrowserContext
) -> None:
    page = customer.new_page()
    page.clock.install()
    place.panel.mend()
    assert (opened := page.goto(f"{place.address}/orders"))
    assert opened.status == 200
    place.panel.kill()
    assert (dead := page.reload())
    assert dead.status == 503
    shows(page, DOWN)
    assert (deep := page.goto(f"{place.address}/orders/17?sort=date"))
    assert deep.status == 503
    page.clock.run_for(45_000)  # it asked, and is still shut out
    shows(page, DOWN)
    place.panel.mend()
    page.clock.run_for(60_000)
    shows(page, WORKS)
    assert page.url == f"{place.address}/orders/17?sort=date"
    page.reload()
    shows(page, WORKS)
    page.go_back()
    shows(page, WORKS)
    page.go_forward()
    shows(page, WORKS)
    page.close()
    second = customer.new_page()
    for path in ("/orders/17?sort=date", "/orders"):
        second.goto(place.address + path)
        shows(second, WORKS)


def test_going_back_from_the_mended_panel_to_an_address_that_was_dead_shows_the_panel(
    place: Place, customer: BrowserContext
) -> None:
    page = customer.new_page()
    page.goto(f"{place.address}/orders")
    shows(page, DOWN)
    place.panel.mend()
    page.goto(f"{place.address}/next")
    shows(page, WORKS)
    page.go_back()
    shows(page, WORKS)
    assert page.url == f"{place.address}/orders"


def test_a_form_sent_into_the_outage_is_not_sent_again_when_the_panel_is_back(
    place: Place, customer: BrowserContext
) -> None:
    page = customer.new_page()
    page.clock.install()
    place.panel.mend()
    page.goto(f"{place.address}/orders")
    place.panel.kill()
    page.evaluate("document.body.innerHTML = '<form method=post action=/ship><button>Ship</button></form>'")
    page.get_by_role("button").click()
    shows(page, DOWN)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    place.panel.mend()
    page.clock.run_for(60_000)
    shows(page, WORKS)
    assert "POST" not in sent


def test_a_hidden_page_does_not_ask_and_one_seen_again_asks_at_once(place: Place, customer: BrowserContext) -> None:
    page = customer.new_page()
    page.clock.install()
    page.goto(f"{place.address}/#orders")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    turn = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    turn += "document.dispatchEvent(new Event('visibilitychange')) }"
    page.evaluate(turn, True)
    page.clock.run_for(600_000)
    assert asked == []
    place.panel.mend()
    page.evaluate(turn, False)
    shows(page, WORKS)


def test_the_readers_language_stands_first_and_without_a_script_the_sites(place: Place, browser: Browser) -> None:
    for locale, script, first in (
        ("en-US", True, "en"),
        ("pl-PL", True, "pl"),
        ("de", True, "pl"),
        ("en", False, "pl"),
    ):
        context = browser.new_context(locale=locale, java_script_enabled=script)
        page = context.new_page()
        page.goto(place.address)
        assert page.locator("main > section").first.get_attribute("lang") == first
        assert page.locator("main > section").count() == 2
        assert page.locator("html").get_attribute("lang") == first
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_small_phone_and_axe_finds_nothing(place: Place, browser: Browser, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(place.address)
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert [one["id"] for one in Axe().run(page, options=RULES).response["violations"]] == []
    context.close()


def test_its_policy_lets_its_own_style_and_script_run_and_it_asks_no_other_host(
    place: Place, customer: BrowserContext
) -> None:
    page = customer.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{place.address}/orders")
    page.wait_for_load_state("networkidle")
    assert [words for words in said if "503" not in words] == []
    assert [url for url in asked if not url.startswith(place.address)] == []
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).display") == "flex"
    assert customer.cookies() == []
