"""Without a network: rooms that were open are there, others say that they aren't, and nothing of
somebody else is shown."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.town import Town

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
  for (let tries = 0; tries < 100; tries += 1) {
    const rooms = await kept();
    const has = rooms.some(({ copy }) => copy.room.slug === slug && copy.items.length > 1);
    if (has && active.state === "activated" && (await shell())) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
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
