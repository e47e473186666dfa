"""Events from many producers, with known totals: two servers, a restart, a kill in the middle."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

from tests.harness.client import connect, python_client
from tests.harness.server import Server
from tests.harness.town import Town
from tests.harness.waiting import eventually

PATH = "/api/analytics/events"
AT_ONCE = 200
TYPES = ("page_view", "bought", "signup", "shared")

Events = list[dict[str, Any]]


def events(prefix: str, first: int, count: int, visitors: int) -> Events:
    """Events number `first` and on; every so many belong to the same visitor."""
    return [
        {
            "event_type": f"{prefix}{TYPES[n % 4]}" if n % 4 else "page_view",
            "session_id": f"{prefix}{n % visitors}",
            "properties": {"path": f"/{prefix}", "n": n},
        }
        for n in range(first, first + count)
    ]


class OverHttp:
    """A program that posts lists."""

    def __init__(self, url: str) -> None:
        self._url = url + PATH
        self._session = aiohttp.ClientSession()

    async def tracks(self, some: Events) -> None:
        while (waits := await self._try(some)) is not None:
            await asyncio.sleep(waits)

    async def _try(self, some: Events) -> float | None:
        """None once they are taken, else how long the server wants to be left alone."""
        async with self._session.post(self._url, json=some) as answer:
            told = await answer.json()
            if answer.status == 503:
                wanted: float = told["error"]["retry_after"]
                return wanted
            assert (answer.status, told) == (202, {"status": "tracked", "accepted": len(some)})
            return None

    async def ends(self) -> None:
        await self._session.close()


class OverSocket:
    """A program with somebody's token."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._client = python_client()

    async def begins(self) -> None:
        await connect(self._client, self._url, self._token, "/analytics")

    async def tracks(self, some: Events) -> None:
        told: dict[str, Any] = {"ok": False}
        while not told["ok"]:
            told = await self._client.call("track", {"events": some}, namespace="/analytics")
            if not told["ok"]:
                await asyncio.sleep(told["error"]["retry_after"])
        assert told == {"ok": True, "accepted": len(some)}

    async def ends(self) -> None:
        await self._client.disconnect()


async def produces(producer: OverHttp | OverSocket, prefix: str, count: int, visitors: int) -> None:
    for first in range(0, count, AT_ONCE):
        await producer.tracks(events(prefix, first, min(AT_ONCE, count - first), visitors))
    await producer.ends()


async def metrics(server: Server, town: Town) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {town.tokens['ana']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(server.url + "/api/analytics/metrics") as answer,
    ):
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def ingested(town: Town, other: Server, name: str, count: int, visitors: int) -> None:
    """`count` events by eight producers on two servers, then what both servers say of them."""
    before = await metrics(town.server, town)
    sockets = [
        OverSocket(server.url, town.tokens[who])
        for server, who in ((town.server, "ben"), (other, "cleo"))
    ]
    for each in sockets:
        await each.begins()
    posters = [OverHttp((town.server, other)[n % 2].url) for n in range(6)]
    producers: list[OverHttp | OverSocket] = [*posters, *sockets]
    each_counts, each_visitors = count // 8, visitors // 6
    async with asyncio.TaskGroup() as group:
        for n, producer in enumerate(producers):
            group.create_task(produces(producer, f"{name}{n}-", each_counts, each_visitors))
    expected = Counter[str]()
    for n in range(8):
        for event in events(f"{name}{n}-", 0, each_counts, each_visitors):
            expected[event["event_type"]] += 1
    pages = expected.pop("page_view")

    async def agree(server: Server) -> bool:
        found = await metrics(server, town)
        counts = {t: n for t, n in found["event_counts"].items() if t in expected}
        return counts == expected and found["page_views"] - before["page_views"] == pages

    async def is_right(server: Server) -> None:
        await eventually(lambda: agree(server), "every event is counted, none twice", 30)
        found = await metrics(server, town)
        # Besides those who came over HTTP there are ben and cleo, and whoever was there before.
        distinct = 6 * each_visitors
        assert abs(found["unique_visitors"] - before["unique_visitors"] - distinct) < (
            0.02 * found["unique_visitors"] + 5
        )
        assert abs(found["active_users"] - before["active_users"] - distinct) < 0.02 * distinct + 5

    for server in (town.server, other):
        await is_right(server)
    await other.stops()
    await other.starts()
    await is_right(other)


async def test_events_of_eight_producers_on_two_servers_are_exact(
    town: Town, other_server: Server
) -> None:
    await ingested(town, other_server, "few", 16_000, 4_800)


@pytest.mark.slow
async def test_200000_events_of_50000_visitors_are_exact(town: Town, other_server: Server) -> None:
    await ingested(town, other_server, "many", 200_000, 50_000)


@pytest_asyncio.fixture
async def books(town: Town) -> AsyncIterator[Any]:
    """The database that the server writes."""
    client: AsyncIOMotorClient = AsyncIOMotorClient(town.server.database_url, tz_aware=True)
    yield client["parley"]
    client.close()


async def test_a_kill_costs_the_last_second_at_most_and_counts_nothing_twice(
    town: Town, books: Any
) -> None:
    accepted: list[tuple[float, int]] = []
    sent = 0

    async def goes_on(n: int) -> None:
        nonlocal sent
        producer = OverHttp(town.server.url)
        try:
            for first in range(0, 1_000_000, 20):
                some = events(f"killed{n}-", first, 20, 1_000)
                for event in some:
                    event["event_type"] = "killed"
                sent += len(some)
                await producer.tracks(some)
                accepted.append((time.monotonic(), len(some)))
        except (aiohttp.ClientError, OSError):
            return  # The kill.
        finally:
            await producer.ends()

    running = [asyncio.ensure_future(goes_on(n)) for n in range(4)]

    async def is_under_way() -> bool:
        """Events have been accepted for more than two seconds."""
        return bool(accepted) and accepted[-1][0] - accepted[0][0] > 2

    await eventually(is_under_way, "events are accepted for a while", 30)
    town.server.is_killed()
    killed_at = time.monotonic()
    await asyncio.gather(*running)
    await town.server.starts()
    safe = sum(n for at, n in accepted if at < killed_at - 1)
    by_step: dict[str, int] = Counter()
    async for each in books["analytics_rollups"].find({"series": "event:killed"}):
        by_step[each["step"]] += each["n"]
    assert set(by_step.values()) == {by_step["all"]}, by_step
    assert safe <= by_step["all"] <= sent
    raw = await books["analytics_events"].find({"type": "killed"}).to_list(None)
    assert len({each["id"] for each in raw}) == len(raw)
    assert safe <= len(raw) <= sent


async def test_an_orderly_stop_loses_nothing(town: Town, books: Any) -> None:
    producer = OverHttp(town.server.url)
    some = events("stopped-", 0, 100, 10)
    for event in some:
        event["event_type"] = "stopped"
    await producer.tracks(some)
    await producer.ends()
    await town.server.stops()
    await town.server.starts()
    found = await books["analytics_rollups"].find_one({"series": "event:stopped", "step": "all"})
    assert found["n"] == 100
    assert await books["analytics_events"].count_documents({"type": "stopped"}) == 100
