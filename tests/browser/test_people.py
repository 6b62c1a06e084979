"""A person's own way through the desk in a real browser: confirming, a second factor, sessions."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from statuspage import clock
from statuspage.accounts.models import StaffSession
from statuspage.accounts.rules import Role
from statuspage.db import transaction
from tests.staff.desks import PASSWORD, person
from tests.staff.phones import read_key

pytestmark = pytest.mark.browser


def sign_in(page: Page, address: str, email: str = "eva@example.com") -> None:
    page.goto(f"{address}/staff/sign-in/")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()


def test_a_waiting_form_is_sent_on_by_the_browser_itself(browser: Browser, address: str) -> None:
    person("eva@example.com", Role.ADMIN)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/staff/accounts/")
    page.locator("#email").fill("new@example.com")
    page.locator("#name").fill('Nina "the new one" <b>')
    with transaction(quiet=True) as session:
        session.execute(update(StaffSession).values(confirmed_at=clock.wall() - timedelta(hours=1)))
    page.get_by_role("main").get_by_role("button").last.click()
    assert page.get_by_text("Is it you?").first.is_visible()
    page.locator("#confirm-proof").fill("wrong")
    page.get_by_role("main").get_by_role("button").click()
    page.locator("#confirm-proof").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    assert "/staff/sign-in/" in page.locator(".secret").inner_text()
    page.goto(f"{address}/staff/accounts/")
    assert page.get_by_text('Nina "the new one" <b>').is_visible()
    context.close()


def test_a_phone_is_set_up_and_asked_for(browser: Browser, address: str) -> None:
    person("eva@example.com", Role.EDITOR)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/staff/me/")
    page.get_by_role("link", name="Second factor").click()
    phone = read_key(page.content())
    page.locator("#code").fill(phone.code(0))
    page.get_by_role("button", name="Turn the second factor on").click()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name=re.compile("Sign out")).click()
    sign_in(page, address)
    page.locator("#code").fill(codes[4])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/")
    context.close()
