"""The page of topics: what is published appears while somebody looks."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_tail_is_live(arrives: Arrives, town: Town) -> None:
    await town.calls("POST", "/api/topics/tail.live/events", by="ana", json={"data": {"n": 1}})
    ana = await arrives("ana")
    await ana.goes_to("/admin/topics?topic=tail.live")
    tail = ana.page.locator("#tail li")
    await expect(tail).to_have_count(1)
    await expect(ana.page.locator("#tail-status")).to_have_text("Live")
    for n in (2, 3):
        data = {"n": n, "html": "<img src=x onerror=alert(1)>"}
        await town.calls("POST", "/api/topics/tail.live/events", by="ana", json={"data": data})
    await expect(tail).to_have_count(3)
    await expect(tail.first).to_contain_text('{"n":3,"html":"<img')
    await expect(tail.last).to_contain_text('{"n":1}')
    await _has_no_barriers(ana.page, "topics")


async def test_a_test_event_by_hand(arrives: Arrives, town: Town) -> None:
    ana = await arrives("ana")
    await ana.goes_to("/admin/topics")
    await ana.page.get_by_label("Topic", exact=True).fill("tail.made")
    await ana.page.get_by_label("Data").fill('{"celsius": 21}')
    await ana.page.get_by_role("button", name="Publish").click()
    await expect(ana.page.get_by_text("Published.")).to_be_visible()
    await expect(ana.page.locator("#tail li")).to_contain_text('{"celsius":21}')
