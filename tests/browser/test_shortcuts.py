"""Keyboard shortcuts and their list, the person's menu, the contents of settings, and «About»."""

import pytest
from playwright.async_api import Locator, Page, expect

from app import __version__
from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.browser.test_preferences import PHONE
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _list(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


async def test_shortcuts_are_listed_at_a_key(town: Town, arrives: Arrives) -> None:
    # A draft stays in its room, so it has one of its own.
    await town.creates("Listed at a key")
    ana = await arrives("ana")
    await ana.opens_room("listed-at-a-key")
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


async def test_keys_lead_to_settings_and_to_inviting(town: Town, arrives: Arrives) -> None:
    await town.settles("iris")
    await town.creates("Iris invites", by="iris")
    iris = await arrives("iris")
    await iris.opens_room("iris-invites")
    await iris.composer.fill("half a sentence")
    await iris.page.keyboard.press("Alt+i")
    dialog = iris.page.get_by_role("dialog", name="Invite to")
    await expect(dialog.get_by_role("option", name="ben")).to_be_visible()
    # The list had its place before it came, and keeps it when nothing is found.
    box = await dialog.bounding_box()
    await iris.page.keyboard.type("nobody is called so")
    await expect(dialog.get_by_role("option", name="ben")).to_have_count(0)
    assert await dialog.bounding_box() == box
    await iris.page.keyboard.press("Escape")
    await expect(iris.composer).to_have_value("half a sentence")
    await iris.page.keyboard.press("Control+,")
    await iris.page.wait_for_url("**/settings")


async def test_the_menu_of_a_person_leads_on_and_asks_for_two_presses_to_sign_out(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("otis")
    otis = await arrives("otis", **PHONE)
    await otis.opens_room("hallway")
    await otis.page.get_by_role("button", name="Rooms").first.tap()
    menu = otis.page.get_by_role("button", name="Your menu")
    await menu.tap()
    rows = otis.page.get_by_role("menuitem")
    await expect(rows).to_have_text(
        ["Settings", "Notification settings", "Keyboard shortcuts", "About Parley", "Sign out"]
    )
    await _has_no_barriers(otis.page, "the menu of a person")
    await otis.page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await menu.tap()
    await rows.filter(has_text="Sign out").tap()
    await otis.page.wait_for_url("**/login")


async def test_settings_have_contents_that_mark_what_is_read(town: Town, arrives: Arrives) -> None:
    await town.settles("nell")
    nell = await arrives("nell", viewport={"width": 1280, "height": 800})
    await nell.goes_to("/settings")
    contents = nell.page.get_by_role("navigation", name="On this page")
    current = contents.locator("[aria-current]")
    await expect(current).to_have_text("Profile")
    await contents.get_by_role("link", name="Tokens for programs").click()
    await expect(current).to_have_text("Tokens for programs")
    await expect(nell.page.locator("#tokens-title")).to_be_in_viewport()
    # It stays beside the card.
    await expect(contents.get_by_role("link", name="Profile")).to_be_in_viewport()
    await _has_no_barriers(nell.page, "/settings with contents")

    await nell.page.set_viewport_size({"width": 390, "height": 844})
    await contents.get_by_role("link", name="Delete my account").click()
    await expect(current).to_have_text("Delete my account")
    await expect(current).to_be_in_viewport()
    assert await nell.page.evaluate("document.documentElement.scrollWidth") <= 390
    await _has_no_barriers(nell.page, "/settings with contents on a phone")


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
