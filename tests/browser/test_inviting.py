"""An admin invites people: the way to it, the link, its QR code, and the search among people."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_invite_stands_on_top_is_copied_and_has_a_code(
    town: Town, arrives: Arrives
) -> None:
    ana = await arrives("ana", permissions=["clipboard-read", "clipboard-write"])
    await town.creates("Nobody else here")
    await ana.opens_room("nobody-else-here")
    await ana.page.get_by_role("button", name="Invite people").click()
    await ana.page.get_by_role("link", name="Invite people to this server").click()
    make = ana.page.get_by_role("button", name="Make an invite link")
    box, first = await make.bounding_box(), await ana.page.locator("tbody tr").first.bounding_box()
    assert box is not None
    assert first is not None
    assert box["y"] < first["y"]
    await make.click()
    link = await ana.page.get_by_label("Invite link").input_value()
    await expect(ana.page.locator("nav [aria-current=page]")).to_have_text("People")
    assert f"{town.server.url}/join/" in link
    await expect(ana.page.get_by_role("img", name="QR code").locator("svg path")).to_have_count(1)
    await ana.page.get_by_role("button", name="Copy").click()
    assert await ana.page.evaluate("navigator.clipboard.readText()") == link
    await _has_no_barriers(ana.page, "/admin/people with an invite")


async def test_people_are_found_by_any_part_of_their_names_also_disabled_ones(
    town: Town, arrives: Arrives
) -> None:
    await town.server.runs("users", "disable", (await _settled(town, "quixote"))["username"])
    ana = await arrives("ana")
    await ana.goes_to("/admin/people?who=ixot")
    rows = ana.page.locator("tbody tr")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("disabled")
    await ana.page.get_by_label("Part of a name").fill("LEO")
    await ana.page.get_by_role("button", name="Find").click()
    await expect(rows.filter(has_text="@cleo")).to_have_count(1)
    await expect(rows.filter(has_text="@ben")).to_have_count(0)
    await ana.goes_to("/admin/people?who=nobody-is-called-so")
    await expect(ana.page.get_by_text("Nobody’s name has")).to_be_visible()


async def _settled(town: Town, name: str) -> dict[str, str]:
    await town.settles(name)
    user: dict[str, str] = town.users[name]
    return user
