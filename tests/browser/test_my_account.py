"""My account in a real browser: choosing without scripts, keeping the receipt, nothing for axe to find, print."""

import pytest
from playwright.sync_api import Browser, Page

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.recovery.actions.merging import plan_merge
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.rules.merging import Example, Plan
from tests import scenes
from tests.browser.test_desk import findings, wider
from tests.personal.conftest import accounts, owed

pytestmark = pytest.mark.browser


@pytest.fixture
def link(address: str) -> str:
    """The link to an account with a temporary one, a merge that is planned, and a choice that is owed."""
    with transaction() as session:
        token, _, _ = accounts(session)
        owed(session, "10423")
        original, temporary = account(session, "panel-c", "10423"), account(session, "panel-d", "D-7")
        assert original is not None
        assert temporary is not None
        examples = (Example("A-5521907733-" * 6, "two orders have this number"),)
        plan_merge(session, original, temporary, Plan(310, 940, 1, examples, 1, scenes.NOW), SYSTEM)
    return f"{address}/recovery/a/{token}/"


def test_a_choice_is_made_and_changed_and_something_asked_for_without_scripts(browser: Browser, link: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Przywróć produkty sprzed awarii").check()
    page.get_by_role("button", name="Wybieram").click()
    assert page.get_by_role("heading", name="Potwierdzenie Twojego wyboru").is_visible()
    first = page.locator("dd b").first.inner_text()
    page.get_by_label("dopasowując je po SKU").check()
    page.get_by_role("button", name="Zmień wybór").click()
    assert page.locator("dd b").first.inner_text() != first
    page.get_by_role("link", name="Wróć do mojego konta").click()
    page.get_by_label("Od którego dnia?").fill("2021-03-09")
    page.get_by_role("button", name="Wyślij prośbę").click()
    assert "przyjęta" in page.locator("section[aria-labelledby=requests]").inner_text()
    context.close()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_axe_finds_nothing_before_and_after_choosing_and_nothing_is_wider_than_a_phone(
    browser: Browser, link: str, prefix: str
) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(link.replace("/recovery/", f"{prefix}/recovery/", 1))
    found = looked_at(page)
    page.locator("section[aria-labelledby=choice] input").first.check()
    page.locator("section[aria-labelledby=choice] button").click()
    page.wait_for_url("**/choices/*/")
    found += looked_at(page)
    context.close()
    assert found == [], found


def looked_at(page: Page) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = [f"{page.url}: wider than a phone"] if wider(page) else []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += findings(page)
    return found


def test_on_paper_stand_the_answers_and_no_form(browser: Browser, link: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.emulate_media(media="print")
    assert page.locator("ol.stages").first.is_visible()
    assert page.get_by_text("two orders have this number").is_visible()
    assert not page.get_by_role("button", name="Wybieram").is_visible()
    assert not page.get_by_text("Poproś nas o import").is_visible()
    context.close()
