"""A bot from the page that makes it to the mark beside its name."""

import re

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_admin_makes_a_bot_and_everyone_sees_that_it_is_one(
    town: Town, arrives: Arrives
) -> None:
    ana, ben = await arrives("ana"), await arrives("ben")
    await ana.goes_to("/admin/people")
    await ana.page.get_by_label("Username", exact=True).fill("builder")
    await ana.page.get_by_label("Name that others see").fill("Builder")
    await ana.page.get_by_role("button", name="Make a bot").click()
    token = await ana.page.get_by_label("Token of Builder").input_value()
    await ben.opens_room("hallway")
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(town.server.url, headers=headers) as program:
        for text in ("build 17 is done", "build 18 is done"):
            path = "/api/rooms/hallway/messages"
            assert (await program.post(path, json={"text": text})).status == 201
    await ben.sees("build 18 is done")
    mark = ben.message("build 17 is done").get_by_text("bot", exact=True)
    await expect(mark).to_be_visible()
    # Its second one belongs to the first, as with everybody.
    await expect(ben.message("build 18 is done").get_by_text("bot", exact=True)).to_be_hidden()
    await ben.page.locator("[data-people]").click()
    row = ben.page.locator("#people .person", has_text="Builder")
    await expect(row).to_contain_text("bot")
    await _has_no_barriers(ben.page, "a room with a bot")
    await ana.page.get_by_role("link", name="Builder", exact=True).click()
    await expect(ana.page).to_have_url(re.compile(r"/admin/people/[0-9a-f]{24}$"))
    await expect(ana.page.get_by_role("heading", name="Tokens")).to_be_visible()
    await _has_no_barriers(ana.page, "a bot's page")
    await ana.page.get_by_role("button", name="Disable").click()
    await expect(ana.page.get_by_text("has no token, so it can’t connect")).to_be_visible()
