"""Two people in a room, in two browsers."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.checker.history import History
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_message_is_there_for_both(town: Town, arrives: Arrives) -> None:
    await town.opens("both")
    ana, ben = await arrives("ana"), await arrives("ben")
    await ana.opens_room("both")
    await ben.opens_room("both")
    await ana.sends("good morning")
    await ben.sees("good morning")
    await ben.sends("and to you")
    await ana.sees("and to you")
    assert await ana.texts() == await ben.texts() == ["good morning", "and to you"]


async def test_room_is_created_and_found_by_others(arrives: Arrives) -> None:
    ana, ben = await arrives("ana"), await arrives("ben")
    await ana.opens_room("hallway")
    await ana.page.get_by_role("button", name="Add a room").click()
    await ana.page.get_by_role("menuitem", name="Create a room").click()
    dialog = ana.page.get_by_role("dialog", name="Create a room")
    await dialog.get_by_label("Name").fill("the garden")
    await dialog.get_by_role("button", name="Create room").click()
    await expect(ana.page).to_have_url(f"{ana.town.server.url}/rooms/the-garden")
    await ana.sends("first!")
    # The message must be stored before ben opens the room: he reads it without having joined.
    await ana.sees("first!")
    await ben.opens_room("the-garden")
    await ben.sees("first!")
    await ben.page.get_by_role("button", name="Join", exact=True).click()
    await ben.sends("second!")
    await ana.sees("second!")


async def test_edit_is_seen_by_both(town: Town, arrives: Arrives) -> None:
    await town.opens("edits")
    ana, ben = await arrives("ana"), await arrives("ben")
    await ben.opens_room("edits")
    await ana.opens_room("edits")
    await ana.sends("helo")
    await ben.sees("helo")
    await ana.acts("helo", "Edit")
    await expect(ana.composer).to_have_value("helo")
    await ana.sends("hello")
    await ben.sees("hello")
    await expect(ben.message("hello")).to_contain_text("edited")
    assert await ana.texts() == await ben.texts() == ["hello"]


async def test_deletion_leaves_a_tombstone_for_both(town: Town, arrives: Arrives) -> None:
    await town.opens("deletions")
    ana, ben = await arrives("ana"), await arrives("ben")
    await ben.opens_room("deletions")
    await ana.opens_room("deletions")
    await ana.sends("a secret")
    await ben.sees("a secret")
    await ana.acts("a secret", "Delete")
    await ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await ben.sees("message deleted")
    # The pointer is still on it.
    await expect(ana.page.locator(".message.is-deleted .actions")).to_be_hidden()
    assert "a secret" not in await ben.page.content()


async def test_reaction_is_counted_for_both(town: Town, arrives: Arrives) -> None:
    await town.opens("reactions")
    ana, ben = await arrives("ana"), await arrives("ben")
    await ana.opens_room("reactions")
    await ben.opens_room("reactions")
    await ana.sends("cake at four")
    await ben.sees("cake at four")
    await ben.acts("cake at four", "React")
    await ben.page.get_by_role("button", name="celebrate", exact=True).click()
    chip = ana.message("cake at four").locator('.reaction[data-emoji="🎉"]')
    await expect(chip).to_contain_text("1")
    await chip.click()
    await expect(ben.message("cake at four").locator(".reaction")).to_contain_text("2")


async def test_typing_shows_for_the_other(town: Town, arrives: Arrives) -> None:
    await town.opens("typing")
    ana, ben = await arrives("ana"), await arrives("ben")
    await ana.opens_room("typing")
    await ben.opens_room("typing")
    await ben.composer.press_sequentially("I am just")
    await expect(ana.page.locator("#typing")).to_contain_text("ben")


async def test_fifty_joins_make_an_open_page_ask_for_nothing(town: Town, arrives: Arrives) -> None:
    room = await town.creates("busy")
    ana = await arrives("ana")
    await ana.page.clock.install()
    frames = sent_frames(ana)
    await ana.opens_room("busy")
    members = ana.page.locator("#people .person")
    await expect(members).to_have_text(["ana you, owner"], use_inner_text=True)
    asked = len(frames)
    people = [town.person(name, History()) for name in ("cleo", "dana")]
    for person in people:
        await person.connects()
    for _ in range(25):
        await asyncio.gather(*(person.asks("room:join", {"room": room}) for person in people))
        await expect(members).to_have_count(3)
        await asyncio.gather(*(person.asks("room:quit", {"room": room}) for person in people))
        await expect(members).to_have_count(1)
    await people[0].asks("room:join", {"room": room})
    await expect(members.filter(has_text="cleo")).to_have_class("person is-online")
    # The page does now all that it has put off for some seconds, and sends this message after it.
    await ana.page.clock.run_for(10_000)
    await ana.sends("how busy")
    await ana.sees("how busy")
    later = [frame for frame in frames[asked:] if "room:join" in frame or "room:sync" in frame]
    assert later == []
    for person in people:
        await person.leaves()


def sent_frames(reader: Reader) -> list[str]:
    """Collects the frames that the page sends on its WebSockets from now on."""
    frames: list[str] = []
    reader.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))),
    )
    return frames


async def test_history_loads_while_scrolling_up_and_keeps_the_place(
    town: Town, arrives: Arrives
) -> None:
    room = await town.opens("long")
    for n in range(120):
        path = f"/api/rooms/{room}/messages"
        await town.calls("POST", path, by="ana", json={"text": f"message {n:03}"})
    ben = await arrives("ben")
    await ben.opens_room("long")
    await ben.sees("message 119")
    assert "message 010" not in await ben.texts()
    first = (await ben.texts())[0]
    await ben.message(first).scroll_into_view_if_needed()
    place = await ben.place_of(first)
    await expect(ben.message("message 025")).to_have_count(1)
    assert abs(await ben.place_of(first) - place) < 2
    texts = await ben.texts()
    assert texts == sorted(set(texts))
