"""Reading on: what the first paint shows, places over reloads, two devices of one person."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.browser.hands import AFTER_FRAMES, Keyboard
from tests.browser.reader import Reader
from tests.browser.test_pages import _has_no_barriers
from tests.browser.test_reading_place import is_in_view, reads_until, talk
from tests.checker.history import History
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IS_UNREAD = re.compile("is-unread")
# Notes at each frame which messages of a room are in view.
WATCH = """
  window.shown = [];
  const isIn = (box, view) => box.bottom > view.top && box.top < view.bottom;
  const look = () => {
    requestAnimationFrame(look);
    const scroller = document.querySelector(".messages-scroll");
    const list = scroller?.querySelector("[data-list]");
    if (!list || getComputedStyle(list).visibility !== "visible") return;
    const view = scroller.getBoundingClientRect();
    const texts = [...list.querySelectorAll(":scope > :not(.is-away) > article")]
      .filter((article) => isIn(article.getBoundingClientRect(), view))
      .map((article) => article.querySelector("[data-content]").textContent.trim());
    if (texts.length) window.shown.push(texts);
  };
  requestAnimationFrame(look);
"""
# Timers of 400 ms, after which reading is told, never end.
NO_REST = """
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...more) => {
    if (ms !== 400) return real(run, ms, ...more);
    window.hasSeen = true;
    return 0;
  };
