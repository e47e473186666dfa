"""A room of very many people on the page: some are held, the others are found on request."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pymongo
import pytest
from playwright.async_api import expect

from bench.people import account
from tests.browser.conftest import Arrives
from tests.browser.test_pages import _has_no_barriers
from tests.harness.town import Town, founded_town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

VISITORS = 298
# So many people have read the newest message of a room.
HAVE_READ = """async ([room, count]) => {
  const of = `/api/rooms/${room}`;
  const read = async (address) => (await fetch(address)).json();
  const newest = (await read(`${of}/messages?limit=1`)).items[0];
  return (await read(`${of}/readers?seq=${newest.seq}`)).count >= count;
}"""


@pytest.fixture(scope="module")
def large_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server of its own: other tests look at all people of theirs."""
    with founded_town(tmp_path_factory.mktemp("large")) as town:
        yield town


async def test_a_room_of_three_hundred(large_town: Town, arrives: Arrives) -> None:
    town = large_town
    await town.settles("hilda", "--display-name", "Hilda")
    await town.settles("jonas", "--display-name", "Jonas")
    at = datetime.now(UTC)
    ids = [f"visitor-{number:03}" for number in range(VISITORS)]
    with pymongo.MongoClient(town.server.database_url) as client:
        client["parley"]["users"].insert_many([account(user_id, user_id, at) for user_id in ids])
    made = {"name": "Great fair", "kind": "private", "members": [*ids, "jonas"]}
    _, room = await town.calls("POST", "/api/rooms", by="hilda", json=made)

    hilda = await arrives("hilda", at=town)
    page = hilda.page
    await hilda.opens_room(room["slug"])
    await expect(page.locator("#room-head [data-count]")).to_have_text("300")
    people = page.locator("#people")
    await expect(people.locator(".people-count")).to_have_text("1 online")
    await expect(people.locator(".person")).to_have_count(200)

    # Somebody comes: they have been invited last, and are among the first.
    jonas = await arrives("jonas", at=town)
    await jonas.opens_room(room["slug"])
    await expect(people.locator(".people-count")).to_have_text("2 online")

    field = page.get_by_role("searchbox", name="Find a person in this room")
    await field.fill("29")
    numbers = ("029", "129", "229", *range(290, 298))
    await expect(people.locator(".person-name")).to_have_text([f"Visitor-{n}" for n in numbers])
    await field.fill("")
    await people.get_by_role("button", name="Show all 300 people").click()
    await expect(people.locator(".person")).to_have_count(50)
    await people.get_by_role("button", name="Show more").click()
    await expect(people.locator(".person")).to_have_count(100)
    await _has_no_barriers(page, "a room of 300")

    # The readers of a message are told on request.
    await hilda.sends("welcome to the fair")
    seen = page.locator("#messages [data-seen]")
    await jonas.sees("welcome to the fair")

    async def have_read() -> bool:
        return bool(await page.evaluate(HAVE_READ, [room["id"], 2]))

    await eventually(have_read, "both have read it")
    await seen.get_by_role("button", name="Seen by…").click()
    await expect(seen).to_have_text("seen by Jonas")

    # A call to all names how many hear it.
    await page.locator("#composer textarea").fill("@everyone: we begin")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("Notify 299 people?")
    await page.get_by_role("dialog").get_by_role("button", name="Notify 299 people").click()
    await jonas.sees("@everyone: we begin")
