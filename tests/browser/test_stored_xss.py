"""Markup in messages, names and names of rooms runs no script in any browser."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.payloads import DISPLAY_NAME, PAYLOADS, ROOM_NAMES, TOPIC
from tests.browser.reader import Reader
from tests.checker.history import History
from tests.harness.town import Town
from tests.harness.waiting import RESUMED_WITHIN_S

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Collects dangerous elements, attributes and links that are left after rendering.
FOUND = """() => {
  const found = [];
  const dangerous = "script, iframe, object, embed, style, link, meta, base, form, input, svg, "
    + "math, img, video, audio, template, details, marquee, noscript";
  for (const content of document.querySelectorAll(".message-content, .system")) {
    for (const each of content.querySelectorAll(dangerous))
      if (!each.matches(".code-block > .code-copy > svg.icon")) found.push(each.outerHTML);
    for (const each of content.querySelectorAll("*"))
      for (const { name, value } of each.attributes)
        if (/^on|^style$|^srcdoc$|^formaction$/i.test(name)) found.push(`${name}=${value}`);
    for (const link of content.querySelectorAll("a"))
      if (!["http:", "https:", "mailto:"].includes(link.protocol)
          || !/noopener|noreferrer/.test(link.rel)) found.push(link.outerHTML);
  }
  return found;
}"""


async def _is_inert(reader: Reader) -> None:
    assert await reader.page.evaluate(FOUND) == []
    assert await reader.page.evaluate("window.pwned") is None
    reader.witness.assert_nothing_happened()


async def _touches_everything(reader: Reader) -> None:
    """Move over and press what is there; links would leave the page, so they are only focused."""
    for message in await reader.messages.all():
        await message.hover()
    await reader.page.evaluate(
        'document.querySelectorAll(".message-content a").forEach((link) => link.focus())'
    )


async def test_list_is_long_enough() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 40


async def test_messages_are_inert_when_they_arrive_and_after_a_reload(
    town: Town, arrives: Arrives
) -> None:
    room = await town.opens("poison")
    ana = await arrives("ana")
    await ana.opens_room("poison")
    before = await ana.messages.count()
    sent = 0
    for payload in PAYLOADS:
        path = f"/api/rooms/{room}/messages"
        status, _ = await town.calls("POST", path, by="ben", json={"text": payload})
        sent += status == 201
    assert sent == len(PAYLOADS)
    await expect(ana.messages).to_have_count(before + sent)
    await _touches_everything(ana)
    await _is_inert(ana)
    await ana.page.reload()
    await ana.is_connected()
    await _touches_everything(ana)
    await _is_inert(ana)


async def test_own_payloads_are_inert_while_they_are_being_sent(
    town: Town, arrives: Arrives
) -> None:
    await town.opens("own-poison")
    ana = await arrives("ana")
    ana.witness.may_be_offline = True
    await ana.opens_room("own-poison")
    await ana.context.set_offline(True)
    for payload in PAYLOADS[:8]:
        await ana.sends(payload)
    await expect(ana.page.locator("article.is-sending")).to_have_count(8)
    await _is_inert(ana)
    await ana.context.set_offline(False)
    await expect(ana.page.locator("article.is-sending")).to_have_count(
        0, timeout=RESUMED_WITHIN_S * 1000
    )
    await _is_inert(ana)


async def test_edits_and_quotes_are_inert(town: Town, arrives: Arrives) -> None:
    room = await town.opens("edited-poison")
    ana = await arrives("ana")
    await ana.opens_room("edited-poison")
    path = f"/api/rooms/{room}/messages"
    _, message = await town.calls("POST", path, by="ben", json={"text": PAYLOADS[3]})
    reply = {"text": "what is this?", "reply_to": message["id"]}
    await town.calls("POST", path, by="cleo", json=reply)
    await ana.sees("what is this?")
    await ana.acts("what is this?", "Reply")
    await expect(ana.page.locator("[data-strip]")).to_be_visible()
    await _is_inert(ana)


async def test_names_of_people_and_rooms_are_inert_everywhere(town: Town, arrives: Arrives) -> None:
    await town.settles("mallory", "--display-name", DISPLAY_NAME)
    rooms = [await town.creates(name, "open", "ana", by="mallory") for name in ROOM_NAMES]
    mallory = town.person("mallory", History())
    await mallory.connects()
    answer = await mallory.asks("room:update", {"room": rooms[0], "topic": TOPIC})
    assert answer["ok"], answer
    direct = await mallory.asks("direct:open", {"user": "ana"})
    path = f"/api/rooms/{rooms[0]}/messages"
    await town.calls("POST", path, by="mallory", json={"text": "hello @mallory and @ana"})
    ana = await arrives("ana")
    _, listed = await town.calls("GET", "/api/rooms", by="ana")
    hers = {*rooms, direct["room"]["id"]}
    named = [room for room in listed["items"] if room["id"] in hers]
    assert len(named) == len(hers)
    # Those of other tests show these names only in the list, which is on each of these pages.
    for room in named:
        await ana.opens_room(room["slug"])
        await mallory.asks("typing:start", {"room": room["id"]})
        await _is_inert(ana)
    await ana.page.keyboard.press("Control+k")
    await ana.page.get_by_role("combobox").fill("onerror")
    await _is_inert(ana)
    for address in ("/admin/people", "/settings", f"/rooms/{ROOM_NAMES[0]}"):
        ana.witness.expected_statuses.add(404)
        await ana.goes_to(address)
        await _is_inert(ana)
    await mallory.leaves()
