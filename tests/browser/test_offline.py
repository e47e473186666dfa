"""Without a network: rooms that were open are there, others say that they aren't, and nothing of
somebody else is shown."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.person import History
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IS_KEPT = """async (slug) => {
  const kept = () => new Promise((resolve) => {
    const request = indexedDB.open("parley-copies");
    request.onsuccess = () => {
      const database = request.result;
      if (!database.objectStoreNames.contains("rooms")) return resolve([]);
      const all = database.transaction("rooms").objectStore("rooms").getAll();
      all.onsuccess = () => { database.close(); resolve(all.result); };
    };
  });
  const shell = async () => {
    const names = await caches.keys();
    const cache = names.length ? await caches.open(names[0]) : null;
    return Boolean(await cache?.match("/offline"));
  };
  const { active } = await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 300; tries += 1) {
    const rooms = await kept();
    const has = rooms.some(({ copy }) => copy.room.slug === slug && copy.items.length > 1);
    if (has && active.state === "activated" && (await shell())) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}"""
SLUGS_KEPT = """() => new Promise((resolve) => {
  const request = indexedDB.open("parley-copies");
  request.onsuccess = () => {
    const database = request.result;
    const close = (slugs) => { database.close(); resolve(slugs); };
    if (!database.objectStoreNames.contains("rooms")) return close([]);
    const all = database.transaction("rooms").objectStore("rooms").getAll();
    all.onsuccess = () => close(all.result.map(({ copy }) => copy.room.slug));
  };
})"""
SHELL_IS = """async (language) => {
  const shell = await caches.match("/offline");
  return (await shell?.text() ?? "").includes(`<html lang="${language}"`);
}"""
COPIES = "indexedDB.databases().then((all) => all.map(({ name }) => name))"


async def keeps(reader: Reader, town: Town, slug: str, text: str) -> None:
    """Open a room, write something, and wait till the browser has a copy of it."""
    await reader.opens_room(slug)
    await reader.sends(text)
    await reader.sees(text)
    assert await reader.page.evaluate(IS_KEPT, slug)


async def loses_the_network(reader: Reader) -> None:
    reader.witness.may_be_offline = True
    await reader.context.set_offline(True)


async def test_a_cold_start_without_network_shows_the_last_rooms(
    arrives: Arrives, town: Town
) -> None:
    for name in ("boathouse", "lighthouse"):
        await town.creates(name)
    ana = await arrives("ana")
    await keeps(ana, town, "boathouse", "the boat leaks")
    await loses_the_network(ana)
    await ana.page.close()
    await ana.opens_a_tab()
    await ana.goes_to("/")
    await ana.sees("the boat leaks")
    await expect(ana.page.locator(".sidebar-name")).to_have_text("ana")
    await expect(ana.page.locator("#status-line")).to_have_attribute("data-phase", "offline")
    # A room that was never open here.
    await ana.page.locator('#sidebar [data-slug="lighthouse"]').click()
    await expect(ana.page.locator("#messages")).to_contain_text("This room is not here yet")
    await expect(ana.page.locator("#messages")).not_to_contain_text("Write the first message")
    # A message written now goes out when the network is back, and the page becomes whole again.
    await ana.page.locator('#sidebar [data-slug="boathouse"]').click()
    await ana.sends("it is mended")
    await ana.context.set_offline(False)
    await ana.sees("it is mended")
    await ana.is_connected()
    await expect(ana.page.locator('#sidebar a[href="/admin/people"]')).to_be_visible()


async def test_signing_out_leaves_nothing_behind(arrives: Arrives, town: Town) -> None:
    await town.creates("vault", by="dana")
    dana = await arrives("dana")
    await keeps(dana, town, "vault", "the combination")
    await dana.page.get_by_role("button", name="Your menu").click()
    await dana.page.get_by_role("menuitem", name="Sign out").click()
    await expect(dana.page).to_have_url(re.compile("/login"))
    assert "parley-copies" not in await dana.page.evaluate(COPIES)
    await loses_the_network(dana)
    await dana.page.close()
    await dana.opens_a_tab()
    await dana.goes_to("/rooms/vault")
    await expect(dana.page.locator("#messages")).to_contain_text("kept nothing")
    await expect(dana.page.locator("body")).not_to_contain_text("combination")


async def _is_back(reader: Reader) -> None:
    reader.witness.expected_statuses |= {401, 403, 404}
    await reader.context.set_offline(False)


async def test_somebody_removed_meanwhile_keeps_nothing_of_the_room(
    arrives: Arrives, town: Town
) -> None:
    await town.settles("olga")
    await town.settles("oskar")
    room = await town.creates("cellar", "private", "olga", by="oskar")
    olga = await arrives("olga")
    slug = (await town.calls("GET", f"/api/rooms/{room}", by="olga"))[1]["slug"]
    await keeps(olga, town, slug, "the key is under the mat")
    await loses_the_network(olga)
    oskar = town.person("oskar", History())
    await oskar.connects()
    answer = await oskar.asks("room:remove", {"room": room, "user": town.users["olga"]["id"]})
    assert answer["ok"], answer
    await oskar.leaves()
    await _is_back(olga)
    await expect(olga.page.locator("#messages")).not_to_contain_text("under the mat")
    await expect(olga.page.locator(f'#sidebar [data-slug="{slug}"]')).to_have_count(0)
    await eventually(lambda: _forgot(olga, slug), "the copy is gone")


async def test_an_ended_session_keeps_nothing(arrives: Arrives, town: Town) -> None:
    await town.settles("otto")
    await town.creates("attic", by="otto")
    otto = await arrives("otto")
    await keeps(otto, town, "attic", "old letters")
    await loses_the_network(otto)
    await town.server.runs("users", "disable", "otto")
    await otto.page.close()
    await otto.opens_a_tab()
    await otto.goes_to("/rooms/attic")
    await otto.sees("old letters")
    await _is_back(otto)
    await expect(otto.page.locator("#status-line")).to_have_attribute("data-phase", "ended")
    await eventually(lambda: _forgot(otto, "attic"), "the copy is gone")


async def _forgot(reader: Reader, slug: str) -> bool:
    return slug not in await reader.page.evaluate(SLUGS_KEPT)


async def test_the_page_that_is_kept_speaks_the_language_of_the_person(
    arrives: Arrives, town: Town
) -> None:
    await town.settles("oda")
    await town.creates("parlour", by="oda")
    oda = await arrives("oda", locale="en-GB")
    await keeps(oda, town, "parlour", "guten Tag")
    await town.calls("PATCH", "/api/me/preferences", by="oda", json={"language": "de"})
    await oda.opens_room("parlour")
    await eventually(lambda: oda.page.evaluate(SHELL_IS, "de"), "the page is kept in German")
    await loses_the_network(oda)
    await oda.page.close()
    await oda.opens_a_tab()
    await oda.goes_to("/rooms/parlour")
    await oda.sees("guten Tag")
    await expect(oda.page.locator("html")).to_have_attribute("lang", "de")
    await expect(oda.page.locator("#composer [data-send] span")).to_have_text("Senden")
    # A part that was never opened is there too.
    await oda.page.get_by_role("button", name="Emoji", exact=True).click()
    await expect(oda.page.get_by_role("dialog", name="Emoji")).to_be_visible()
