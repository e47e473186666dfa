"""A client of each transport is told to come back, and its connection ends as the network would."""

from collections.abc import AsyncIterator

import pytest

from app.storage.mongo import Database
from tests.chat.house import House, open_house
from tests.harness.listener import Listener
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database, drain_after_s=0.01) as opened:
        yield opened


async def test_clients_of_all_transports_are_told_to_come_back(house: House) -> None:
    websocket = await house.welcomes("ana", role="admin")
    polling = await house.again(websocket, polling=True)
    token = await house.services.tokens.create(websocket.id)
    async with (
        Plain(house.address, token) as plain,
        Listener(house.address, token, "notifications") as reader,
        Listener(house.address) as stranger,
    ):
        await reader.opens()
        await stranger.opens()
        house.services.core.draining.begin()
        hints = [
            (await plain.hears("node:leaving"))["after_ms"],
            (await websocket.hears("node:leaving"))["after_ms"],
            (await polling.hears("node:leaving"))["after_ms"],
        ]
        assert await plain.closes() == 1001
        for member in (websocket, polling):
            await member.is_cut_off()
            # For the other reason, of a server that wants it, official clients stay away.
            assert member.ended == ["transport close"] or member.ended == ["transport error"]
        for listener in (reader, stranger):
            await listener.is_ended()
            assert listener.retry_ms is not None
            hints.append(listener.retry_ms)
        assert all(0 <= each < 1_000 for each in hints)
    await eventually(lambda: len(house.connections("chat")) == 0, "nobody is left")
