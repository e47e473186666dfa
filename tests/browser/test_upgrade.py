"""The server is upgraded while a page of the release before is open."""

import re

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser.conftest import Arrives
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCRIPTS = re.compile(r"/static/dist/[^/]+\.js$")


async def test_a_page_whose_parts_are_gone_is_loaded_anew_with_what_was_written(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("uma")
    await town.creates("Upgrades", by="uma")
    uma = await arrives("uma")
    uma.witness.expected_statuses.add(404)
    # A service worker would still have the parts.
    await uma.context.add_init_script("delete Navigator.prototype.serviceWorker")
    await uma.opens_room("upgrades")
    await uma.composer.fill("half a thought")
    navigations: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            navigations.append(request.url)

    async def answer(route: Route) -> None:
        if navigations:
            await route.continue_()
        else:
            await route.fulfill(status=404, body="")

    uma.page.on("request", note)
    await uma.page.route(SCRIPTS, answer)
    await uma.page.get_by_role("button", name="Emoji", exact=True).click()
    await expect(uma.composer).to_have_value("half a thought")
    await uma.is_connected()
    await uma.page.get_by_role("button", name="Emoji", exact=True).click()
    await expect(uma.page.get_by_role("dialog", name="Choose an emoji")).to_be_visible()
    assert len(navigations) == 1
