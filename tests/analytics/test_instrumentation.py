"""Parley counts its own events once each, with the user, and stores no message texts."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import datasketches
import pytest

from app.storage.mongo import Database
from tests.chat.house import PASSWORD, House, Member, open_house
from tests.harness.client import connect
from tests.harness.waiting import eventually


class Books:
    """Reads the stored events and all-time totals."""

    def __init__(self, database: Database) -> None:
        self._rollups = database.collection("analytics_rollups")
        self._events = database.collection("analytics_events")

    async def all_time(self, series: str) -> dict[str, Any]:
        return await self._rollups.find_one({"series": series, "step": "all"}) or {}

    async def count(self, event_type: str) -> int:
        found: int = (await self.all_time(f"event:{event_type}")).get("n", 0)
        return found

    async def has(self, count: int, event_type: str) -> None:
        """Wait until it is counted so often."""

        async def is_so() -> bool:
            return await self.count(event_type) == count

        await eventually(is_so, f"{event_type} is counted {count} times")

    async def events(self, event_type: str) -> list[dict[str, Any]]:
        return [dict(e) async for e in self._events.find({"type": event_type}).sort("timestamp")]

    async def samples(self, series: str) -> int:
        """How many durations were measured."""
        found = (await self.all_time(series)).get("kll")
        return datasketches.kll_floats_sketch.deserialize(found).n if found else 0

    async def most_at_once(self, series: str) -> int:
        peak: int = (await self.all_time(series)).get("peak", 0)
        return peak


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database) as opened:
        yield opened


@pytest.fixture
async def ana(house: House) -> Member:
    return await house.welcomes("ana", role="admin")


@pytest.fixture
async def ben(house: House, ana: Member) -> Member:
    return await house.welcomes("ben")


async def test_new_accounts_and_sign_ins_are_counted_and_refused_ones_not(
    house: House, books: Books
) -> None:
    ana = await house.invites("ana", "admin")
    async with aiohttp.ClientSession() as session:
        for password, status in ((PASSWORD, 200), ("wrong password", 401), (PASSWORD, 200)):
            given = {"username": "ana", "password": password}
            async with session.post(f"{house.address}/api/session", json=given) as answer:
                assert answer.status == status
    await books.has(1, "user_joined")
    await books.has(2, "user_login")
    assert [e["user"] for e in await books.events("user_login")] == [ana.id, ana.id]
    assert {e["visitor"] for e in await books.events("user_joined")} == {None}


async def test_messages_are_counted_when_they_are_sent_and_not_when_they_change(
    house: House, books: Books, ana: Member, ben: Member
) -> None:
    first = await ben.sends("a secret", client_id="c1")
    await ben.sends("a secret", client_id="c1")
    await ben.does("message:edit", room="hallway", id=first["id"], text="another secret")
    await ben.does("message:delete", room="hallway", id=first["id"])
    await ana.does("room:create", name="workshop", kind="open")
    token = await house.services.tokens.create(ana.id)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(
            f"{house.address}/api/rooms/hallway/messages", json={"text": "over HTTP"}
        ) as answer,
    ):
        assert answer.status == 201
    await books.has(2, "message_sent")
    told = await books.events("message_sent")
    assert [e["user"] for e in told] == [ben.id, ana.id]
    assert all("secret" not in str(e) and "hallway" not in str(e) for e in told)


async def test_reactions_are_counted_when_they_are_added(
    books: Books, ana: Member, ben: Member
) -> None:
    message = {"room": "hallway", "id": (await ben.sends("hi"))["id"], "emoji": "👍"}
    await ana.does("reaction:add", **message)
    await ana.does("reaction:add", **message)
    await ana.does("reaction:remove", **message)
    await ana.does("reaction:add", **message)
    await books.has(2, "reaction_added")


async def test_a_connection_is_counted_once_whatever_runs_over_it(
    house: House, books: Books, ana: Member
) -> None:
    await house.again(ana, polling=True)
    client = type(ana.client)(reconnection=False)
    token = await house.services.tokens.create(ana.id)
    await connect(client, house.address, token, "/chat", "/notifications", "/analytics")
    await eventually(lambda: len(house.connections("notifications")) == 1, "all of it is open")
    await books.has(3, "connection_opened")
    opened = await books.events("connection_opened")
    transports = [e["properties"] for e in opened]
    assert transports == [
        [{"k": "transport", "v": f'"{kind}"'}] for kind in ("websocket", "polling", "websocket")
    ]
    await client.disconnect()


async def test_open_connections_are_a_gauge_by_transport(
    house: House, books: Books, ana: Member
) -> None:
    await house.again(ana)
    await house.again(ana, polling=True)

    async def is_shown() -> bool:
        websockets = await books.most_at_once("connections:websocket")
        return (websockets, await books.most_at_once("connections:polling")) == (2, 1)

    await eventually(is_shown, "two WebSockets and one that polls")


async def test_errors_are_counted_by_what_people_were_told(
    house: House, books: Books, ana: Member
) -> None:
    assert await ana.fails("message:send", room="nowhere", text="hi") == "not_found"
    async with aiohttp.ClientSession() as session:
        for path, status in (("/api/rooms", 401), ("/no/such/page", 404)):
            async with session.get(house.address + path) as answer:
                assert answer.status == status

    async def are_counted() -> bool:
        counts = [
            (await books.all_time(f"errors:{code}")).get("n")
            for code in ("not_found", "unauthenticated")
        ]
        return counts == [2, 1]

    await eventually(are_counted, "two not_found and one unauthenticated")


async def test_how_long_a_message_takes_is_measured_at_each_stage(
    books: Books, ana: Member, ben: Member
) -> None:
    await ana.joins()
    for number in range(3):
        await ben.sends(f"message {number}")
    await books.has(3, "message_sent")

    async def are_measured() -> bool:
        stages = [await books.samples(f"latency:{s}") for s in ("commit", "delivery")]
        return all(n >= 3 for n in stages) and await books.samples("latency:ack") == 3

    await eventually(are_measured, "commit, delivery and three acks")


async def test_what_was_sent_before_an_orderly_stop_is_counted(
    database: Database, books: Books
) -> None:
    async with open_house(database) as house:
        ana = await house.welcomes("ana", role="admin")
        for number in range(20):
            await ana.sends(f"message {number}")
    assert await books.count("message_sent") == 20
