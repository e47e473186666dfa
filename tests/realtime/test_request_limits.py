"""Somebody who calls without end is refused on every transport, and told when to go on."""

import aiohttp

from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house
from tests.realtime.plain import Plain

MANY = 20


async def arrives(house: House) -> tuple[Member, str]:
    ana = await house.invites("ana", role="admin")
    token = await house.services.tokens.create(ana.id)
    return await house.enters_with(token, ana), token


async def test_calls_over_the_limit_are_refused_and_messages_are_not(database: Database) -> None:
    async with open_house(database, calls_per_minute=MANY) as house:
        ana, token = await arrives(house)
        for _ in range(MANY):
            await ana.does("rooms:list")
        refused = (await ana.call("rooms:list"))["error"]
        assert refused["code"] == "rate_limited"
        assert 0 < refused["retry_after"] <= 60
        async with Plain(house.address, token) as plain:
            assert (await plain.does("rooms:list"))["error"]["code"] == "rate_limited"
            assert (await plain.does("track", events=[{"event_type": "click"}]))["ok"]
        for n in range(MANY):
            await ana.sends(f"message {n}")


async def test_requests_over_the_limit_are_429_and_say_when_to_come_back(
    database: Database,
) -> None:
    async with open_house(database, calls_per_minute=MANY) as house:
        _, token = await arrives(house)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(house.address, headers=headers) as http:
            for _ in range(MANY):
                assert (await http.get("/api/rooms")).status == 200
            refused = await http.post("/api/rooms", json={"name": "One more", "kind": "open"})
            assert refused.status == 429
            assert 0 < int(refused.headers["Retry-After"]) <= 60
            assert (await refused.json())["error"]["code"] == "rate_limited"
            sent = await http.post("/api/rooms/hallway/messages", json={"text": "still heard"})
            assert sent.status == 201


async def test_strangers_and_bad_tokens_count_by_address(database: Database) -> None:
    async with open_house(database, anonymous_calls_per_minute=4) as house:
        _, token = await arrives(house)
        bad = {"Authorization": "Bearer parley_nonsense"}
        async with aiohttp.ClientSession(house.address) as http:
            for _ in range(2):
                assert (await http.get("/login")).status == 200
                assert (await http.get("/api/me", headers=bad)).status == 401
            assert (await http.get("/api/me", headers=bad)).status == 429
            page = await http.get("/login", headers={"Accept": "text/html"})
            assert (page.status, "Just a moment" in await page.text()) == (429, True)
            assert (await http.get("/healthz")).status == 200
            mine = {"Authorization": f"Bearer {token}"}
            assert (await http.get("/api/me", headers=mine)).status == 200
