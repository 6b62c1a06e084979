"""The desk and the personal pages in a real browser: in by a link, an update told, nothing for axe to find."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from statuspage.accounts import actions
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.recovery.actions.accounts import mint_link, open_account
from tests import scenes
from tests.browser.test_public import RULES
from tests.staff.desks import person

pytestmark = pytest.mark.browser
FIRE = f"/staff/incidents/{scenes.FIRE}/"
LISTS = ("", "panels/", "incidents/", "estimates/", "maintenance/", "faq/", "probes/", "recovery/", "accounts/")
FORMS = (
    "recovery/import/",
    "recovery/1/",
    "recovery/1/correct",
    "panels/new",
    "panels/panel-a/",
    "panels/panel-a/edit",
    "incidents/new",
    "estimates/new",
    "maintenance/new",
)
RECOVERY = ("orders/", "sizes/", "sizes/panel-c/", "choices/", "choices/offer/panel-c/")
OWN = ("me/", "me/password", "me/factor", "me/sessions/", "confirm?to=/staff/tokens/", "accounts/1/")
PAGES = [
    *(f"/staff/{one}" for one in (*LISTS, *FORMS, *OWN, "faq/new", "tokens/", "audit/", "audit/1/")),
    *(f"/staff/recovery/{one}" for one in RECOVERY),
    *(FIRE, *(f"{FIRE}{one}" for one in ("update", "handover", "summary", "promise", "edit"))),
]
WAREHOUSE = "#components-panel-a\\.warehouse"


def link(locale: str) -> str:
    """The path of a one-time link of a new administrator who reads this language."""
    staff_id = person("ola@example.com", Role.ADMIN, password=None)
    with transaction(quiet=True) as session:
        actions.speak(session, staff_id, locale)
        return f"/staff/sign-in/{actions.make_link(session, session.get_one(Staff, staff_id), SYSTEM)}"


def enter(page: Page, address: str, locale: str = "en") -> None:
    page.goto(address + link(locale))
    page.locator("main button").click()
    page.wait_for_url("**/staff/")


def wider(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def findings(page: Page) -> list[str]:
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in violations]


@pytest.mark.parametrize("scripted", [True, False])
def test_an_update_told_in_two_languages_is_on_both_pages_at_once(
    browser: Browser, address: str, scripted: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripted, viewport={"width": 390, "height": 844})
    page = context.new_page()
    enter(page, address)
    page.goto(f"{address}{FIRE}update")
    page.locator("#body-en").fill("Accounts come back one by one.")
    page.locator("#body-pl").fill("Konta wracają jedno po drugim.")
    page.locator("summary", has_text="Panel A").click()
    page.locator(WAREHOUSE).select_option("partial_outage")
    page.locator("[name='components-panel-a.warehouse-note-en']").fill("counts only")
    page.locator("[name='components-panel-a.warehouse-note-pl']").fill("tylko stany")
    page.locator("#next_update_by").fill("2021-03-22T18:30")
    page.get_by_text("A new estimate with it").click()
    page.locator("#about").select_option("panel:panel-c")
    page.get_by_role("button", name="Publish to the page").click()
    assert page.locator("#first_day[aria-invalid]").is_visible()
    assert page.locator("#body-en").input_value() == "Accounts come back one by one."
    page.locator("#first_day").fill("2021-03-24")
    page.locator("#source-pl").fill("według dostawcy serwerów")
    page.get_by_role("button", name="Publish to the page").click()
    page.wait_for_url("**done=posted")
    page.goto(f"{address}/")
    assert "Konta wracają jedno po drugim." in (page.locator("main").text_content() or "")
    page.goto(f"{address}/en/")
    told = (page.locator("main").text_content() or "").replace("\xa0", " ")
    for words in ("Accounts come back one by one.", "18:30", "24 March"):
        assert words in told, words
    page.goto(f"{address}/en/panels/panel-a/")
    assert "counts only" in (page.locator("main").text_content() or "")
    context.close()


def test_a_preview_shows_the_update_and_publishes_nothing(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, address)
    page.goto(f"{address}{FIRE}update")
    page.locator("#body-pl").fill("Jeszcze **nie**.")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview").first.click()
    assert opened.value.locator("strong", has_text="nie").first.is_visible()
    page.goto(f"{address}/")
    assert "Jeszcze" not in page.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize("locale", ["pl", "en"])
def test_axe_finds_nothing_at_the_desk_and_on_personal_pages(browser: Browser, address: str, locale: str) -> None:
    with transaction() as session:
        token = mint_link(session, open_account(session, "panel-c", "10423"), SYSTEM)
    context = browser.new_context(bypass_csp=True, locale=locale, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{address}/staff/sign-in/")
    found = findings(page)
    enter(page, address, locale)
    prefix = "/en" if locale == "en" else ""
    for path in [*PAGES, f"{prefix}/recovery/a/{token}/", f"{prefix}/recovery/link/"]:
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, path
        if wider(page):
            found.append(f"{path}: wider than a phone")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += findings(page)
    context.close()
    assert found == []
