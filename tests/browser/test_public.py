"""The public pages in a real browser: nothing for axe to find, nothing wider than a phone, no script needed."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from statuspage.web.site import Site

pytestmark = pytest.mark.browser
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
ASKED = (
    "which-panel/?created=2020-09-15",
    "which-panel/?created=2020-08",
    "which-panel/?created=2021-02-30",
    "faq/?q=a",
)


def public_paths(site: Site, locale: str) -> list[str]:
    prefix = "/en/" if locale == "en" else "/"
    published = [path for path, page in site.store.current.pages.items() if page.entry.media_type == "text/html"]
    mine = [path for path in published if path.startswith("/en/") == (locale == "en")]
    return sorted(mine) + [prefix + asked for asked in ASKED]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["pl", "en"])
def test_axe_finds_nothing_on_any_page(browser: Browser, scene: Site, address: str, locale: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    findings = []
    for number, path in enumerate(public_paths(scene, locale)):
        page.set_viewport_size({"width": 390, "height": 844} if number % 2 else {"width": 1280, "height": 900})
        page.goto(address + path)
        result = Axe().run(page, options=RULES)
        findings += [
            f"{path}: {one['id']}: {json.dumps(one['nodes'][0]['html'])}" for one in result.response["violations"]
        ]
    context.close()
    assert findings == []


def test_axe_would_find_what_is_wrong(browser: Browser, address: str) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/")
    page.evaluate("document.querySelector('#created').removeAttribute('placeholder')")
    page.evaluate("document.querySelector('label').remove()")
    assert [one["id"] for one in Axe().run(page, options=RULES).response["violations"]] == ["label"]
    context.close()


@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 640, "height": 900}])
def test_no_page_scrolls_sideways(browser: Browser, scene: Site, address: str, size: ViewportSize) -> None:
    context = browser.new_context(viewport=size, java_script_enabled=True)
    page = context.new_page()
    wide = []
    for path in public_paths(scene, "pl"):
        page.goto(address + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(path)
    context.close()
    assert wide == []


def test_text_at_twice_its_size_still_fits(browser: Browser, scene: Site, address: str) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 900}, bypass_csp=True)
    page = context.new_page()
    wide = []
    for path in public_paths(scene, "pl"):
        page.goto(address + path)
        page.add_style_tag(content="html { font-size: 200% !important }")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(path)
    context.close()
    assert wide == []


def test_a_seller_on_a_phone_learns_which_panel_and_what_to_do_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="pl-PL")
    page = context.new_page()
    page.goto(f"{address}/")
    page.get_by_label("Konto założone").fill("2020-09-15")
    page.get_by_role("button", name="Sprawdź").click()
    answer = page.locator("#answer")
    assert "Panel C nie działa." in answer.inner_text()
    assert "według dostawcy serwerów" in answer.inner_text()
    assert "Otwórz konto tymczasowe" in answer.inner_text()
    assert page.url.endswith("/which-panel/?created=2020-09-15")
    context.close()


def test_the_first_screen_of_a_phone_answers_the_four_questions(phone: Page, address: str) -> None:
    phone.goto(f"{address}/")
    bottom = phone.viewport_size["height"] if phone.viewport_size else 0
    for part in ("h1", "#created", ".incident .eta", ".incident .todo"):
        box = phone.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= bottom, part


def test_the_keyboard_reaches_the_content_first_and_the_focus_is_seen(phone: Page, address: str) -> None:
    phone.goto(f"{address}/")
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.className") == "skip"
    assert phone.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.closest('main') !== null")


def test_a_page_asks_no_other_host_and_sets_no_cookie(phone: Page, address: str) -> None:
    asked: list[str] = []
    failed: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    phone.on("console", lambda message: failed.append(message.text))
    phone.goto(f"{address}/")
    phone.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert failed == []
    assert phone.context.cookies() == []
