"""Arabic and Hebrew run from right to left wherever they stand, and move nothing around them."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.person import History
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NAME, ROOM, TOPIC = "دانا الخطيب", "חדר עבודה", "نتحدث هنا عن العمل"


async def runs(reader: Reader, selector: str, text: str, direction: str = "rtl") -> None:
    found = reader.page.locator(selector).filter(has_text=text).last
    await expect(found).to_be_visible()
    await expect(found).to_have_css("direction", direction)


async def test_words_run_in_their_own_direction(town: Town, arrives: Arrives) -> None:
    await town.settles("khatib", "--display-name", NAME)
    room = await town.creates(ROOM, "open", "ana", by="khatib")
    dana = town.person("khatib", History())
    await dana.connects()
    assert (await dana.asks("room:update", {"room": room, "topic": TOPIC}))["ok"]
    path = f"/api/rooms/{room}/messages"
    await town.calls("POST", path, by="khatib", json={"text": "مرحبا @ana"})
    note = {"title": "إعلان مهم", "body": "نلتقي غدا"}
    await town.calls("POST", "/api/notifications", by="ana", json={"user_id": "ana", **note})
    ana = await arrives("ana")
    await ana.opens_room(room)
    await dana.asks("typing:start", {"room": room})
    # Gone after some seconds, so it is looked at first.
    await runs(ana, "#typing bdi", "دانا")
    await runs(ana, "#typing", "is typing", "ltr")
    for selector, text in (
        ("#room-head h1 [dir=auto]", ROOM),
        ("[data-topic]", TOPIC),
        (".room-link .room-name", ROOM),
        (".message-author", NAME),
        (".person-name", NAME),
        (".room-start h2", ROOM),
        (".system bdi", NAME),
    ):
        await runs(ana, selector, text)
    await runs(ana, ".system", NAME, "ltr")
    await runs(ana, ".room-link .room-name", "hallway", "ltr")
    await ana.goes_to("/notifications")
    await runs(ana, ".inbox-item-title", note["title"])
    await runs(ana, ".inbox-item-text", note["body"])
    await ana.goes_to("/admin/people")
    await runs(ana, "td bdi", NAME)
    await ana.goes_to("/admin/announcements")
    await ana.page.get_by_label("Title").fill(note["title"])
    await runs(ana, "[data-preview-title]", note["title"])
    await expect(ana.page.get_by_label("Title")).to_have_css("direction", "rtl")
    await dana.leaves()
