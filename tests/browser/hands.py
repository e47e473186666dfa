"""Hands that do everything one way: by keyboard alone, or with a finger alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from playwright.async_api import FloatRect, Locator, Page, expect

from tests.harness.waiting import eventually

MOST_TABS = 60
MOST_SWIPES = 20
SWIPE_STEPS = 5
RESTING_FRAMES = 6
SEEN_WITHIN_S = 10.0
# Less is hard to hit (WCAG 2.5.8).
FINGER_PX = 24
# Why the focus can't be seen, or null.
UNSEEN = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return "nothing has the focus";
  const words = focused.getAttribute("aria-label") || focused.textContent.trim() || focused.name;
  const name = `${focused.tagName.toLowerCase()} «${words.slice(0, 40)}»`;
  const box = focused.getBoundingClientRect();
  const isIn = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth;
  if (!isIn) return `${name} is off the screen`;
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  const over = document.elementFromPoint(x, y);
  if (!over || !(focused.contains(over) || over.contains(focused)))
    return `${name} is behind ${over?.className || over?.tagName}`;
  const mark = getComputedStyle(focused);
  const isOutlined = mark.outlineStyle !== "none";
  const outside = isOutlined ? parseFloat(mark.outlineOffset) + parseFloat(mark.outlineWidth) : 0;
  // A list that scrolls cuts off what stands out of it.
  for (let up = focused.parentElement; up && outside > 0.5; up = up.parentElement) {
    const { left, right } = up.getBoundingClientRect();
    const isCut = box.left - outside < left - 0.5 || box.right + outside > right + 0.5;
    if (isCut && getComputedStyle(up).overflowX !== "visible")
      return `the mark of ${name} is cut off by ${up.className || up.tagName}`;
    if (up.matches("dialog")) break;
  }
  // A field may be marked by the frame around it.
  const isField = focused.matches("input, textarea");
  const frames = isField ? [focused.parentElement, focused.closest("form")] : [];
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const isMarked = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1)
    || frames.some((each) => each && getComputedStyle(each).boxShadow !== "none");
  return isMarked ? null : `${name} has no mark of the focus`;
}"""
AFTER_FRAMES = """(count) => new Promise((done) => {
  const next = () => (count-- > 0 ? requestAnimationFrame(next) : done());
  next();
})"""
IS_FOCUSED = "(element) => element === document.activeElement"

Moves = Callable[[float, float], Awaitable[None]]


class Keyboard:
    """A person without a mouse: keys are pressed, and the focus is seen after each."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def presses(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def types(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def is_at(self, target: Locator) -> None:
        """The focus is there, and can be seen."""
        await expect(target).to_be_focused()
        await self.sees_the_focus()

    async def sees_the_focus(self) -> None:
        unseen: list[str | None] = [None]

        async def is_seen() -> bool:
            unseen[0] = await self.page.evaluate(UNSEEN)
            return unseen[0] is None

        try:
            await eventually(is_seen, "the focus is seen", SEEN_WITHIN_S)
        except AssertionError:
            raise AssertionError(unseen[0]) from None

    async def tabs_to(self, target: Locator, key: str = "Tab") -> None:
        """Press Tab (or "Shift+Tab") until the focus is there; each stop on the way is seen."""
        await expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            await self.presses(key)
            # The end of the page is the browser's own.
            if await self.page.evaluate("document.activeElement === document.body"):
                continue
            await self.sees_the_focus()
            if await target.evaluate(IS_FOCUSED):
                return
        raise AssertionError(f"{MOST_TABS} times {key} never came to {target}")


class Finger:
    """A person with a phone: taps, swipes, long presses, and a soft keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def taps(self, target: Locator) -> None:
        """Swipe there if it is off the screen, and tap on it."""
        box = await self.comes_to(target)
        assert min(box["width"], box["height"]) >= FINGER_PX, f"{target} is too small: {box}"
        await target.tap()

    async def writes(self, field: Locator, text: str) -> None:
        """Tap into a field and write; a soft keyboard inserts characters and tells of no keys."""
        await self.taps(field)
        await expect(field).to_be_focused()
        for character in text:
            await self.page.keyboard.insert_text(character)

    async def holds(self, target: Locator, until: Locator, within: Locator) -> None:
        """Press long on what stands within a list, till something shows up."""
        box = await self.comes_to(target, within)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        async with self._down_at(x, y):
            await expect(until).to_be_visible()

    async def swipes(self, over: Locator, by: float) -> None:
        """Move what is there up (`by` > 0 pixels, to read on) or down, and let it rest."""
        box = await over.bounding_box()
        size = self.page.viewport_size
        assert box
        assert size
        top, bottom = max(box["y"], 0), min(box["y"] + box["height"], size["height"])
        far = (bottom - top) * 0.7
        distance = max(-far, min(far, by))
        x, start = box["x"] + box["width"] / 2, (top + bottom + distance) / 2
        async with self._down_at(x, start) as moves:
            for step in range(1, SWIPE_STEPS + 1):
                await moves(x, start - distance * step / SWIPE_STEPS)
            # A finger that rests before it leaves throws nothing.
            await self.page.evaluate(AFTER_FRAMES, RESTING_FRAMES)

    async def draws(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Move from one point of the screen to another and leave there at once."""
        (x, y), (to_x, to_y) = start, end
        async with self._down_at(x, y) as moves:
            for step in range(1, SWIPE_STEPS + 1):
                part = step / SWIPE_STEPS
                await moves(x + (to_x - x) * part, y + (to_y - y) * part)

    async def comes_to(self, target: Locator, within: Locator | None = None) -> FloatRect:
        """Swipe the page, or a list within it, until it is there to be touched; its place then."""
        await expect(target).to_be_visible()
        over = within or self.page.locator("body")
        for _ in range(MOST_SWIPES):
            box, area = await self._rests(target), await over.bounding_box()
            size = self.page.viewport_size
            assert area
            assert size
            top, bottom = max(area["y"], 0), min(area["y"] + area["height"], size["height"])
            middle = box["y"] + box["height"] / 2
            if top < middle < bottom:
                return box
            await self.swipes(over, middle - (top + bottom) / 2)
        raise AssertionError(f"{MOST_SWIPES} swipes never came to {target}")

    async def _rests(self, target: Locator) -> FloatRect:
        """Wait until it stays where it is, and return its place: a finger aims before it lands."""
        last: FloatRect | None = None
        boxes: list[FloatRect] = []

        async def is_at_rest() -> bool:
            nonlocal last
            before, last = last, await target.bounding_box()
            await self.page.evaluate(AFTER_FRAMES, 1)
            if last is None or last != before:
                return False
            boxes.append(last)
            return True

        await eventually(is_at_rest, f"{target} rests")
        return boxes[-1]

    @asynccontextmanager
    async def _down_at(self, x: float, y: float) -> AsyncIterator[Moves]:
        """While a finger is on the screen; gives what moves it to another x and y."""
        session = await self.page.context.new_cdp_session(self.page)

        async def touches(kind: str, *points: tuple[float, float]) -> None:
            event = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
            await session.send("Input.dispatchTouchEvent", event)

        await touches("touchStart", (x, y))
        yield lambda x, y: touches("touchMove", (x, y))
        await touches("touchEnd")
        await session.detach()
