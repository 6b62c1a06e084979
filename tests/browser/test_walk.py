"""The first night of a new colleague: from the one-time link to a published update in two languages with an estimate.

`STATUSPAGE_SCREENSHOTS=docs/screenshots` keeps what they saw on the way.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from statuspage.db import transaction
from statuspage.leases.actions import hold
from statuspage.leases.rules import LEASE
from tests.browser.test_desk import FIRE, findings, link, wider

pytestmark = pytest.mark.browser
POLISH = "Konta wracają jedno po drugim. Nie musisz nic robić."
ENGLISH = "Accounts come back one by one. You need not do anything."
WIDE: ViewportSize = {"width": 1180, "height": 760}


class Hand:
    """Somebody at keyboard and mouse; counts how long a practised person takes (the keystroke-level model, in s)."""

    KEY, POINT, THINK = 0.28, 1.1, 1.35

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seconds = 0.0

    def click(self, what: Locator) -> None:
        self.seconds += self.THINK + self.POINT
        what.click()

    def write(self, where: str, words: str) -> None:
        self.seconds += self.THINK + self.POINT + self.KEY * len(words)
        self.page.locator(where).fill(words)

    def choose(self, where: str, value: str) -> None:
        self.seconds += 2 * (self.THINK + self.POINT)
        self.page.locator(where).select_option(value)


def shot(page: Page, name: str) -> None:
    """Keep a picture, where somebody asked for pictures."""
    folder = os.environ.get("STATUSPAGE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_from_the_link_to_a_published_update_in_two_languages_in_under_two_minutes(
    browser: Browser, address: str
) -> None:
    with transaction(quiet=True) as session:
        hold(session, LEASE, "a worker", 60)
    context = browser.new_context(viewport=WIDE, locale="en")
    page = context.new_page()
    hand = Hand(page)
    page.goto(address + link("en"))
    hand.click(page.locator("main button"))
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()
    shot(page, "desk-what-needs-you")
    hand.click(page.get_by_role("navigation").get_by_role("link", name="Incidents"))
    hand.click(page.get_by_role("link", name="Data centre fire"))
    hand.click(page.get_by_role("link", name="Post an update"))
    hand.write("#body-pl", POLISH)
    hand.write("#body-en", ENGLISH)
    hand.write("#next_update_by", "2021-03-22T18:30")
    hand.click(page.get_by_text("A new estimate with it"))
    hand.choose("#about", "panel:panel-c")
    hand.write("#first_day", "2021-03-24")
    hand.write("#source-pl", "według dostawcy")
    hand.write("#source-en", "according to the provider")
    button = page.get_by_role("button", name="Publish to the page and 5 feeds")
    expect(button).to_be_visible()
    expect(page.locator("#outlook")).to_contain_text("All texts are there in every language.")
    page.evaluate("scrollTo(0, 0)")
    shot(page, "desk-composer")
    hand.click(button)
    page.wait_for_url("**done=posted")
    assert hand.seconds < 120
    for path, words in (("/", POLISH), ("/en/", ENGLISH)):
        page.goto(address + path)
        told = (page.locator("main").text_content() or "").replace("\xa0", " ")
        assert words in told
        assert "18:30" in told
    assert "24 March, according to the provider" in told
    context.close()


@pytest.mark.parametrize("locale", ["pl", "en"])
def test_axe_finds_nothing_beside_a_form_that_shows_what_readers_will_get(
    browser: Browser, address: str, locale: str
) -> None:
    context = browser.new_context(bypass_csp=True, locale=locale, viewport=WIDE)
    page = context.new_page()
    page.goto(address + link(locale))
    page.locator("main button").click()
    page.goto(f"{address}{FIRE}update")
    page.locator("#body-pl").fill("Tylko **po polsku**.\n\n- raz\n- dwa")
    expect(page.locator("#outlook")).to_contain_text("po polsku")
    expect(page.locator("p.kept")).to_be_visible(timeout=15_000)
    found = []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        if wider(page):
            found.append(f"wider than {width}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += findings(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#outlook").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('outlook').scrollIntoView()")
    shot(page, f"desk-preview-phone-{locale}")
    context.close()
    assert found == []
