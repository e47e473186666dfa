"""Where in a room the reader is: links, unread messages, the place of each room, folded lines."""

import re
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.checker.history import History
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IS_TARGET = re.compile("is-target")
Messages = list[dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def ben(arrives: Arrives) -> Reader:
    return await arrives("ben")


async def talk(town: Town, room: str, count: int, by: str = "ana") -> Messages:
    """`count` messages of one person, in order."""
    sent = []
    address = f"{town.server.url}/api/rooms/{room}/messages"
    headers = {"Authorization": f"Bearer {town.tokens[by]}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for n in range(count):
            async with session.post(address, json={"text": f"message {n:03}"}) as answer:
                assert answer.status == 201, await answer.text()
                sent.append(await answer.json())
    return sent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def long(town: Town) -> Messages:
    """A room with everybody in it, where ana has written 130 messages."""
    return await talk(town, await town.opens("long-read"), 130)


async def reads_until(town: Town, message: dict[str, Any], by: str = "ben") -> None:
    """Have this person's newest read message be this one."""
    person = town.person(by, History())
    await person.connects()
    await person.asks("room:read", {"room": message["room"], "seq": message["seq"]})
    await person.leaves()


async def is_in_view(page: Page, text: str) -> None:
    """Wait until the message with this text is before the reader's eyes."""
    message = page.locator("#messages :not(.is-away) > article.message", has_text=text)
    await expect(message).to_be_in_viewport()


async def reads_on_to_the_end(reader: Reader, text: str) -> None:
    """Turn the wheel again and again, until the last message has come into view."""

    async def is_there() -> bool:
        await reader.page.mouse.wheel(0, 20_000)
        with suppress(AssertionError):
            await expect(reader.message(text)).to_be_in_viewport(timeout=500)
            return True
        return False

    await eventually(is_there, f"{text} is in view", 30)


async def test_link_to_an_old_message_lands_there_with_history_both_ways(
    town: Town, ben: Reader, long: Messages
) -> None:
    sent, target = long, long[30]
    # From outside, on a cold load.
    await ben.goes_to(f"/rooms/long-read#{target['id']}")
    await is_in_view(ben.page, "message 030")
    await expect(ben.message("message 030")).to_have_class(IS_TARGET)
    await expect(ben.message("message 129")).to_have_count(0)
    # Both ways from there.
    await ben.message("message 031").hover()
    await ben.page.mouse.wheel(0, -20_000)
    await expect(ben.message("message 000")).to_have_count(1)
    await reads_on_to_the_end(ben, "message 129")
    texts = await ben.texts()
    assert texts == [f"message {n:03}" for n in range(130)]
    # From the address bar, while the page is open.
    await ben.page.evaluate(f"location.hash = '{sent[12]['id']}'")
    await is_in_view(ben.page, "message 012")
    # The menu of each message copies its link.
    await ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ben.acts("message 012", "Copy link")
    await expect(ben.page.locator("#toasts")).to_contain_text("Copied")
    copied = await ben.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{town.server.url}/rooms/long-read#{sent[12]['id']}"
    # Within the page, from another room.
    path = f"/api/rooms/{await town.opens('referring')}/messages"
    await town.calls("POST", path, by="ana", json={"text": f"see {copied}"})
    await ben.opens_room("referring")
    await ben.page.locator(".message-content a", has_text="/rooms/long-read").click()
    await is_in_view(ben.page, "message 012")
    await expect(ben.page).to_have_url(copied)


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
    room = await town.opens("gone")
    sent = await talk(town, room, 60)
    await ben.goes_to(f"/rooms/gone#{'0' * 24}")
    toast = ben.page.locator("#toasts")
    await expect(toast).to_contain_text("This message is gone")
    ana = town.person("ana", History())
    await ana.connects()
    await ana.asks("message:delete", {"room": room, "id": sent[2]["id"]})
    await ana.leaves()
    await ben.page.evaluate(f"location.hash = '{sent[2]['id']}'")
    await expect(toast).to_contain_text("This message was deleted")


async def test_many_unread_messages_open_at_the_first(
    town: Town, arrives: Arrives, long: Messages
) -> None:
    dana = await arrives("dana")
    await reads_until(town, long[20], by="dana")
    await dana.opens_room("long-read")
    await expect(dana.page.locator(".new-line")).to_be_in_viewport()
    await is_in_view(dana.page, "message 021")
    latest = dana.page.locator("#messages [data-latest]")
    await expect(latest).to_contain_text("new message")
    await latest.click()
    await is_in_view(dana.page, "message 129")
    await expect(latest).to_be_hidden()
    bar = dana.page.locator(".unread-bar")
    await expect(bar).to_be_hidden()


async def test_each_room_keeps_its_place(town: Town, ben: Reader, long: Messages) -> None:
    await reads_until(town, long[-1])
    await town.opens("other")
    await ben.opens_room("long-read")
    await ben.sees("message 129")
    await ben.message("message 129").hover()
    await ben.page.mouse.wheel(0, -1500)
    await expect(ben.message("message 040")).to_have_count(1)
    await ben.message("message 060").scroll_into_view_if_needed()
    before = await ben.place_of("message 060")
    rooms = ben.page.locator("#sidebar")
    await rooms.get_by_role("link", name="other").first.click()
    await expect(ben.page.locator("#room-head h1")).to_contain_text("other")
    await rooms.get_by_role("link", name="long-read").first.click()
    await is_in_view(ben.page, "message 060")
    assert abs(await ben.place_of("message 060") - before) < 3


async def test_newest_messages_first_with_a_bar_that_leads_to_the_unread(
    town: Town, arrives: Arrives, long: Messages
) -> None:
    cleo = await arrives("cleo")
    preferences = f"{town.server.url}/api/me/preferences"
    await cleo.context.request.patch(preferences, data={"room_opens_at": "newest"})
    await reads_until(town, long[20], by="cleo")
    await cleo.opens_room("long-read")
    await is_in_view(cleo.page, "message 129")
    bar = cleo.page.locator(".unread-bar")
    await expect(bar).to_contain_text(re.compile(r"109 new since \d+:\d\d"))
    await bar.get_by_role("button", name="Jump").press("Enter")
    await is_in_view(cleo.page, "message 021")
    await expect(cleo.page.locator(".new-line")).to_be_in_viewport()
    await expect(bar).to_be_hidden()
    await cleo.context.request.patch(preferences, data={"room_opens_at": "unread"})


async def test_lines_about_people_are_folded_and_never_new(town: Town, ben: Reader) -> None:
    room = await town.creates("folded", "open", "ben")
    sent = await talk(town, room, 1)
    await reads_until(town, sent[0])
    people = [town.person(name, History()) for name in ("cleo", "dana")]
    for person in people:
        await person.connects()
        await person.asks("room:join", {"room": room})
    await ben.opens_room("folded")
    page = ben.page
    fold = page.get_by_role("button", name="cleo and dana joined")
    await expect(fold).to_be_visible()
    await expect(page.locator(".new-line")).to_have_count(0)
    await fold.press("Enter")
    await expect(page.locator(".system", has_text="dana joined")).to_have_count(2)
    await expect(fold).to_be_focused()
    await fold.press("Enter")
    await expect(page.locator(".system")).to_have_count(2)  # created, and the fold
    for person in people:
        await person.asks("room:quit", {"room": room})
        await person.leaves()
    await expect(page.get_by_role("button", name="cleo and dana left")).to_be_visible()
    await expect(page.locator(".new-line")).to_have_count(0)


async def test_long_messages_are_folded_and_code_is_copied(town: Town, ben: Reader) -> None:
    room = await town.opens("long-texts")
    path = f"/api/rooms/{room}/messages"
    code = "\n".join(f"line {n}" for n in range(40))
    text = f"See this:\n```\n{code}\n```\n[the end](https://example.org/)"
    await town.calls("POST", path, by="ana", json={"text": text})
    await ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ben.opens_room("long-texts")
    message = ben.message("See this")
    unfold = message.get_by_role("button", name="Show all 44 lines")
    height = (await message.bounding_box() or {})["height"]
    assert height < 520
    await unfold.press("Enter")
    await expect(message.get_by_role("button", name="Show less")).to_be_focused()
    assert (await message.bounding_box() or {})["height"] > 800
    await message.get_by_role("button", name="Copy code").press("Enter")
    await expect(ben.page.locator("#toasts")).to_contain_text("Copied")
    assert (await ben.page.evaluate("navigator.clipboard.readText()")).strip() == code
    await message.get_by_role("button", name="Show less").click()
    await expect(unfold).to_be_visible()
    # The keyboard gets into the hidden part: then it is shown.
    await message.get_by_role("link", name="the end").focus()
    await expect(message.get_by_role("button", name="Show less")).to_be_visible()


async def test_marked_unread_and_jumped_to(town: Town, ben: Reader, long: Messages) -> None:
    """Unread from a message on, a day's first message, and the message that a quote is of."""
    room = await town.opens("marked")
    sent = await talk(town, room, 60)
    reply = {"text": "I agree", "reply_to": sent[3]["id"]}
    await town.calls("POST", f"/api/rooms/{room}/messages", by="ana", json=reply)
    await ben.opens_room("marked")
    await ben.sees("I agree")
    await ben.message("I agree").locator(".quote").press("Enter")
    await is_in_view(ben.page, "message 003")
    await expect(ben.message("message 003")).to_have_class(IS_TARGET)
    await ben.page.locator("[data-latest]").click()
    await is_in_view(ben.page, "I agree")
    await ben.acts("message 058", "Mark unread from here")
    line = ben.page.locator(".new-line + article")
    await expect(line).to_contain_text("message 058")
    rooms = ben.page.locator("#sidebar")
    row = rooms.get_by_role("link", name="marked").first
    await rooms.get_by_role("link", name="hallway").first.click()
    await expect(row).to_have_class(re.compile("is-unread"))
    await row.click()
    await expect(line).to_contain_text("message 058")
    # By keyboard: the menu of the head, the day.
    await ben.page.get_by_role("button", name="Pinned and saved messages, dates").press("Enter")
    await ben.page.get_by_role("menuitem", name="Jump to a date").press("Enter")
    await ben.page.get_by_role("dialog").get_by_role("button", name="Jump").press("Enter")
    await is_in_view(ben.page, "message 000")


async def test_pins_and_saved_messages_are_found_again(town: Town, arrives: Arrives) -> None:
    """By mouse for one, by touch and keyboard for the other."""
    room = await town.opens("pinned")
    sent = await talk(town, room, 60)
    ben = await arrives("ben")
    touch = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    dana = await arrives("dana", **touch)
    await ben.opens_room("pinned")
    await dana.goes_to(f"/rooms/pinned#{sent[57]['id']}")
    await is_in_view(dana.page, "message 057")
    await ben.acts("message 059", "Pin to the room")
    await expect(dana.message("message 059")).to_contain_text("pinned")
    await ben.acts("message 058", "Save for later")
    finds = "Pinned and saved messages, dates"
    # Touch: the menu of the head, the list, and the way to the message.
    await dana.page.get_by_role("button", name=finds).tap()
    await dana.page.get_by_role("menuitem", name="Pinned messages").tap()
    dialog = dana.page.get_by_role("dialog", name="Pinned messages")
    await dialog.get_by_role("button", name="message 059").tap()
    await expect(dana.message("message 059")).to_have_class(IS_TARGET)
    # Keyboard: the list of another room's saved message.
    await ben.opens_room("hallway")
    await ben.page.get_by_role("button", name=finds).press("Enter")
    await ben.page.get_by_role("menuitem", name="Saved messages").press("Enter")
    dialog = ben.page.get_by_role("dialog", name="Saved messages")
    await dialog.get_by_role("button", name="message 058").press("Enter")
    await expect(ben.message("message 058")).to_have_class(IS_TARGET)
    # The unpinned and no longer saved message is gone from the lists.
    await ben.acts("message 059", "Unpin")
    await expect(dana.message("message 059")).not_to_contain_text("pinned")
    await ben.page.get_by_role("button", name=finds).click()
    await ben.page.get_by_role("menuitem", name="Saved messages").click()
    await dialog.get_by_role("button", name="Take off the list").click()
    await expect(dialog).to_contain_text("Nothing saved yet")
