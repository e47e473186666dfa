"""All that a crowd is told in one room grows with its size, not with the square of it.

The limits of large rooms are set so low that 40 people are a crowd already; `bench/crowds.py`
measures thousands with those that hold. Bytes are counted, no time is measured.
"""

from collections.abc import AsyncIterator
from typing import Any

import pymongo
import pytest

from app.chat import large_rooms, member_lists, reactions, room_view, serializer
from app.storage.mongo import Database
from bench.crowds import Crowd, Row, measure, per_person
from bench.people import Settlement
from tests.chat.house import House, open_house

FEW, MANY = 40, 160
AT_MOST = 1.3
# A burst takes longer on a busy machine, and is told of in a few events more: so many bytes for
# each person. With all names in each event it would be many times as much.
SLACK = 3_000


@pytest.fixture
async def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(room_view, "LARGE_ABOVE", 10)
    monkeypatch.setattr(member_lists, "SHOWN_AT_MOST", 20)
    for module in (reactions, serializer):
        monkeypatch.setattr(module, "NAMED", 5)
    monkeypatch.setattr(large_rooms, "TOLD_A_SECOND", 200)
    async with open_house(database, analytics_calls_per_minute=0) as opened:
        yield opened


async def bill_of(
    house: House, people: "pymongo.MongoClient[Any]", name: str, size: int
) -> list[Row]:
    """The costs of a crowd of this size in a room of its own."""
    services = house.services
    village = Settlement(people[name], services.chat.rooms, services.users)
    crowd = await village.people(size)
    owner = await services.users.get(crowd[0].id)
    members = [one.id for one in crowd[1:]]
    view = await services.chat.rooms.create(f"Crowd {size}", "open", owner, members)
    room = view.room.id
    tokens = [one.token for one in crowd]
    async with Crowd(house.address, room, tokens, quiet_s=0.5 + size / 200) as members:
        return await measure(members)


async def test_nothing_grows_with_the_square_of_a_room(
    house: House, mongo_url: str, database: Database
) -> None:
    with pymongo.MongoClient(mongo_url) as client:
        few = await bill_of(house, client, database.name, FEW)
        many = await bill_of(house, client, database.name, MANY)
    grown = {
        row.name: (per_person(first, FEW), per_person(row, MANY))
        for first, row in zip(few, many, strict=True)
    }
    too_much = {
        name: (before, after)
        for name, (before, after) in grown.items()
        if after > AT_MOST * before + SLACK
    }
    assert too_much == {}
    assert many[-1].bytes <= 2_048
