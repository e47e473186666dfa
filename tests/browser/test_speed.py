"""A room loads with little, and one that was open before is there at once."""

import json

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Arrives
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# The browser asks for the tab's icon by itself, once or twice, when it has nothing else to do.
LOADED = """() => {
  const all = performance.getEntriesByType("resource")
    .filter(({ name }) => !name.endsWith("/favicon.svg"));
  const scripts = all.filter(({ name }) => new URL(name).pathname.endsWith(".js"));
  const [page] = performance.getEntriesByType("navigation");
  return {
    requests: all.length + 1,
    names: all.map(({ name }) => new URL(name).pathname),
    scripts: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    page: page.encodedBodySize / page.decodedBodySize,
  };
}"""
LETTER = "\n\n".join(f"Line {n} of an inventory" for n in range(600))
MARK = "(element) => { element.wasHere = true; }"
WAS_HERE = "(element) => element.wasHere === true"


async def test_a_room_loads_with_few_requests_and_little_script(
    arrives: Arrives, town: Town
) -> None:
    # The first device of an account tells its time zone, once and after the room is there.
    await town.calls("PATCH", "/api/me/preferences", by="ana", json={"time_zone": "UTC"})
    ana = await arrives("ana")
    await ana.opens_room("hallway")
    loaded = await ana.page.evaluate(LOADED)
    assert loaded["requests"] <= 12, "\n".join(loaded["names"])
    assert loaded["scripts"] <= 150_000, loaded
    assert loaded["page"] < 0.5, loaded


async def _styled(browser: Browser) -> int:
    """For how many elements the browser has worked out a style since the tracing began."""
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    styled = [each["args"] for each in events if each["name"] == "UpdateLayoutTree"]
    return sum(args.get("elementCount", 0) for args in styled)


async def test_going_back_to_a_room_asks_nobody_and_paints_nothing_anew(
    arrives: Arrives, town: Town, browser: Browser
) -> None:
    for name in ("loft", "pantry"):
        path = f"/api/rooms/{await town.creates(name)}/messages"
        await town.calls("POST", path, by="ana", json={"text": LETTER})
    ana = await arrives("ana")
    await ana.opens_room("loft")
    await ana.sends("dust everywhere")
    await ana.sees("dust everywhere")
    await ana.message("dust everywhere").evaluate(MARK)
    await ana.page.locator('#sidebar [data-slug="pantry"]').click()
    await ana.sends("jam everywhere")
    await ana.sees("jam everywhere")
    await ana.context.set_offline(True)
    ana.witness.may_be_offline = True
    await ana.page.locator('#sidebar [data-slug="loft"]').click()
    await ana.sees("dust everywhere")
    await expect(ana.message("jam everywhere")).to_have_count(0)
    assert await ana.message("dust everywhere").evaluate(WAS_HERE)
    # The room that was left is out of sight, and keeps its 600 lines as they are laid out.
    await expect(ana.page.get_by_text("jam everywhere")).to_be_hidden()
    await browser.start_tracing(categories=["devtools.timeline"])
    await ana.page.locator('#sidebar [data-slug="pantry"]').click()
    await ana.sees("jam everywhere")
    await expect(ana.message("jam everywhere")).to_be_in_viewport()
    assert await _styled(browser) < 400
    await expect(ana.page.get_by_text("dust everywhere")).to_be_hidden()
