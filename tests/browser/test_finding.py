"""All people and open rooms of the server are found by any part of a name, in any script."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def looks_for(reader: Reader, field: str, letters: str, found: str) -> None:
    """Type into a field of this name and see a choice."""
    await reader.page.get_by_role("combobox", name=field).fill(letters)
    await expect(reader.page.get_by_role("option", name=found)).to_be_visible()


async def test_people_of_other_rooms_are_found_everywhere(town: Town, arrives: Arrives) -> None:
    await town.settles("yamada.t", "--display-name", "山田太郎")
    await town.settles("zoe-b", "--display-name", "Zoë Brandão")
    await town.creates("Überblick", "open", by="ben")
    await town.creates("Überblick geheim", "private", by="ben")
    room = await town.creates("alone", "private")
    ana = await arrives("ana")
    await ana.opens_room(room)
    page, press = ana.page, ana.page.keyboard.press

    # Completion: the room has nobody else.
    await ana.composer.press_sequentially("ask @山")
    option = page.get_by_role("option", name="山田太郎")
    await expect(option).to_contain_text("not in this room")
    await press("Enter")
    await expect(ana.composer).to_have_value("ask @yamada.t ")
    await ana.composer.fill("")

    # Write to someone.
    await page.get_by_role("button", name="Write to someone").click()
    await looks_for(ana, "Name or username", "brandao", "Zoë Brandão")
    await _has_no_barriers(page, "write to someone")
    await press("Enter")
    await expect(page.locator("#room-head h1")).to_contain_text("Zoë Brandão")

    # Jump to: people, open rooms that one is not in, and never a private one.
    await press("Control+k")
    await looks_for(ana, "Jump to a room or a person", "uber", "Überblick")
    await _has_no_barriers(page, "jump to")
    await expect(page.get_by_role("option", name="geheim")).to_have_count(0)
    await looks_for(ana, "Jump to a room or a person", "田", "山田太郎")
    await press("Enter")
    await expect(page.locator("#room-head h1")).to_contain_text("山田太郎")

    # Invite: two at once, and those who are in the room are marked.
    await ana.opens_room(room)
    await page.get_by_role("button", name="Invite", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    await looks_for(ana, "People", "田太", "山田太郎")
    await press("Enter")
    await looks_for(ana, "People", "ZOE", "Zoë Brandão")
    await press("Enter")
    await _has_no_barriers(page, "invite")
    await dialog.get_by_role("button", name="Invite", exact=True).click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".person-name").filter(has_text="Zoë")).to_be_visible()
    await page.get_by_role("button", name="Invite", exact=True).first.click()
    await looks_for(ana, "People", "zoe", "Zoë Brandão")
    await expect(page.get_by_role("option", name="Zoë")).to_have_attribute("aria-disabled", "true")
    await press("Escape")


async def test_rooms_are_browsed_joined_and_opened_again(town: Town, arrives: Arrives) -> None:
    await town.creates("Browse me", "open", "cleo", by="ben")
    ana = await arrives("ana")
    await ana.opens_room("hallway")
    page = ana.page
    dialog = page.get_by_role("dialog")

    async def browses(letters: str) -> None:
        await page.get_by_role("button", name="Add a room").click()
        await page.get_by_role("menuitem", name=re.compile("Browse")).click()
        await dialog.get_by_role("searchbox").fill(letters)

    # A look at it before joining.
    await browses("owse m")
    row = dialog.get_by_role("listitem").filter(has_text="Browse me")
    await expect(row).to_contain_text("2 members")
    await row.get_by_role("button", name="Browse me", exact=True).click()
    await expect(page.locator("#room-head h1")).to_contain_text("Browse me")
    await page.locator("[data-closed]").get_by_role("button", name="Join").click()
    await expect(page.locator(".room-link", has_text="Browse me")).to_be_visible()

    # Archived, found, and opened again.
    await page.get_by_role("button", name="Room settings").click()
    await page.get_by_role("button", name="Archive this room").click()
    await page.get_by_role("button", name="Archive", exact=True).click()
    await expect(page.locator("#room-head h1")).to_contain_text("archived")
    await browses("browse me")
    await expect(dialog).to_contain_text("No room by that name.")
    await dialog.get_by_label("Archived rooms").check()
    await dialog.get_by_role("button", name="Reopen Browse me").click()
    await expect(dialog).to_contain_text("No room by that name.")
    await page.keyboard.press("Escape")
    await ana.sends("open again")
    await ana.sees("open again")
