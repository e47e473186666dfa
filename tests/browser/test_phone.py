"""On a phone: what a finger reaches, and how the page follows it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Arrives
from tests.browser.hands import Finger
from tests.browser.test_composer import PHONE
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDTH = 390
TRY_MS = 3_000
# Controls that a finger would miss. A link within a sentence may be as high as its line, a field is
# hit by its label too, and a name beside a message by the avatar.
TOO_SMALL = """(least) => {
  const scope = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const found = [];
  for (const each of scope.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (!each.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (each.closest("[inert], .skip, .visually-hidden, .message-content, .message-author"))
      continue;
    if (each.disabled || !each.getBoundingClientRect().width) continue;
    const style = getComputedStyle(each);
    const inText = style.display === "inline" && each.matches("a")
      && each.parentElement.textContent.trim() !== each.textContent.trim();
    if (inText) continue;
    const hit = each.matches("[type=checkbox], [type=radio]") ? each.closest("label") : each;
    const { width, height } = (hit ?? each).getBoundingClientRect();
    const words = (each.getAttribute("aria-label") || each.textContent || each.name || "").trim();
    if (Math.min(width, height) < least - 0.5)
      found.push(`${each.tagName}.${each.className} «${words.slice(0, 30)}» `
        + `${Math.round(width)} × ${Math.round(height)}`);
  }
  return found;
}"""
LEAST_PX = 40
PAGES = (
    *("/settings", "/settings/notifications", "/notifications", "/about", "/nothing/here"),
    *("/admin/analytics", "/admin/people", "/admin/connections", "/admin/topics", "/admin/hooks"),
    *("/admin/announcements", "/admin/audit"),
)


async def _too_small(page: Page, where: str) -> list[str]:
    return [f"{where}: {each}" for each in await page.evaluate(TOO_SMALL, LEAST_PX)]


async def test_a_long_press_opens_reactions_and_everything_else(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("pia", "--display-name", "Pia")
    room = await town.creates("Thumbs", "open", "pia", by="ben")
    for text in ("Who brings the cake?", "I do"):
        await town.calls("POST", f"/api/rooms/{room}/messages", by="ben", json={"text": text})
    pia = await arrives("pia", **PHONE)
    page, finger = pia.page, Finger(pia.page)
    await pia.opens_room(room)
    sheet = page.get_by_role("dialog", name="Message actions")
    words = pia.message("Who brings the cake?").locator("[data-content]")
    talk = page.locator(".messages-scroll")

    await finger.holds(words, sheet, talk)
    assert await _too_small(page, "sheet") == []
    await _has_no_barriers(page, "sheet")
    row = sheet.get_by_role("group", name="Choose a reaction").get_by_role("button")
    tops = {(await row.nth(n).bounding_box() or {}).get("y") for n in range(await row.count())}
    assert len(tops) == 1
    await finger.taps(row.first)
    await expect(sheet).to_have_count(0)
    await expect(pia.message("Who brings the cake?").locator(".reaction")).to_be_visible()

    # The others are one tap away from there.
    await finger.holds(words, sheet, talk)
    await finger.taps(sheet.get_by_role("button", name="More emoji"))
    picker = page.get_by_role("dialog", name="Choose an emoji")
    await finger.taps(picker.locator(".emoji-grid button").nth(2))
    await expect(pia.message("Who brings the cake?").locator(".reaction")).to_have_count(2)

    # A finger draws it away, and a tap beside it closes it.
    await finger.holds(words, sheet, talk)
    box = await sheet.bounding_box()
    assert box
    await finger.draws((195, box["y"] + 8), (195, box["y"] + 12))
    await expect(sheet).to_be_visible()
    top = (195, box["y"] + 8)
    await _draws(finger, top, (195, box["y"] + 300), lambda: _is_in_view(sheet, False))
    await finger.holds(words, sheet, talk)
    await page.touchscreen.tap(195, 60)
    await expect(sheet).to_have_count(0)


async def _is_in_view(drawer: Locator, is_wanted: bool) -> None:
    looks = expect(drawer)
    if is_wanted:
        await looks.to_be_in_viewport(ratio=0.9, timeout=TRY_MS)
    else:
        await looks.not_to_be_in_viewport(timeout=TRY_MS)


async def _draws(
    finger: Finger,
    start: tuple[float, float],
    end: tuple[float, float],
    holds: Callable[[], Awaitable[None]],
) -> None:
    """Once more, as a person would, where a page that was busy has taken it for scrolling."""
    for _ in range(2):
        await finger.draws(start, end)
        with suppress(AssertionError):
            await holds()
            return
    await finger.draws(start, end)
    await holds()


async def test_drawers_follow_the_finger(town: Town, arrives: Arrives) -> None:
    await town.settles("paul", "--display-name", "Paul")
    room = await town.creates("Drawers", "open", "paul", by="ben")
    code = "```\n" + "sideways " * 40 + "\n```"
    await town.calls("POST", f"/api/rooms/{room}/messages", by="ben", json={"text": code})
    paul = await arrives("paul", **PHONE)
    page, finger = paul.page, Finger(paul.page)
    await paul.opens_room(room)
    rooms, people = page.locator("#sidebar"), page.locator("#people")
    await expect(rooms).not_to_be_in_viewport()

    # Up and down reads, and a little to the side is nothing.
    await finger.draws((100, 300), (140, 600))
    await finger.draws((30, 400), (45, 400))
    await expect(rooms).not_to_be_in_viewport()
    await _draws(finger, (12, 400), (280, 410), lambda: _is_in_view(rooms, True))
    await expect(page.locator("[data-menu]")).to_have_attribute("aria-expanded", "true")
    await _draws(finger, (300, 400), (40, 400), lambda: _is_in_view(rooms, False))
    await expect(page.locator("[data-menu]")).to_have_attribute("aria-expanded", "false")

    await finger.taps(page.locator("#room-head").get_by_role("button", name="people in this room"))
    await expect(people).to_be_in_viewport(ratio=0.9)
    await _draws(finger, (150, 400), (380, 400), lambda: _is_in_view(people, False))

    # Code that is wider than the screen moves itself.
    box = await page.locator("pre").bounding_box()
    assert box
    await finger.draws((60, box["y"] + 20), (330, box["y"] + 20))
    await expect(rooms).not_to_be_in_viewport()


async def test_everything_is_large_enough_for_a_finger(town: Town, arrives: Arrives) -> None:
    await town.settles("pepe", "--admin")
    room = await town.creates("Large enough", "open", "pepe", by="ben")
    for text in ("hello @pepe", "`a`"):
        await town.calls("POST", f"/api/rooms/{room}/messages", by="ben", json={"text": text})
    pepe = await arrives("pepe", **PHONE)
    pepe.witness.expected_statuses.add(404)
    page = pepe.page
    await pepe.opens_room(room)
    await pepe.sees("hello")
    found = await _too_small(page, "room")
    for drawer, button in (("rooms", "[data-menu]"), ("people", "[data-people]")):
        await page.locator(button).click()
        found += await _too_small(page, drawer)
        await page.keyboard.press("Escape")
    for path in PAGES:
        await pepe.goes_to(path)
        found += await _too_small(page, path)
        # The links to the pages are one line, in which the present one is to be seen.
        nav = page.locator(".page-nav")
        box = await nav.bounding_box()
        assert box
        assert box["height"] < 60, path
        current = nav.locator("[aria-current=page]")
        if await current.count():
            link = await current.bounding_box()
            assert link
            assert link["x"] >= 0, path
            assert link["x"] + link["width"] <= WIDTH, path
    assert found == [], "\n".join(found)
