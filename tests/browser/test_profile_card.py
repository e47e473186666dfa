"""The card of a person, from wherever their name stands, by mouse, keyboard and touch."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.browser.test_preferences import PHONE
from tests.checker.history import History
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _card(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name)


async def _says(town: Town, by: str, text: str, room: str = "hallway") -> None:
    path = f"/api/rooms/{room}/messages"
    assert (await town.calls("POST", path, by=by, json={"text": text}))[0] == 201


async def test_a_name_an_avatar_and_a_mention_show_who_it_is(town: Town, arrives: Arrives) -> None:
    # Nothing of his is open anywhere, so he is offline.
    await town.settles("wendel")
    room = await town.creates("Keys of Wendel", "open", "wendel", "cleo")
    zone = {"time_zone": "Asia/Tokyo"}
    await town.calls("PATCH", "/api/me/preferences", by="wendel", json=zone)
    await _says(town, "wendel", "Who has the keys, @cleo?", room)
    ana = await arrives("ana")
    await ana.opens_room(room)
    message = ana.message("Who has the keys")

    await message.get_by_role("button", name="wendel", exact=True).click()
    card = _card(ana.page, "wendel")
    await expect(card).to_contain_text("@wendel")
    await expect(card).to_contain_text("offline")
    await expect(card).to_contain_text("for them (Asia/Tokyo)")
    manage = card.get_by_role("link", name="Manage this account")
    await expect(manage).to_have_attribute("href", re.compile("^/admin/people/"))
    await expect(card.get_by_role("button", name="Remove from this room")).to_be_visible()
    await _has_no_barriers(ana.page, "the card of a person")
    await ana.page.keyboard.press("Escape")
    await expect(card).to_have_count(0)

    # By keyboard: the names of the message in focus are tab stops, those of others are not.
    await message.focus()
    await ana.page.keyboard.press("Tab")
    await expect(message.get_by_role("button", name="wendel", exact=True)).to_be_focused()
    await message.locator(".mention").focus()
    await ana.page.keyboard.press("Enter")
    await expect(_card(ana.page, "cleo")).to_contain_text("@cleo")
    await ana.page.keyboard.press("Escape")
    await expect(message.locator(".mention")).to_be_focused()
    await message.focus()
    await ana.page.keyboard.press("p")
    await expect(_card(ana.page, "wendel")).to_be_visible()
    await ana.page.keyboard.press("Escape")

    await ana.page.locator("#people .person", has_text="wendel").click()
    await card.get_by_role("button", name="Write to wendel").click()
    await expect(ana.page.locator("#room-head h1")).to_have_text("wendel")


async def test_a_member_taps_a_name_and_finds_nothing_of_admins(
    town: Town, arrives: Arrives
) -> None:
    await _says(town, "ana", "Tap on me, @ben")
    cleo = await arrives("cleo", color_scheme="dark", **PHONE)
    await cleo.opens_room("hallway")
    await cleo.message("Tap on me").locator(".avatar").tap()
    card = _card(cleo.page, "ana")
    await expect(card).to_contain_text("admin")
    await expect(card.get_by_role("button", name="Write to ana")).to_be_visible()
    await expect(card.get_by_role("link", name="Manage this account")).to_have_count(0)
    await expect(card.get_by_role("button", name="Remove from this room")).to_have_count(0)
    box = await card.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["viewport"]["width"]  # type: ignore[index]


async def test_names_of_system_lines_and_of_a_direct_room_show_the_card(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("xaver")
    room = await town.creates("Arrivals of Xaver", "open", by="ana")
    invited = {"room": room, "user": town.users["xaver"]["id"]}
    person = town.person("ana", History())
    await person.connects()
    assert (await person.asks("room:invite", invited))["ok"]
    await person.leaves()
    ben = await arrives("ben")
    await ben.opens_room("arrivals-of-xaver")
    line = ben.page.locator(".system", has_text="xaver")
    name = line.get_by_role("button", name="xaver")
    await name.click()
    card = _card(ben.page, "xaver")
    await expect(card).to_contain_text("@xaver")
    await card.get_by_role("button", name="Write to xaver").click()

    head = ben.page.locator("#room-head").get_by_role("button", name="xaver")
    await head.press("Enter")
    await expect(card).to_contain_text("@xaver")
    await ben.page.keyboard.press("Escape")
    await expect(head).to_be_focused()
    await _has_no_barriers(ben.page, "a direct room with a name that is pressed")