"""


async def was_always_shown(page: Page, text: str) -> None:
    """Fail if any frame had messages in view, but not this one."""
    await is_in_view(page, text)
    without = await page.evaluate("(text) => shown.filter((each) => !each.includes(text))", text)
    assert without == []


async def marks_unread(reader: Reader, text: str) -> None:
    await reader.acts(text, "Mark unread from here")
    await expect(reader.page.locator(".new-line + article")).to_contain_text(text)


async def test_nothing_flashes_up_before_the_place_where_a_room_opens(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("hugo")
    room = await town.creates("opened at once", "open", "hugo")
    sent = await talk(town, room, 120)
    await reads_until(town, sent[20], by="hugo")
    hugo = await arrives("hugo")
    await hugo.page.add_init_script(WATCH)
    page, slug = hugo.page, "opened-at-once"
    # The page begins with the first unread message.
    await hugo.opens_room(slug)
    await was_always_shown(page, "message 021")
    await expect(page.locator(".new-line")).to_be_in_viewport()
    # A link to a message.
    await reads_until(town, sent[-1], by="hugo")
    await page.goto("about:blank")
    await hugo.goes_to(f"/rooms/{slug}#{sent[60]['id']}")
    await was_always_shown(page, "message 060")
    # Where it was left, over a reload and back from another page, with what was being written.
    await page.evaluate(f"location.hash = '{sent[90]['id']}'")
    await is_in_view(page, "message 090")
    before = await hugo.place_of("message 090")
    await hugo.composer.fill("half a sentence")
    await page.reload()
    await was_always_shown(page, "message 090")
    assert abs(await hugo.place_of("message 090") - before) < 3
    await hugo.goes_to("/about")
    await page.go_back()
    await was_always_shown(page, "message 090")
    await expect(hugo.composer).to_have_value("half a sentence")
    # A room that was not open before, in the same page.
    other = await town.creates("opened later", "open", "hugo")
    later = await talk(town, other, 100)
    await reads_until(town, later[10], by="hugo")
    row = page.locator("#sidebar").get_by_role("link", name="opened later")
    await expect(row).to_have_class(IS_UNREAD)
    await page.evaluate("document.querySelector('#sidebar').onclick = () => { shown.length = 0; }")
    await row.click()
    await was_always_shown(page, "message 011")


async def test_marked_unread_shows_at_once_on_every_device(town: Town, arrives: Arrives) -> None:
    await town.settles("ivo")
    room = await town.creates("marked at once", "open", "ivo")
    await talk(town, room, 8)
    here, there = await arrives("ivo"), await arrives("ivo")
    row = {
        each: each.page.locator("#sidebar a", has_text="marked at once") for each in (here, there)
    }
    for each in (here, there):
        await each.opens_room("marked-at-once")
        await each.sees("message 007")
    await marks_unread(here, "message 003")
    for each in (here, there):
        await expect(row[each]).to_have_class(IS_UNREAD)
        await expect(each.page.locator(".new-line + article")).to_contain_text("message 003")
    # It stays so while the room is open, and over a reload elsewhere.
    await there.opens_room("hallway")
    await expect(row[there]).to_have_class(IS_UNREAD)
    await expect(row[here]).to_have_class(IS_UNREAD)
    # Reading it again on one device is told to the other.
    await row[there].click()
    await expect(there.page.locator(".new-line + article")).to_contain_text("message 003")
    await expect(row[there]).not_to_have_class(IS_UNREAD)
    await expect(row[here]).not_to_have_class(IS_UNREAD)


async def test_what_is_saved_and_pinned_is_known_on_every_device(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("juna")
    room = await town.creates("kept at once", "open", "juna")
    await talk(town, room, 3)
    here, there = await arrives("juna"), await arrives("juna")
    for each in (here, there):
        await each.opens_room("kept-at-once")
    await here.acts("message 001", "Save for later")
    await expect(here.page.locator("#toasts")).to_contain_text("Saved")
    await there.acts("message 001", "Remove from saved")
    await expect(there.page.locator("#toasts")).to_contain_text("Removed from your saved")
    await here.acts("message 001", "Save for later")
    # The head counts pins, and leads to them.
    pins = there.page.locator("#room-head [data-pins]")
    await expect(pins).to_be_hidden()
    await here.acts("message 001", "Pin to the room")
    await here.acts("message 002", "Pin to the room")
    await expect(pins).to_have_accessible_name("2 pinned messages")
    await there.page.reload()
    await expect(pins).to_have_text("2")
    await here.acts("message 001", "Unpin")
    await expect(pins).to_have_accessible_name("1 pinned message")
    await there.message("message 001").hover()
    await there.message("message 001").get_by_role("button", name="More actions").click()
    await _has_no_barriers(there.page, "the menu of a message")
    await there.page.keyboard.press("Escape")
    await pins.press("Enter")
    dialog = there.page.get_by_role("dialog", name="Pinned messages")
    await expect(dialog.locator("li")).to_have_count(1)
    await Keyboard(there.page).is_at(dialog.get_by_role("button", name="message 002"))
    await _has_no_barriers(there.page, "pinned messages")
    await dialog.get_by_role("button", name="message 002").press("Enter")
    finds = there.page.locator("[data-finds]")
    for choice in ("Saved messages", "Jump to a date"):
        await finds.click()
        await there.page.get_by_role("menuitem", name=choice).click()
        await expect(there.page.get_by_role("dialog", name=choice)).to_be_visible()
        await _has_no_barriers(there.page, choice)
        await there.page.keyboard.press("Escape")
    await here.acts("message 002", "Unpin")
    await expect(pins).to_be_hidden()


async def test_what_was_read_last_counts_when_the_page_is_left(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("kuno")
    room = await town.creates("left early", "open", "kuno")
    kuno = await arrives("kuno")
    await kuno.page.add_init_script(NO_REST)
    await kuno.opens_room("left-early")
    sent = await talk(town, room, 1)
    await kuno.sees("message 000")
    await is_in_view(kuno.page, "message 000")
    await kuno.page.wait_for_function("() => window.hasSeen")
    # That may be of the lines before; the page notes this message when it has drawn it.
    await kuno.page.evaluate(AFTER_FRAMES, 30)
    await kuno.page.goto("about:blank")

    async def is_read() -> bool:
        _, found = await town.calls("GET", f"/api/rooms/{room}", by="kuno")
        return bool(found["last_read"] == sent[0]["seq"])

    await eventually(is_read, "the message is read")


async def test_somebody_outside_who_is_mentioned_can_be_invited(
    town: Town, arrives: Arrives
) -> None:
    for name in ("lena", "mara", "nils"):
        await town.settles(name)
    room = await town.creates("inner circle", "private", by="lena")
    lena = await arrives("lena")
    _, made = await town.calls("GET", f"/api/rooms/{room}", by="lena")
    await lena.opens_room(made["slug"])
    line = lena.page.locator("[data-outsiders]")
    await lena.sends("what do you think, @ana, @mara or @nils?")
    # Admins are no members either.
    await expect(line).to_contain_text("ana, mara, and nils are not in this room")
    await line.get_by_role("button", name="Dismiss").click()
    await expect(line).to_be_hidden()
    await lena.sends("and you, @mara?")
    await expect(line).to_contain_text("mara is not in this room and was not notified.")
    # Another room does not show it; this one still does.
    rooms = lena.page.locator("#sidebar")
    await rooms.get_by_role("link", name="hallway").click()
    await expect(line).to_be_hidden()
    await rooms.get_by_role("link", name="inner circle").click()
    await expect(line).to_be_visible()
    # Nothing of it reached her: neither the room nor the mention.
    _, inbox = await town.calls("GET", "/api/notifications", by="mara")
    assert inbox["items"] == []
    status, _ = await town.calls("GET", f"/api/rooms/{room}", by="mara")
    assert status == 404
    await line.get_by_role("button", name="Invite").press("Enter")
    await expect(line).to_be_hidden()
    await expect(lena.composer).to_be_focused()
    await expect(lena.page.locator(".system", has_text="mara")).to_be_visible()
    status, _ = await town.calls("GET", f"/api/rooms/{room}", by="mara")
    assert status == 200


async def test_the_draft_of_a_reply_shows_what_it_answers_on_another_device(
    town: Town, arrives: Arrives
) -> None:
    await town.settles("olaf")
    room = await town.creates("quoted afar", "open", "olaf")
    sent: list[dict[str, Any]] = await talk(town, room, 70)
    await reads_until(town, sent[-1], by="olaf")
    draft = {"room": room, "text": "I think", "reply_to": sent[3]["id"]}
    phone = town.person("olaf", History())
    await phone.connects()
    await phone.asks("draft:set", draft)
    olaf = await arrives("olaf")
    await olaf.opens_room("quoted-afar")
    strip = olaf.page.locator("[data-strip]")
    await expect(strip).to_contain_text(re.compile("Reply to ana.*message 003", re.IGNORECASE))
    await expect(olaf.composer).to_have_value("I think")
    ana = town.person("ana", History())
    await ana.connects()
    await ana.asks("message:delete", {"room": room, "id": sent[4]["id"]})
    await phone.asks("draft:set", {**draft, "reply_to": sent[4]["id"]})
    await expect(strip).to_contain_text("Reply to a deleted message")
    for each in (phone, ana):
        await each.leaves()
