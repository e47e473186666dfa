"""The admin pages of connections and sessions, and the page of a person who is disconnected."""

from functools import partial

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.checker.history import History
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

PAGES = ("/admin/connections", "/admin/nodes", "/admin/hooks")


async def test_a_page_that_was_disconnected_comes_back_and_has_everything(
    town: Town, arrives: Arrives
) -> None:
    ana, ben = await arrives("ana"), await arrives("ben")
    await ben.opens_room("hallway")
    await ben.page.evaluate(
        """() => {
          const line = document.querySelector("#status-line");
          const note = () => { if (line.dataset.phase !== "connected") window.wasAway = true; };
          new MutationObserver(note).observe(line, { attributes: true });
        }"""
    )
    rows = ana.page.locator("tbody tr")

    async def is_listed_in_the_room() -> bool:
        await ana.goes_to("/admin/connections?who=ben")
        return any("hallway" in text for text in await rows.all_inner_texts())

    await eventually(is_listed_in_the_room, "ben's connection is in the room")
    await expect(rows).to_have_count(1)
    await rows.get_by_role("button", name="Disconnect").click()
    await expect(ana.page.get_by_role("status").first).to_contain_text("closed")
    await eventually(lambda: ben.page.evaluate("window.wasAway === true"), "ben's page is away")
    await ben.is_connected()
    path = "/api/rooms/hallway/messages"
    await town.calls("POST", path, by="cleo", json={"text": "after the disconnection"})
    await ben.sees("after the disconnection")


async def _a_hook_has_stopped(town: Town) -> None:
    """One with a name as long as can be, of a room that its maker has left."""
    room = await town.creates("Plan X", "private", by="cleo")
    asked = {"name": "Deploys" * 9, "direction": "incoming", "room": room}
    status, _ = await town.calls("POST", "/api/hooks", by="cleo", json=asked)
    assert status == 201
    cleo = town.person("cleo", History())
    await cleo.connects()
    assert (await cleo.asks("room:quit", {"room": room}))["ok"]
    await cleo.leaves()


async def test_pages_of_admins_have_no_barriers(town: Town, arrives: Arrives) -> None:
    ana, ben = await arrives("ana"), await arrives("ben")
    await ben.opens_room("hallway")
    await _a_hook_has_stopped(town)
    for path in (
        "/admin/connections",
        "/admin/nodes",
        "/admin/hooks",
        f"/admin/people/{ben.town.users['ben']['id']}",
    ):
        await ana.goes_to(path)
        await expect(ana.page.get_by_role("heading", level=1)).to_be_visible()
        await _has_no_barriers(ana.page, path)


async def _is_large_enough(button: Locator) -> bool:
    box = await button.bounding_box()
    return bool(box and box["height"] >= 32)


async def test_pages_of_admins_fit_on_a_phone(town: Town, arrives: Arrives) -> None:
    ana, ben = await arrives("ana", **PHONE), await arrives("ben")
    await ben.opens_room("hallway")
    await _a_hook_has_stopped(town)
    for path in (
        "/admin/connections",
        "/admin/nodes",
        "/admin/hooks",
        f"/admin/people/{ben.town.users['ben']['id']}",
    ):
        await ana.goes_to(path)
        await _has_no_barriers(ana.page, f"{path} on a phone")
        width = await ana.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        button = ana.page.locator("main form .button:visible").last

        # A live page draws its rows anew: a button may be gone while it is measured.
        is_large = partial(_is_large_enough, button)
        await eventually(is_large, f"a button of {path} is large enough for a finger")
