"""Somebody is offline while notifications are sent and the server is killed."""

import asyncio

import aiohttp

from tests.harness.town import Town

PATH = "/api/notifications"
SENDERS, EACH = 10, 30


async def _sends(http: aiohttp.ClientSession, to: str, sender: int) -> set[str]:
    """Send each under its own key until it is answered; the ids of the answers."""
    ids: set[str] = set()
    for number in range(EACH):
        key = f"{sender} {number}"
        body = {"user_id": to, "title": key, "category": "offline", "idempotency_key": key}
        while not (found := await _answer(http, body)):
            await asyncio.sleep(0.05)
        ids |= found
    return ids


async def _answer(http: aiohttp.ClientSession, body: dict[str, str]) -> set[str]:
    """The ids, or nothing where the server is away or being killed."""
    try:
        async with http.post(PATH, json=body) as response:
            answer = await response.json()
    except aiohttp.ClientError:
        return set()
    assert response.status in (200, 201, 503), answer
    return set(answer.get("ids", ()))


async def test_exactly_what_was_acknowledged_is_there(town: Town) -> None:
    to, server = town.users["dana"]["id"], town.server
    headers = {"Authorization": f"Bearer {town.tokens['ana']}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as http:
        senders = asyncio.gather(*(_sends(http, to, n) for n in range(SENDERS)))
        await asyncio.wait([senders], timeout=0.5)
        assert not senders.done()
        server.is_killed()
        await server.starts()
        acknowledged = set().union(*await senders)
    assert len(acknowledged) == SENDERS * EACH

    found: list[str] = []
    query, before, more = f"{PATH}?category=offline&limit=200", "", True
    while more:
        status, page = await town.calls("GET", query + before, by="dana")
        assert status == 200, page
        found += [item["id"] for item in page["items"]]
        before, more = f"&before={page['items'][0]['seq']}", page["more"]
    assert len(found) == len(set(found))
    assert set(found) == acknowledged
