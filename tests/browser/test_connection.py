"""«Check my connection» in a real browser: what works, what is blocked, and what that means."""

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def test_everything_works_on_this_machine(arrives: Arrives) -> None:
    ben = await arrives("ben")
    await ben.goes_to("/settings")
    await ben.page.get_by_role("link", name="Check my connection").click()
    page = ben.page
    await expect(page.locator("#verdict")).to_have_text("Everything works.")
    for way in ("websocket", "events", "polling"):
        await expect(page.locator(f"#{way}-state")).to_have_text("Works")
        await expect(page.locator(f"#{way}-took")).to_contain_text("ms")
    await expect(page.locator("#heartbeat")).to_contain_text("every 30 s")
    await expect(page.locator("#clock")).to_have_text("right, to within a second")
    await page.get_by_role("button", name="Check again").click()
    await expect(page.locator("#verdict")).to_have_text("Everything works.")
    await _has_no_barriers(page, "/connection")


async def test_blocked_websocket_is_said_to_be_blocked(arrives: Arrives) -> None:
    ben = await arrives("ben")

    async def block(route: WebSocketRoute) -> None:
        await route.close(code=1011)

    await ben.page.route_web_socket("**/ws", block)
    await ben.goes_to("/connection")
    await expect(ben.page.locator("#websocket-state")).to_have_text("Blocked")
    await expect(ben.page.locator("#verdict")).to_contain_text("blocks WebSockets")


async def test_the_page_fits_on_a_phone(arrives: Arrives) -> None:
    ben = await arrives("ben", **PHONE)
    await ben.goes_to("/connection")
    await expect(ben.page.locator("#verdict")).to_have_text("Everything works.")
    await _has_no_barriers(ben.page, "/connection on a phone")
    assert await ben.page.evaluate("document.documentElement.scrollWidth") <= 390
