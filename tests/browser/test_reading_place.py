"""Where in a room the reader is: links, unread messages, the place of each room, folded lines."""

import asyncio
import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.checker.history import History
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IS_TARGET = re.compile("is-target")
Messages = list[dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def ben(arrives: Arrives) -> Reader:
    return await arrives("ben")


async def talk(town: Town, room: str, count: int, by: str = "ana") -> Messages:
    """`count` messages of one person, in order."""
    sent = []
    for n in range(count):
        path = f"/api/rooms/{room}/messages"
        status, message = await town.calls("POST", path, by=by, json={"text": f"message {n:03}"})
        assert status == 201, message
        sent.append(message)
    return sent


async def long_room(town: Town, name: str, count: int = 130) -> Messages:
    """A room with everybody in it, in which ana has written; ben has read nothing of it."""
    return await talk(town, await town.opens(name), count)


async def reads_until(town: Town, message: dict[str, Any], by: str = "ben") -> None:
    """Have this person's newest read message be this one."""
    person = town.person(by, History())
    await person.connects()
    await person.asks("room:read", {"room": message["room"], "seq": message["seq"]})
    await person.leaves()


async def is_in_view(page: Page, text: str) -> None:
    """Wait until the message with this text is before the reader's eyes."""
    message = page.locator("#messages article.message", has_text=text)
    await expect(message).to_be_in_viewport()


async def test_link_to_an_old_message_lands_there_with_history_both_ways(
    town: Town, ben: Reader
) -> None:
    sent = await long_room(town, "linked")
    target = sent[30]
    # From outside, on a cold load.
    await ben.goes_to(f"/rooms/linked#{target['id']}")
    await is_in_view(ben.page, "message 030")
    await expect(ben.message("message 030")).to_have_class(IS_TARGET)
    await expect(ben.message("message 129")).to_have_count(0)
    # Both ways from there.
    await ben.message("message 031").hover()
    await ben.page.mouse.wheel(0, -20_000)
    await expect(ben.message("message 000")).to_have_count(1)
    for _ in range(4):
        await ben.page.mouse.wheel(0, 20_000)
        await asyncio.sleep(0.1)
    await is_in_view(ben.page, "message 129")
    texts = await ben.texts()
    assert texts == [f"message {n:03}" for n in range(130)]
    # From the address bar, while the page is open.
    await ben.page.evaluate(f"location.hash = '{sent[12]['id']}'")
    await is_in_view(ben.page, "message 012")


async def test_link_from_the_inbox_lands_at_the_message(town: Town, ben: Reader) -> None:
    room = await town.opens("called")
    path = f"/api/rooms/{room}/messages"
    await town.calls("POST", path, by="ana", json={"text": "hear this, @ben"})
    await talk(town, room, 80)
    await ben.goes_to("/notifications")
    await ben.page.get_by_text("hear this").first.click()
    await is_in_view(ben.page, "hear this")
    await expect(ben.message("hear this")).to_have_class(IS_TARGET)


async def test_link_to_a_missing_message_says_so(town: Town, ben: Reader) -> None:
    sent = await long_room(town, "gone", 60)
    room = sent[0]["room"]
    await ben.goes_to(f"/rooms/gone#{'0' * 24}")
    toast = ben.page.locator("#toasts")
    await expect(toast).to_contain_text("This message is gone")
    ana = town.person("ana", History())
    await ana.connects()
    await ana.asks("message:delete", {"room": room, "id": sent[2]["id"]})
    await ana.leaves()
    await ben.page.evaluate(f"location.hash = '{sent[2]['id']}'")
    await expect(toast).to_contain_text("This message was deleted")


async def test_many_unread_messages_open_at_the_first(town: Town, ben: Reader) -> None:
    sent = await long_room(town, "unread")
    await reads_until(town, sent[20])
    await ben.opens_room("unread")
    await expect(ben.page.locator(".new-line")).to_be_in_viewport()
    await is_in_view(ben.page, "message 021")
    latest = ben.page.locator("#messages [data-latest]")
    await expect(latest).to_contain_text("new message")
    await latest.click()
    await is_in_view(ben.page, "message 129")
    await expect(latest).to_be_hidden()
    bar = ben.page.locator(".unread-bar")
    await expect(bar).to_be_hidden()


async def test_each_room_keeps_its_place(town: Town, ben: Reader) -> None:
    await long_room(town, "left", 120)
    await town.opens("other")
    await ben.opens_room("left")
    await ben.sees("message 119")
    await ben.message("message 119").hover()
    await ben.page.mouse.wheel(0, -1500)
    await expect(ben.message("message 040")).to_have_count(1)
    await ben.message("message 060").scroll_into_view_if_needed()
    before = await ben.place_of("message 060")
    rooms = ben.page.locator("#sidebar")
    await rooms.get_by_role("link", name="other").first.click()
    await expect(ben.page.locator("#room-head h1")).to_contain_text("other")
    await rooms.get_by_role("link", name="left").first.click()
    await is_in_view(ben.page, "message 060")
    assert abs(await ben.place_of("message 060") - before) < 3
