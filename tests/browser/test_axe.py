"""Every page and the main states of the chat, in both themes, wide and narrow: axe finds nothing.

One page and one account for all of it, for that is what takes the time.
"""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.browser.test_pages import AXE, OF_COLOURS, WANTED
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Look = tuple[dict[str, int], Literal["light", "dark"], dict[str, Any]]

# By default axe also describes the rules that passed, in hundreds of kilobytes.
RUN = """async ([within, options]) => {
  // Sliding and changes of colour have ended.
  for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  return (await axe.run({ include: [within] }, options)).violations;
}"""
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
ALL = {"type": "tag", "values": WANTED}
COLOURS = {"type": "rule", "values": OF_COLOURS}
# The markup is the same at each width and in each theme: there only what depends on these.
PLACES = [*OF_COLOURS, "target-size", "scrollable-region-focusable", "aria-hidden-focus"]
OF_PLACE = {"type": "rule", "values": PLACES}
LOOKS: tuple[Look, ...] = ((WIDE, "light", ALL), (NARROW, "dark", OF_PLACE))
# The room has most colours: each theme at each width.
LOOKS_OF_THE_ROOM: tuple[Look, ...] = (*LOOKS, (WIDE, "dark", COLOURS), (NARROW, "light", COLOURS))
OPEN = "dialog[open], [role=menu]"
PAGES = (
    *("/settings", "/settings/notifications", "/notifications", "/connection", "/about"),
    *(
        "/admin/people",
        "/admin/connections",
        "/admin/nodes",
        "/admin/hooks",
        "/admin/announcements",
    ),
    *("/admin/audit", "/rooms/no-such-room", "/nothing/here", "/join/no-such-code"),
    *("/reset/no-such-code", "/admin/topics?topic=axe:topic", "/admin/analytics"),
)


async def _found(
    page: Page, where: str, looks: Iterable[Look] = LOOKS, within: str = "html"
) -> list[str]:
    """The problems that axe finds in each look, and on which elements."""
    # Evaluated, not added as a script: the page's policy stays as it is.
    await page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found: list[str] = []
    for size, theme, rules in looks:
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await page.emulate_media(color_scheme=theme)
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        violations = await page.evaluate(RUN, [within, options])
        look = f"{where} at {size['width']} {theme}"
        found += [
            f"{look}: {each['id']}: {[_described(node) for node in each['nodes']]}"
            for each in violations
        ]
    await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    return found


def _described(node: dict[str, Any]) -> str:
    why = (node["any"] or node["all"] or node["none"] or [{"message": ""}])[0]["message"]
    return f"{node['html'][:120]} ({why[:160]})"


async def _furnished(town: Town) -> str:
    """An admin with something of everything; the address of a room."""
    await town.settles("axel", "--admin", "--display-name", "Axel")
    room = await town.creates("Axe hall", "open", "ben", "cleo", by="axel")

    async def call(path: str, by: str = "axel", **body: Any) -> Any:
        status, answer = await town.calls("POST", path, by=by, json=body)
        assert status < 300, answer
        return answer

    path = f"/api/rooms/{room}/messages"
    for by, text in (
        ("ben", "Good **morning**, @axel! See https://example.org and `make test`."),
        ("cleo", "> quoted\n\n- one\n- [x] two\n\n```python\nx = 1  # one\n```"),
        ("ben", "| a | b |\n|:-:|--:|\n| 1 | 2 |"),
        ("cleo", "\n\n".join(f"line {n}" for n in range(40))),
    ):
        await call(path, by=by, text=text)
    await call("/api/topics/axe:topic/events", data={"n": 1})
    note = {"title": "Axes are sharp", "body": "Mind your fingers", "link": "/rooms/hallway"}
    await call("/api/notifications", user_id="axel", category="system", **note)
    await call("/api/hooks", direction="incoming", name="axe", topic="axe:topic")
    return room


async def _presses(page: Page, name: str, then: str = "") -> None:
    """Press a button, and a choice of the menu that it opens."""
    await page.get_by_role("button", name=name, exact=True).first.click()
    if then:
        await page.get_by_role("menuitem", name=then).click()


def _states(reader: Reader) -> dict[str, Callable[[], Awaitable[None]]]:
    """The steps that open each state of the chat; Escape closes it again."""
    page = reader.page
    return {
        "the emoji": lambda: _presses(page, "Emoji"),
        "jump to": lambda: page.keyboard.press("Control+k"),
        "shortcuts": lambda: page.keyboard.press("Control+/"),
        "create": lambda: _presses(page, "Add a room", "Create a room"),
        "browse": lambda: _presses(page, "Add a room", "Browse open rooms"),
        "write to": lambda: _presses(page, "Write to someone"),
        "invite": lambda: _presses(page, "Invite"),
        "room settings": lambda: _presses(page, "Room settings"),
        "a profile card": lambda: page.locator(".message-author").first.click(),
        "finds": lambda: _presses(page, "Pinned and saved messages, dates"),
    }


async def test_axe_finds_nothing_anywhere(town: Town, arrives: Arrives) -> None:
    room = await _furnished(town)
    axel = await arrives("axel", viewport=WIDE, reduced_motion="reduce")
    axel.witness.expected_statuses.add(404)
    page = axel.page
    await axel.opens_room(room)
    await axel.sends("written here")
    await axel.sees("written here")
    await axel.message("Good morning").hover()
    found = await _found(page, "the room", LOOKS_OF_THE_ROOM)
    for name, opens in _states(axel).items():
        await opens()
        await expect(page.locator(OPEN).first).to_be_visible()
        found += await _found(page, name, within=OPEN)
        await page.keyboard.press("Escape")
        await expect(page.locator(OPEN)).to_have_count(0)
    for path in PAGES:
        await axel.goes_to(path)
        found += await _found(page, path)
    await axel.context.clear_cookies()
    await axel.goes_to("/login")
    found += await _found(page, "/login")
    assert found == [], "\n".join(found)
