"""The streams' indexes, a fresh stream, a node, and the people of the hallway."""

from collections.abc import AsyncIterator

import pytest

from app.ids import new_id
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.streams.store import ENTRIES, INDEXES
from tests.streams.link import Link, linked
from tests.streams.world import Node, Person, running


@pytest.fixture
async def database(database: Database) -> Database:
    """Indexes stay from test to test, so that only the first one pays for them."""
    if "items" not in await database.collection(ENTRIES).index_information():
        await migrate(database, [INDEXES])
    return database


@pytest.fixture
def hallway() -> str:
    return f"room:{new_id()}"


@pytest.fixture
async def node(database: Database) -> AsyncIterator[Node]:
    async with running(database) as node:
        yield node


@pytest.fixture
def ana(node: Node, hallway: str) -> Person:
    return Person(node, hallway, "ana")


@pytest.fixture
def ben(node: Node, hallway: str) -> Person:
    return Person(node, hallway, "ben")


@pytest.fixture
async def line(mongo_url: str, database: Database) -> AsyncIterator[tuple[Link, Database]]:
    """A link to mongod, and a database reached over it."""
    async with linked(mongo_url, database.name) as line:
        yield line
