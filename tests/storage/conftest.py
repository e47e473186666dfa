"""A database whose collections may be dropped, and another process that is connected to it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.storage.migrations import migrate
from app.storage.mongo import Database
from tests.storage.letters import INDEXES, OTHER


@pytest.fixture
async def post(mongo_url: str) -> AsyncIterator[Database]:
    """A database of its own, for collections are dropped and renamed here."""
    database = await Database.open(mongo_url, name="parley_post")
    await database.client.drop_database("parley_post")
    await migrate(database, [INDEXES])
    yield database
    await database.client.drop_database("parley_post")
    await database.close()


@pytest.fixture
async def other(mongo_url: str) -> AsyncIterator[Any]:
    """Another process that is connected, until it is closed."""
    client: Any = AsyncIOMotorClient(mongo_url, appname=OTHER)
    await client.admin.command("ping")
    yield client
    client.close()
