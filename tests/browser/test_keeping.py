"""What is typed survives a lost connection and an ended session, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select

from statuspage.accounts import actions
from statuspage.accounts.models import Staff, StaffSession
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from tests import scenes
from tests.browser.test_desk import enter, findings

pytestmark = pytest.mark.browser
UPDATE = f"/staff/incidents/{scenes.FIRE}/update"


def kept(page: Page, words: str) -> None:
    expect(page.locator("p.kept")).to_contain_text(words, timeout=15_000)


def taken_up(page: Page, address: str) -> str:
    """What stands in the form after going on with what was offered."""
    page.goto(f"{address}{UPDATE}")
    page.locator(".unsent a").first.click()
    return page.locator("#body-pl").input_value()


def test_what_is_typed_outlives_the_connection_the_session_and_the_tab(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en", bypass_csp=True)
    page = context.new_page()
    enter(page, address)
    page.goto(f"{address}{UPDATE}")
    page.locator("#body-pl").fill("Pierwsze zdanie.")
    kept(page, "Kept as you type")
    context.set_offline(True)
    page.locator("#body-pl").fill("Pierwsze zdanie. Drugie.")
    kept(page, "No connection")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"{address}/staff/")  # any page of the desk brings what this browser still has
    page.wait_for_function("!Object.keys(localStorage).some((one) => one.startsWith('unsent'))")
    assert taken_up(page, address) == "Pierwsze zdanie. Drugie."
    with transaction(quiet=True) as session:
        session.execute(delete(StaffSession))
    page.locator("#body-pl").fill("Pierwsze zdanie. Drugie. Trzecie.")
    kept(page, "You are signed out")
    assert findings(page) == []
    other = context.new_page()
    enter_again(other, address)
    kept(page, "Kept as you type")  # the tab that was left open goes on by itself
    page.get_by_role("button", name="Publish to the page").click()
    page.wait_for_url("**done=posted")
    page.goto(f"{address}{UPDATE}")
    page.wait_for_function("!Object.keys(localStorage).some((one) => one.startsWith('unsent'))")
    assert page.locator(".unsent a").count() == 0
    page.goto(f"{address}/")
    assert "Trzecie." in (page.locator("main").text_content() or "")
    context.close()


def enter_again(page: Page, address: str) -> None:
    """The same person, by a new link."""
    with transaction(quiet=True) as session:
        secret = actions.make_link(session, session.scalars(select(Staff)).one(), SYSTEM)
    page.goto(f"{address}/staff/sign-in/{secret}")
    page.locator("main button").click()
    page.wait_for_url("**/staff/")
