"""The list of rooms: sections that fold, favourites, drafts, mute, order, keys and a menu."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Arrives
from tests.browser.hands import Finger
from tests.browser.reader import Reader
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Tells which rooms are painted or moved from now on.
WATCH = """() => {
  window.painted = new Set();
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes)
      for (const node of [target, ...addedNodes]) {
        const link = (node.closest ? node : node.parentElement)?.closest(".room-link");
        if (link) window.painted.add(link.dataset.room);
      }
  }).observe(document.querySelector("[data-lists]"),
    { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
}"""


class List:
    """The sidebar of somebody."""

    def __init__(self, reader: Reader) -> None:
        self.page = reader.page

    def room(self, name: str) -> Locator:
        return self.page.locator(".room-link").filter(has_text=name)

    async def holds(self, section: str, *names: str) -> None:
        """Wait till these of the test's rooms are all that a section shows, in this order."""
        found = self.page.locator(f"[data-section={section}] .room-link:visible .room-name")
        await expect(found.filter(has_text="side-")).to_have_text(names)

    async def chooses(self, name: str, choice: str) -> None:
        await self.room(name).click(button="right")
        await self.page.get_by_role("menuitem", name=choice).click()

    async def is_open(self, name: str) -> None:
        await expect(self.page.locator("#room-head h1")).to_contain_text(name)


async def test_the_list_is_arranged_by_mouse_and_keyboard(town: Town, arrives: Arrives) -> None:
    await town.settles("gwen", "--display-name", "Gwen")
    rooms = {n: await town.creates(f"side-{n}", "open", "gwen", by="cleo") for n in "abcd"}

    async def says(text: str, room: str) -> None:
        await town.calls("POST", f"/api/rooms/{room}/messages", by="cleo", json={"text": text})

    gwen = await arrives("gwen")
    await gwen.opens_room("hallway")
    page, press, side = gwen.page, gwen.page.keyboard.press, List(gwen)
    await side.holds("rooms", "side-a", "side-b", "side-c", "side-d")

    # The unread room comes first, and one more message paints one room.
    await says("here soon @gwen", rooms["c"])
    await side.holds("unread", "side-c")
    await expect(side.room("side-c").locator(".room-count")).to_contain_text("1")
    await page.evaluate(WATCH)
    await says("look here @gwen", rooms["c"])
    await side.holds("unread", "side-c")
    await expect(side.room("side-c").locator(".room-count")).to_contain_text("2")
    assert set(await page.evaluate("[...window.painted]")) == {rooms["c"]}

    # Alt with arrows: to the next unread one, and on.
    await press("Alt+Shift+ArrowDown")
    await side.is_open("side-c")
    await side.holds("unread", "side-c")
    await gwen.sees("look here @gwen")
    await side.room("side-a").click()
    await side.holds("unread")
    await press("Alt+ArrowDown")
    await side.is_open("side-b")
    await press("Alt+ArrowUp")
    await side.is_open("side-a")

    # A draft is marked in the rooms that are not open.
    await gwen.composer.fill("to be written")
    await press("Alt+ArrowDown")
    await expect(side.room("side-a").locator(".room-mark")).to_have_attribute("title", "draft")

    # The menu: favourite, muted (dimmed and not counted), marked as read, left.
    await side.chooses("side-d", "Add to favourites")
    await side.holds("favourites", "side-d")
    await expect(side.room("side-d")).to_be_focused()
    await side.chooses("side-c", "Mute")
    await expect(side.room("side-c")).to_have_class("room-link is-muted")
    await says("not heard @gwen", rooms["c"])
    await says("heard", rooms["d"])
    await expect(side.room("side-d")).to_have_class("room-link is-unread")
    await expect(side.room("side-c")).to_have_class("room-link is-muted")
    await _has_no_barriers(page, "the list of rooms")
    await side.room("side-d").click(button="right")
    await _has_no_barriers(page, "the menu of a room")
    await page.get_by_role("menuitem", name="Mark as read").click()
    await expect(side.room("side-d")).to_have_class("room-link")
    await side.holds("favourites", "side-d")

    # Its own order, by mouse, by keyboard and by the menu.
    await side.room("side-c").drag_to(side.room("side-a"), target_position={"x": 40, "y": 4})
    await side.holds("rooms", "side-c", "side-a", "side-b")
    await side.room("side-c").focus()
    await press("Control+Shift+ArrowDown")
    await side.holds("rooms", "side-a", "side-c", "side-b")
    await expect(side.room("side-c")).to_be_focused()
    await side.room("side-c").dispatch_event("contextmenu", {"button": 0})
    await page.get_by_role("menuitem", name="Move down").press("Enter")
    await side.holds("rooms", "side-a", "side-b", "side-c")
    await side.room("side-a").drag_to(side.room("side-d"), target_position={"x": 40, "y": 4})
    await side.holds("favourites", "side-a", "side-d")

    # All of it stays; a folded section shows the open room only.
    await page.reload()
    await gwen.is_connected()
    await side.holds("favourites", "side-a", "side-d")
    await side.holds("rooms", "side-b", "side-c")
    await expect(side.room("side-c")).to_have_class("room-link is-muted")
    await page.get_by_role("button", name="Rooms", exact=True).click()
    await side.holds("rooms", "side-b")
    await page.get_by_role("button", name="Rooms", exact=True).click()
    await page.get_by_role("button", name="Sort the list").click()
    await page.get_by_role("menuitemradio", name="By last activity").click()
    await side.holds("rooms", "side-c", "side-b")

    await side.chooses("side-c", "Unmute")
    await side.chooses("side-c", "Leave this room")
    await page.get_by_role("button", name="Leave", exact=True).click()
    await side.holds("rooms", "side-b")
    await side.is_open("side-b")


async def test_a_long_press_opens_the_menu_on_a_phone(town: Town, arrives: Arrives) -> None:
    # An account of its own: nothing that comes moves the rows under the finger.
    await town.settles("holly")
    for name in ("press me long", "side-x", "side-y"):
        await town.creates(name, "open", "holly", by="cleo")
    holly = await arrives("holly", **PHONE)
    await holly.opens_room("hallway")
    await holly.page.locator("[data-menu]").click()
    link = holly.page.locator(".room-link").filter(has_text="press me long")
    await link.click(trial=True)  # the drawer has come to rest
    box = await link.bounding_box()
    assert box is not None
    finger = await holly.context.new_cdp_session(holly.page)
    at = {"x": box["x"] + 40, "y": box["y"] + 10}
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    await expect(holly.page.get_by_role("menuitem", name="Mute")).to_be_visible()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await holly.page.get_by_role("menuitem", name="Add to favourites").tap()
    favourites = holly.page.locator("[data-section=favourites] .room-link")
    await expect(favourites).to_contain_text(["press me long"])
    # The way to order by touch: the menu of a room moves it.
    menu, rooms = Finger(holly.page), holly.page.locator("[data-section=rooms] .room-link")
    order = await rooms.locator(".room-name").all_text_contents()
    last = order[-1]
    for choice, expected in (
        ("Move up", [*order[:-2], last, order[-2]]),
        ("Move down", order),
    ):
        item = holly.page.get_by_role("menuitem", name=choice)
        await menu.holds(rooms.filter(has_text=last), item, holly.page.locator("[data-lists]"))
        await menu.taps(item)
        await expect(rooms.locator(".room-name")).to_have_text(expected)
    await expect(holly.page.locator("#room-head h1")).to_contain_text("hallway")
