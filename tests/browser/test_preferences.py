"""Preferences take effect at once, on every tab, and from the first byte of the next page."""

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from app.accounts.preference_table import DEFAULTS
from tests.browser.conftest import Arrives
from tests.browser.test_notifications import _notifies
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DARK, LIGHT = "rgb(19, 20, 18)", "rgb(246, 245, 242)"
AM_OR_PM = re.compile(r"^\d\d?:\d\d\s?[ap]m$", re.IGNORECASE)
# The first colour that the page had, before any module ran.
# The colour of the first frame: none is drawn before the style sheets are there.
FIRST = """() => new MutationObserver((_, watch) => {
  if (!document.body) return;
  requestAnimationFrame(() => {
    window.first = getComputedStyle(document.documentElement).backgroundColor;
  });
  watch.disconnect();
}).observe(document, { childList: true, subtree: true })"""
COUNT_TONES = """() => {
  window.tones = 0;
  const made = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    window.tones += 1;
    return made.call(this);
  };
}"""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _others_find_the_defaults(town: Town) -> AsyncIterator[None]:
    """The server and its people are shared with all other tests."""
    yield
    defaults = msgspec.to_builtins(DEFAULTS)
    for who in ("ben", "cleo"):
        await _prefers(town, who, **defaults)


async def _prefers(town: Town, who: str, **values: Any) -> None:
    status, answer = await town.calls("PATCH", "/api/me/preferences", by=who, json=values)
    assert status == 200, answer


async def _chooses(page: Page, label: str, option: str) -> None:
    async with page.expect_response("**/api/me/preferences"):
        await page.get_by_label(label, exact=True).select_option(label=option)


async def _has_background(page: Page, colour: str) -> None:
    await expect(page.locator("html")).to_have_css("background-color", colour)


async def _covers_nothing(question: Locator, page: Page) -> None:
    asked = await question.bounding_box()
    assert asked
    for place in ("#room-head", "#messages", "#composer"):
        box = await page.locator(place).bounding_box()
        assert box
        assert box["y"] + box["height"] <= asked["y"] + 1 or (
            asked["y"] + asked["height"] <= box["y"] + 1
        ), place


async def test_a_choice_holds_at_once_in_every_tab_and_after_a_reload(
    town: Town, arrives: Arrives
) -> None:
    await _prefers(town, "ben", time_zone="Europe/Vienna")
    status, _ = await town.calls(
        "POST", "/api/rooms/hallway/messages", by="ana", json={"text": "What time is it?"}
    )
    assert status == 201
    ben = await arrives("ben", timezone_id="Europe/Vienna", locale="en-GB")
    await ben.opens_room("hallway")
    time = ben.message("What time is it?").locator("time")
    settings = await ben.context.new_page()
    await settings.goto(f"{town.server.url}/settings")
    await expect(settings.locator("#preferences-form button")).to_be_hidden()

    await _chooses(settings, "Theme", "Dark")
    for page in (settings, ben.page):
        await _has_background(page, DARK)
    await _chooses(settings, "Clock", "12 hours (am, pm)")
    await expect(time).to_have_text(AM_OR_PM)
    narrow = await ben.message("What time is it?").bounding_box()
    await _chooses(settings, "Density", "Compact")
    await expect(ben.page.locator("html")).to_have_attribute("data-density", "compact")
    compact = await ben.message("What time is it?").bounding_box()
    assert narrow
    assert compact
    assert compact["height"] < narrow["height"]

    await settings.add_init_script(f"({FIRST})()")
    await settings.reload()
    await settings.wait_for_function("window.first")
    assert await settings.evaluate("window.first") == DARK
    await expect(settings.get_by_label("Density", exact=True)).to_have_value("compact")
    await _chooses(settings, "Language", "Deutsch")
    await expect(settings.locator("html")).to_have_attribute("lang", "de")
    # Its script is there, which hides what only pages without one need.
    await expect(settings.locator("#preferences-form button")).to_be_hidden()
    await settings.get_by_label("Farben", exact=True).select_option("light")
    await _has_background(ben.page, LIGHT)


