"""The form of a probe in a real browser: only what belongs to the chosen kind stands there, without JavaScript too."""

import pytest
from playwright.sync_api import Browser

from tests.browser.test_desk import enter, findings, wider

pytestmark = pytest.mark.browser
SETTINGS = {
    "http": ("target", "method", "headers", "statuses", "json_path", "cert_days"),
    "tcp": ("target", "send", "answer"),
    "tls": ("target", "cert_days"),
    "dns": ("target", "record", "resolver", "value"),
    "ping": ("target", "port"),
    "heartbeat": ("grace",),
}


@pytest.mark.parametrize("scripted", [True, False])
def test_only_the_settings_of_the_chosen_kind_are_shown(browser: Browser, address: str, scripted: bool) -> None:
    context = browser.new_context(java_script_enabled=scripted, viewport={"width": 390, "height": 844})
    page = context.new_page()
    enter(page, address)
    page.goto(f"{address}/staff/probes/new")
    for kind, shown in SETTINGS.items():
        page.locator("#kind").select_option(kind)
        for name in {one for names in SETTINGS.values() for one in names}:
            assert page.locator(f"#{name}").is_visible() is (name in shown), (kind, name)
    context.close()


def test_a_wrong_setting_of_another_kind_is_shown_all_the_same(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    enter(page, address)
    page.goto(f"{address}/staff/probes/new")
    page.locator("#name").fill("Login")
    page.locator("#cert_days").fill("1.5")
    page.locator("#kind").select_option("tcp")
    page.get_by_role("button", name="Save the probe").click()
    assert page.locator("#cert_days-error").is_visible()
    assert not page.locator("#method").is_visible()
    assert findings(page) == []
    assert not wider(page)
    page.close()
