"""The longest names that are allowed fit on every page at every width, and show whole on hover."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.person import History
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDTHS = (320, 390, 1280)
USERNAME, NAME, ROOM, TOPIC = "w" * 32, "W" * 64, "W" * 79, "t" * 100
LABEL, TITLE, PATH = "L" * 64, "T" * 200, "/" + "p" * 120

# Everything that can be seen: nothing sticks out or is squeezed to a few letters a line, every
# control is there without scrolling sideways (but for lines of links and of filters), and what is
# cut off has its whole text as a tooltip.
PROBLEMS = """async () => {
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
  const found = new Set();
  const outside = new Set();
  const name = (e) => {
    const { left, right } = e.getBoundingClientRect();
    const words = (e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 20);
    return `${e.tagName}.${e.className} ${Math.round(left)}–${Math.round(right)} «${words}»`;
  };
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.add(`the page is ${root.scrollWidth} wide`);
  const scope = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  for (const e of scope.querySelectorAll("*")) {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (e.closest(".visually-hidden, .skip, [inert], svg, pre")) continue;
    if (e.closest("nav.page-nav, nav.contents, .inbox-filters")) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const control = e.matches("a[href], button, input, select, textarea, summary");
    let { left, right } = { left: 0, right: innerWidth };
    let isCut = false;
    for (let up = e.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX === "visible") continue;
      const outer = up.getBoundingClientRect();
      left = Math.max(left, outer.left);
      right = Math.min(right, outer.right);
      isCut = true;
    }
    const sticksOut = box.left < left - 1 || box.right > right + 1;
    if (sticksOut && (control || !isCut)) {
      outside.add(e);
      if (!outside.has(e.parentElement)) found.add(`sticks out: ${name(e)}`);
    }
    const { fontSize, lineHeight } = getComputedStyle(e);
    const isTall = [...e.childNodes].some((each) => {
      if (each.nodeType !== Node.TEXT_NODE || !each.data.trim()) return false;
      const words = document.createRange();
      words.selectNode(each);
      return words.getBoundingClientRect().height > 2.5 * parseFloat(lineHeight);
    });
    const isNarrow = box.width < 4 * parseFloat(fontSize);
    if (isTall && isNarrow) found.add(`squeezed: ${name(e)}`);
    if (getComputedStyle(e).textOverflow === "ellipsis" && e.scrollWidth > e.clientWidth + 1) {
      e.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
      const said = e.closest("[title]")?.title ?? "";
      if (!said.includes(e.textContent.trim().slice(0, 60))) found.add(`no tooltip: ${name(e)}`);
    }
  }
  return [...found];
}"""


async def _fits(page: Page, where: str) -> list[str]:
    """The problems at each width."""
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        found += [f"{where} at {width}: {each}" for each in await page.evaluate(PROBLEMS)]
    return found


async def _closes(page: Page) -> None:
    """Close the dialog that is open."""
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def _settled(town: Town) -> str:
    """Everything that people name has the longest name; the id of the room."""
    await town.settles(USERNAME, "--display-name", NAME, "--admin")
    bot = town.users[USERNAME]["id"]
    room = await town.creates(ROOM, "open", "ana", by=USERNAME)
    await town.creates("w" + ROOM, "private", by=USERNAME)
    await town.creates("gone " + "W" * 75, "open", by=USERNAME)
    writer = town.person(USERNAME, History())
    await writer.connects()
    assert (await writer.asks("room:update", {"room": room, "topic": "t" * 250}))["ok"]
    await writer.asks("room:join", {"room": room})
    await writer.asks("direct:open", {"user": "ana"})

    async def call(path: str, **body: Any) -> None:
        status, answer = await town.calls("POST", path, by=USERNAME, json=body)
        assert status < 300, answer

    text = f"@{USERNAME} {'x' * 300} https://example.org/{'y' * 300} `{'z' * 300}`"
    await call(f"/api/rooms/{room}/messages", text=text)
    await call(f"/api/topics/{TOPIC}/events", data={"d" * 200: "e" * 200})
    note = {"title": TITLE, "body": "B" * 1_000, "link": "/rooms/hallway"}
    await call("/api/notifications", user_id=bot, category="system", **note)
    await call("/api/notifications", user_id="ana", category="announcement", **note)
    await call("/api/hooks", direction="incoming", name=LABEL, topic=TOPIC)
    url = "https://93.184.216.34/" + "u" * 500
    await call("/api/hooks", direction="outgoing", name=LABEL, topic=TOPIC, url=url)
    events = [
        {
            "event_type": "page_view",
            "properties": {"path": PATH, "referrer": f"https://{'r' * 60}.x/"},
        },
        {"event_type": "e" * 64, "properties": {"p" * 100: "v" * 100}},
    ]
    await call("/api/analytics/events", **events[0])
    await call("/api/analytics/events", **events[1])
    await writer.leaves()
    return room


async def _chat_fits(reader: Reader, room: str) -> list[str]:
    page = reader.page
    await page.set_viewport_size({"width": 1280, "height": 800})
    await reader.opens_room(room)
    await expect(reader.messages.first).to_be_visible()
    found = await _fits(page, "the room")
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("w")
    await expect(page.get_by_role("option").nth(2)).to_be_visible()
    found += await _fits(page, "jump to")
    await _closes(page)
    for drawer, button in (("rooms", "[data-menu]"), ("people", "[data-people]")):
        await page.set_viewport_size({"width": 320, "height": 800})
        await page.locator(button).click()
        await eventually(
            lambda: page.evaluate("document.getAnimations().length === 0"), "the drawer is open"
        )
        problems = await page.evaluate(PROBLEMS)
        found += [f"the drawer of {drawer}: {each}" for each in problems]
        await page.keyboard.press("Escape")
        await expect(page.locator(button)).to_have_attribute("aria-expanded", "false")
    await page.set_viewport_size({"width": 1280, "height": 800})
    for entry in ("Create", "Browse"):
        await page.get_by_role("button", name="Add a room").click()
        await page.get_by_role("menuitem", name=entry).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        if entry == "Browse":
            await page.get_by_role("searchbox").fill("W")
            await expect(page.get_by_role("button", name=f"View {ROOM}")).to_be_visible()
        found += await _fits(page, entry)
        await _closes(page)
        await page.set_viewport_size({"width": 1280, "height": 800})
    await page.get_by_role("button", name="Room settings").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await _fits(page, "room settings")
    await _closes(page)
    return found


async def test_the_longest_names_fit_on_every_page(town: Town, arrives: Arrives) -> None:
    room = await _settled(town)
    reader = await arrives(USERNAME)
    found = await _chat_fits(reader, room)
    mine = town.users[USERNAME]["id"]
    for path in (
        "/settings",
        "/settings/notifications",
        "/notifications",
        "/admin/people",
        f"/admin/people/{mine}",
        "/admin/analytics",
        "/admin/connections",
        "/admin/nodes",
        f"/admin/topics?topic={TOPIC}",
        "/admin/hooks",
        "/admin/announcements",
        "/admin/audit",
        "/connection",
    ):
        await reader.goes_to(path)
        found += await _fits(reader.page, path)
    assert found == []