async def test_a_choice_on_one_device_holds_on_the_others_at_once(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("linus")
    await _prefers(town, "linus", time_zone="Europe/Vienna")
    devices = [
        await arrives("linus", timezone_id="Europe/Vienna", **profile) for profile in ({}, PHONE)
    ]
    for device, path in zip(devices, ("/rooms/hallway", "/settings"), strict=True):
        await device.goes_to(path)
    await devices[0].is_connected()
    await devices[1].page.wait_for_function("document.querySelector('[data-bell]') !== null")
    await _prefers(town, "linus", theme="dark", density="compact", week_start="saturday")
    for device in devices:
        html = device.page.locator("html")
        await expect(html).to_have_attribute("data-theme", "dark")
        await expect(html).to_have_attribute("data-density", "compact")
    await expect(devices[1].page.get_by_label("A week begins on")).to_have_value("saturday")

    # The calendar of «Jump to a date» begins as chosen, and is walked in by keyboard.
    page = devices[0].page
    await page.locator("[data-finds]").click()
    await page.get_by_role("menuitem", name="Jump to a date").click()
    days = page.get_by_role("grid", name="Days")
    await expect(days.get_by_role("columnheader").first).to_have_text("Sat")
    await _has_no_barriers(page, "the dialog of dates")
    await days.locator("[aria-selected=true] button").focus()
    await page.keyboard.press("PageUp")
    await page.keyboard.press("Home")
    await expect(days.locator("[aria-selected=true] button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_signed_out_pages_follow_the_system(arrives: Arrives) -> None:
    somebody = await arrives("ben", signed_in=False, color_scheme="dark")
    await somebody.goes_to("/login")
    await _has_background(somebody.page, DARK)
    await somebody.page.emulate_media(color_scheme="light")
    await _has_background(somebody.page, LIGHT)


async def test_the_first_device_says_the_time_zone_and_another_asks(
    town: Town, arrives: Arrives
) -> None:
    await _prefers(town, "cleo", time_zone="")
    at_home = await arrives("cleo", timezone_id="Europe/Vienna")
    async with at_home.page.expect_response("**/api/me/preferences"):
        await at_home.goes_to("/settings/notifications")
    assert (await town.calls("GET", "/api/me", by="cleo"))[1]["time_zone"] == "Europe/Vienna"
    await at_home.page.reload()
    await expect(at_home.page.locator("#main")).to_contain_text("Europe/Vienna")

    away = await arrives("cleo", timezone_id="America/New_York", **PHONE)
    await away.opens_room("hallway")
    question = away.page.get_by_role("region", name="Time zone")
    await expect(question).to_contain_text("This device is in America/New York")
    # It covers nothing: the composer and the messages keep their places.
    await _covers_nothing(question, away.page)
    await _has_no_barriers(away.page, "the question about the time zone")
    await question.get_by_role("button", name="Keep Europe/Vienna").tap()
    await expect(question).to_have_count(0)
    await away.page.reload()
    await away.is_connected()
    await expect(question).to_have_count(0)

    await _prefers(town, "cleo", time_zone="Asia/Tokyo")
    await away.page.reload()
    async with away.page.expect_response("**/api/me/preferences"):
        await question.get_by_role("button", name="Use America/New York").tap()
    assert (await town.calls("GET", "/api/me", by="cleo"))[1]["time_zone"] == "America/New_York"


async def test_a_notification_sounds_unless_sounds_are_off(town: Town, arrives: Arrives) -> None:
    await _prefers(town, "ben", sounds="on")
    ben = await arrives("ben")
    await ben.page.add_init_script(f"({COUNT_TONES})()")
    await ben.opens_room("hallway")
    # A browser lets a page sound after a first press only.
    await ben.page.locator("#room-head h1").click()
    toasts = ben.page.locator(".notification-toast")
    await _notifies(town, "ben", "With a sound")
    await expect(toasts.filter(has_text="With a sound")).to_have_count(1)

    tones = "() => window.tones"
    await eventually(lambda: ben.page.evaluate(tones), "a sound")

    await _prefers(town, "ben", sounds="off")
    await ben.page.reload()
    await ben.is_connected()
    await ben.page.locator("#room-head h1").click()
    await _notifies(town, "ben", "In silence")
    await expect(toasts.filter(has_text="In silence")).to_have_count(1)
    assert await ben.page.evaluate(tones) == 0
