"""Text direction, colours of code, and names of messages in a browser."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HEBREW = """שלום @ben

This is English.

> ציטוט

- פריט
- item

| שם | count |
|:-:|--:|
| א | 2 |"""


async def test_each_block_runs_in_its_own_direction(town: Town, arrives: Arrives) -> None:
    ana = await arrives("ana")
    await ana.opens_room(await town.opens("directions"))
    await ana.composer.fill("שלום")
    await expect(ana.composer).to_have_css("direction", "rtl")
    await ana.sends(HEBREW)
    await ana.sees("This is English.")
    content = ana.message("This is English.").locator("[data-content]")
    for selector, text, direction in (
        ("p", "שלום", "rtl"),
        ("p", "English", "ltr"),
        ("blockquote", "ציטוט", "rtl"),
        ("blockquote p", "ציטוט", "rtl"),
        ("ul", "פריט", "rtl"),
        ("li", "פריט", "rtl"),
        ("li", "item", "ltr"),
        ("table", "שם", "rtl"),
        ("th", "שם", "rtl"),
        ("th", "count", "ltr"),
    ):
        found = content.locator(selector, has_text=text).first
        await expect(found).to_have_css("direction", direction)
    await expect(content.locator("th").first).to_have_css("text-align", "center")
    await expect(content.locator("td").last).to_have_css("text-align", "right")


async def test_code_has_colours_in_the_light_and_in_the_dark(town: Town, arrives: Arrives) -> None:
    ana = await arrives("ana")
    await ana.opens_room(await town.opens("colours"))
    await ana.sends("```js\nlet a = 'b'\n```")
    keyword = ana.page.locator(".hl-keyword", has_text="let")
    for scheme, colour in (("light", "rgb(134, 34, 111)"), ("dark", "rgb(226, 155, 213)")):
        await ana.page.emulate_media(color_scheme=scheme)
        await expect(keyword).to_have_css("color", colour)


async def test_open_pages_show_a_new_name(town: Town, arrives: Arrives) -> None:
    ana, cleo = await arrives("ana"), await arrives("cleo")
    room = await town.opens("names")
    await cleo.opens_room(room)
    await cleo.sends("from me")
    await ana.opens_room(room)
    await ana.sends("to @cleo")
    await cleo.sees("to @")
    answer = await cleo.context.request.post(
        f"{town.server.url}/settings/profile",
        form={"name": "Cleopatra"},
        headers={"Origin": town.server.url},
    )
    assert answer.ok
    for page in (ana.page, cleo.page):
        await expect(page.locator(".mention", has_text="@Cleopatra")).to_have_count(1)
        await expect(page.locator("article", has_text="from me")).to_contain_text("Cleopatra")
    await cleo.context.request.post(
        f"{town.server.url}/settings/profile",
        form={"name": "cleo"},
        headers={"Origin": town.server.url},
    )
    await expect(ana.page.locator(".mention", has_text="@cleo")).to_have_count(1)
