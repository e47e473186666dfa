"""A real MongoDB for every test that asks: one mongod a session, an empty database a test."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from app.storage.embedded import EmbeddedMongod
from app.storage.mongo import Database

# No clock decides: a busy machine takes longer. The same examples in each run of `make test`; those
# that are marked slow look for others.
settings.register_profile(
    "parley",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("parley")

# Where `rich` is installed, structlog draws each traceback with it, which takes more than a second.
*_processors, _ = structlog.get_config()["processors"]
structlog.configure(
    [*_processors, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a replica set of one node, journaled like the real one."""
    folder: Path = tmp_path_factory.mktemp("mongo")
    mongod = EmbeddedMongod(folder)
    url = asyncio.run(mongod.start())
    yield url
    assert mongod.pid is not None
    # Nothing in there is kept: killing saves the second that an orderly stop takes.
    os.kill(mongod.pid, signal.SIGKILL)
    asyncio.run(mongod.stop())


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    """An empty database. Collections and indexes stay from test to test, documents don't."""
    database = await Database.open(mongo_url, name="parley_test")
    await _empty(database)
    yield database
    await database.close()


async def _empty(database: Database) -> None:
    for name in await database.db.list_collection_names():
        # MongoDB's own collections are emptied with the time series that they belong to.
        if not name.startswith("system."):
            await database.db[name].delete_many({})
