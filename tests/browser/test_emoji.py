"""Emoji by shortcode, by completion and from the dialog, for writing and reacting."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.test_composer import PHONE
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REQUESTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/vendor/emoji/")).length"""


async def test_emoji_are_written_by_keyboard(town: Town, arrives: Arrives) -> None:
    await town.opens("emoji-keys")
    ana = await arrives("ana")
    await ana.opens_room("emoji-keys")
    type_ = ana.page.keyboard.type
    assert await ana.page.evaluate(REQUESTS) == 0

    # Names and emoji share how they are completed.
    await type_("hi @be")
    people = ana.page.get_by_role("listbox", name="People to mention").get_by_role("option")
    await expect(people.first).to_have_attribute("aria-selected", "true")
    await ana.page.keyboard.press("Tab")
    await expect(ana.composer).to_have_value("hi @ben ")
    await expect(people).to_have_count(0)
    await ana.composer.fill("")

    await type_("well :tad")
    options = ana.page.get_by_role("listbox", name="Emoji").get_by_role("option")
    await expect(options.first).to_contain_text(":tada:")
    await ana.page.keyboard.press("Enter")
    await expect(ana.composer).to_have_value("well 🎉 ")
    await type_("and :+1:")
    await expect(ana.composer).to_have_value("well 🎉 and 👍")
    await type_(" not `:tada:` at 10:30:45 ")
    await ana.page.keyboard.press("Enter")
    await ana.sees("well 🎉 and 👍 not :tada: at 10:30:45")
    assert await ana.page.evaluate(REQUESTS) == 1

    await type_("see :tad")
    await expect(options.first).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("Enter")
    await ana.sees("see :tad")

    # Texts of programs hold shortcodes too.
    room = "emoji-keys"
    text = ":rocket: from a program"
    await town.calls("POST", f"/api/rooms/{room}/messages", by="ben", json={"text": text})
    await ana.sees("🚀 from a program")

    # React with any emoji, found in the dialog; it is among one's own from then on.
    await ana.page.keyboard.press("Escape")
    await expect(ana.message("from a program")).to_be_focused()
    await ana.page.keyboard.press("+")
    await ana.page.keyboard.press("ArrowLeft")
    await ana.page.keyboard.press("Enter")
    dialog = ana.page.get_by_role("dialog", name="Choose an emoji")
    await expect(dialog.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    await type_("hedgeh")
    await expect(dialog.get_by_role("button", name="hedgehog")).to_be_visible()
    await _has_no_barriers(ana.page, "emoji")
    await ana.page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    chip = ana.message("from a program").locator(".reaction")
    await expect(chip).to_contain_text("🦔")
    await expect(ana.message("from a program")).to_be_focused()
    await ana.page.keyboard.press("+")
    row = ana.page.get_by_role("group", name="Choose a reaction").get_by_role("button")
    await expect(row.filter(has_text="🦔")).to_have_count(1)
    await ana.page.keyboard.press("Escape")


async def test_emoji_are_picked_by_touch_in_ones_own_skin_tone(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("emoji-touch")
    ana = await arrives("ana", **PHONE)
    await ana.opens_room("emoji-touch")
    await ana.page.get_by_role("button", name="Emoji", exact=True).tap()
    dialog = ana.page.get_by_role("dialog", name="Choose an emoji")
    await dialog.get_by_role("button", name="Skin tone 3 of 5").tap()
    await dialog.get_by_role("button", name="People", exact=True).tap()
    await dialog.get_by_role("button", name="waving hand", exact=True).tap()
    await expect(dialog).to_have_count(0)
    await expect(ana.composer).to_have_value("👋🏽")
    await ana.page.get_by_role("button", name="Send").tap()
    await ana.sees("👋🏽")
    await ana.composer.tap()
    await ana.page.keyboard.type(":thumbsu")
    option = ana.page.get_by_role("option", name=":thumbsup:")
    await option.tap()
    await expect(ana.composer).to_have_value("👍🏽 ")
