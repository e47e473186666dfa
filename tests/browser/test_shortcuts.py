"""The list of keyboard shortcuts, and «About»."""

import pytest
from playwright.async_api import Locator, Page, expect

from app import __version__
from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.browser.test_preferences import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _list(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


async def test_shortcuts_are_listed_at_a_key(arrives: Arrives) -> None:
    ana = await arrives("ana")
    await ana.opens_room("hallway")
    keys, shown = ana.page.keyboard, _list(ana.page)
    await ana.sends("Something to stand on")
    await ana.sees("Something to stand on")
    # While one writes, `?` is a letter, and Ctrl-/ is not.
    await ana.composer.fill("Really")
    await keys.press("?")
    await expect(ana.composer).to_have_value("Really?")
    for combination in ("Control+/", "Meta+/"):
        await keys.press(combination)
        await expect(shown).to_contain_text("Jump to a room or a person")
        await keys.press(combination)
        await expect(shown).to_have_count(0)
    await expect(ana.composer).to_be_focused()
    await keys.press("Control+/")
    await _has_no_barriers(ana.page, "the list of shortcuts")
    await keys.press("Escape")

    await ana.messages.last.focus()
    await keys.press("?")
    await expect(shown).to_be_visible()
    await keys.press("Escape")
    await expect(ana.messages.last).to_be_focused()
    await ana.page.evaluate("document.activeElement.blur()")
    await keys.press("?")
    await expect(shown).to_be_visible()
    await keys.press("Escape")
    await expect(ana.composer).to_have_value("Really?")

    await ana.goes_to("/settings")
    await ana.page.get_by_role("button", name="Keyboard shortcuts").click()
    await expect(shown).to_be_visible()


async def test_about_is_for_everybody(arrives: Arrives) -> None:
    somebody = await arrives("ben", signed_in=False, color_scheme="dark", **PHONE)
    await somebody.goes_to("/login")
    await somebody.page.get_by_role("link", name="About Parley").tap()
    await expect(somebody.page.locator("#main")).to_contain_text(__version__)
    await _has_no_barriers(somebody.page, "/about")
    for link in ("MIT", "For those who write programs"):
        address = await somebody.page.get_by_role("link", name=link).get_attribute("href")
        assert address
        answer = await somebody.context.request.get(somebody.town.server.url + address)
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    wide = await somebody.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
