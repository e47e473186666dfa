"""The first visit of a new server: it leads, ticks off what is done, and goes away."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.test_long_names import _fits
from tests.browser.test_pages import _has_no_barriers
from tests.browser.test_preferences import PHONE
from tests.harness.server import Server
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server with one account: fay's, who set it up."""
    server = Server(tmp_path_factory.mktemp("alone"))
    town = Town(server)

    async def begin() -> None:
        await server.starts()
        await town.settles("fay", "--admin")

    try:
        asyncio.run(begin())
        yield town
        server.assert_clean_log()
    finally:
        server.ends()


async def test_the_first_visit_leads_from_a_name_to_people_and_rooms(
    alone: Town, arrives: Arrives
) -> None:
    granted = ["clipboard-read", "clipboard-write"]
    fay = await arrives("fay", at=alone, permissions=granted)
    await fay.opens_room("hallway")
    page = fay.page
    steps = page.get_by_role("region", name="First steps")
    await expect(steps.get_by_role("button")).to_have_text(
        ["", "Name your server", "Invite people", "Create a room"]
    )
    await _has_no_barriers(page, "the first steps")

    # By keyboard: the name holds at once, in the head, in the title, on the sign-in page.
    await steps.get_by_role("button", name="Name your server").press("Enter")
    await page.keyboard.type("Harbour Choir")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("hallway · Harbour Choir")
    await expect(page.locator("#sidebar .brand")).to_have_text("Harbour Choir")
    await expect(steps.locator(".is-done")).to_have_text(["Name your server (done)"])

    # With nobody else here, the button of the empty room asks for no username either.
    await page.locator(".room-start").get_by_role("button", name="Invite people").click()
    dialog = page.get_by_role("dialog", name="Invite people to this server")
    await dialog.get_by_label("For how many people?").fill("3")
    await page.keyboard.press("Enter")
    link = await dialog.get_by_label("Invite link").input_value()
    assert link.startswith(f"{alone.server.url}/join/")
    await expect(dialog.get_by_role("img", name="QR code").locator("path")).to_have_count(1)
    await expect(dialog).to_contain_text("Works for 3 people")
    await _has_no_barriers(page, "the invite link")
    await dialog.get_by_role("button", name="Copy the link").click()
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await page.keyboard.press("Escape")

    # A phone that is open beside it; a finger, German.
    phone = await arrives("fay", at=alone, locale="de-DE", **PHONE)
    await phone.opens_room("hallway")
    there = phone.page.get_by_role("region", name="Erste Schritte")
    await expect(there.locator(".is-done")).to_have_count(2)
    await _has_no_barriers(phone.page, "the first steps on a phone")
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    composer = await phone.composer.bounding_box()
    assert composer
    assert composer["y"] + composer["height"] <= 844
    # Hidden on one device it is hidden on all, and comes back where that is wanted.
    await there.get_by_role("button", name="Erste Schritte ausblenden").tap()
    await expect(there).to_be_hidden()
    await expect(steps).to_be_hidden()
    shown = {"first_steps": "shown"}
    await alone.calls("PATCH", "/api/me/preferences", by="fay", json=shown)
    await expect(there).to_be_visible()
    await expect(steps).to_be_visible()

    guest = await arrives("", at=alone, signed_in=False)
    await guest.goes_to(link.removeprefix(alone.server.url))
    await expect(guest.page).to_have_title("Join Harbour Choir")

    await steps.get_by_role("button", name="Create a room").click()
    room = page.get_by_role("dialog", name="Create a room")
    await room.get_by_label("Name", exact=True).fill("Altos")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Everything is set up.")).to_be_visible()
    await expect(steps).to_be_hidden()
    # On the other device it goes too, and it does not come back.
    await expect(there).to_be_hidden()
    await page.reload()
    await fay.is_connected()
    await expect(steps).to_be_hidden()


async def test_the_longest_name_of_a_server_fits_everywhere(alone: Town, arrives: Arrives) -> None:
    await alone.settles("gus", "--admin")
    gus = await arrives("gus", at=alone)
    await gus.goes_to("/admin/server")
    await gus.page.get_by_label("Name of the server").fill("W" * 60)
    await gus.page.get_by_role("button", name="Save").click()
    await expect(gus.page.get_by_role("status").first).to_contain_text("The name is saved.")
    await _has_no_barriers(gus.page, "/admin/server")
    problems = await _fits(gus.page, "/admin/server")
    await gus.opens_room("hallway")
    problems += await _fits(gus.page, "/rooms/hallway")
    guest = await arrives("", at=alone, signed_in=False)
    await guest.goes_to("/login")
    problems += await _fits(guest.page, "/login")
    assert problems == []
