"""The main job: the server dies while somebody writes, and nothing is lost or shown twice."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BEFORE = [f"written while up {n:02}" for n in range(10)]
NOTHING = "rgba(0, 0, 0, 0)"
DURING = [f"written while down {n:02}" for n in range(10)]


async def _has_a_past(town: Town, room: str) -> None:
    for n in range(40):
        path = f"/api/rooms/{room}/messages"
        await town.calls("POST", path, by="cleo", json={"text": f"long ago {n:02}"})


async def _scrolls_up_to(reader: Reader, text: str) -> float:
    """Read further up; where `text` stands on the screen."""
    await reader.message(text).scroll_into_view_if_needed()
    await reader.page.mouse.move(500, 300)
    return await reader.place_of(text)


async def test_twenty_messages_of_which_ten_were_written_while_the_server_was_down(
    town: Town, arrives: Arrives
) -> None:
    room = await town.opens("outage")
    await _has_a_past(town, room)
    ana, ben, dana = [await arrives(name) for name in ("ana", "ben", "dana")]
    for reader in (ana, ben, dana):
        reader.witness.may_be_offline = True
        await reader.opens_room("outage")
    place = await _scrolls_up_to(ben, "long ago 10")

    for text in BEFORE:
        await ana.sends(text)
    await dana.sees(BEFORE[-1])
    town.server.is_killed()
    for text in DURING:
        await ana.sends(text)
    await expect(ana.page.locator("article.is-sending")).to_have_count(10)
    await expect(ana.page.locator("#banner")).to_contain_text("10 messages are kept")
    await ana.page.close()
    await town.server.starts()
    await ana.opens_a_tab()
    await ana.opens_room("outage")

    for reader in (ana, ben, dana):
        await reader.is_connected()
    for reader in (ana, dana):
        await reader.sees(DURING[-1])
        assert _newest(await reader.shown()) == BEFORE + DURING
    # ben did nothing at all, and reads on where he was.
    await expect(ben.message(DURING[-1])).to_have_count(1)
    assert abs(await ben.place_of("long ago 10") - place) < 2
    assert _newest(await ben.shown()) == BEFORE + DURING
    kept = [item.text for item in await town.history(room, by="cleo") if not item.system]
    assert kept[-20:] == BEFORE + DURING


def _newest(shown: list[dict[str, Any]]) -> list[str]:
    """The texts from the first of ana's on; all have to be sent, none may be there twice."""
    own = [message for message in shown if message["text"].startswith("written")]
    assert {message["state"] for message in own} == {"sent"}
    return [message["text"] for message in own]


async def test_losing_the_server_is_said_in_one_line_and_mended_without_action(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("one-line")
    ana, ben = await arrives("ana"), await arrives("ben")
    for reader in (ana, ben):
        reader.witness.may_be_offline = True
        await reader.opens_room("one-line")
    await ben.composer.press_sequentially("I am just")
    await expect(ana.page.locator("#typing")).to_contain_text("ben")
    bens_dot = ana.page.locator(f".person[data-id='{town.users['ben']['id']}'] .dot")
    await expect(bens_dot).not_to_have_css("background-color", NOTHING)
    town.server.is_killed()
    await expect(ana.page.locator("#banner")).to_contain_text("Connection lost")
    await expect(bens_dot).to_have_css("background-color", NOTHING)
    await expect(ana.page.locator(".last-known").first).to_be_visible()
    # Whether he still types nobody knows here.
    await expect(ana.page.locator("#typing")).to_be_empty()
    await ana.composer.fill("can still be written")
    await town.server.starts()
    await ana.is_connected()
    await expect(ana.page.locator("#banner")).to_be_empty()
    await expect(bens_dot).not_to_have_css("background-color", NOTHING)
    await expect(ana.composer).to_have_value("can still be written")
