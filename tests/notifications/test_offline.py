"""Somebody is offline while notifications are sent and the server is killed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.accounts.models import User
from tests.harness.client import connect, python_client
from tests.harness.server import Server
from tests.harness.town import Town
from tests.notifications.post_office import NAMESPACE, Device

PATH = "/api/notifications"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("offline")
    server = Server(folder)
    yield server
    server.ends()


async def _sends(http: aiohttp.ClientSession, to: str, numbers: range) -> set[str]:
    """Send each under its own key until it is answered; the ids of the answers."""
    ids: set[str] = set()
    for number in numbers:
        body = {"user_id": to, "title": f"n{number}", "idempotency_key": f"n{number}"}
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


async def _killed_twice(server: Server, senders: "asyncio.Future[Any]") -> None:
    for _ in range(2):
        await asyncio.wait([senders], timeout=0.5)
        server.is_killed()
        await server.starts()


async def test_exactly_what_was_acknowledged_is_there(server: Server) -> None:
    await server.starts()
    town = Town(server)
    await town.is_founded()
    ben = town.users["ben"]["id"]
    headers = {"Authorization": f"Bearer {town.tokens['ana']}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as http:
        senders = asyncio.gather(*(_sends(http, ben, range(n, 500, 10)) for n in range(10)))
        await _killed_twice(server, senders)
        acknowledged = set().union(*await senders)
    assert len(acknowledged) == 500

    client = python_client()
    device = Device(User(id=ben, username="ben", name="Ben"), client)
    await connect(client, server.url, town.tokens["ben"], NAMESPACE)
    await device.shows(500)
    found = list(device.items)
    assert len(found) == 100
    before, more = min(i["seq"] for i in device.items.values()), True
    while more:
        page = await device.does("inbox:list", before=before, limit=200, unread=True)
        found += [i["id"] for i in page["items"]]
        before, more = page["items"][0]["seq"], page["more"]
    assert len(found) == len(set(found))
    assert set(found) == acknowledged
    await device.leaves()
    server.assert_clean_log()
