"""A real MongoDB for every test that asks: one mongod a session, an empty database a test."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from pymongo import MongoClient, WriteConcern

from app.storage.embedded import EmbeddedMongod
from app.storage.mongo import DURABLE, Database
from tests.harness.cheap_hashing import sitecustomize  # noqa: F401

NAME = "parley_test"  # of the database that each test finds empty

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


# Their tests wait most, for servers, browsers and processes: they begin while there are others to
# do meanwhile, and no worker is left alone with them at the end.
FIRST = ("tests/browser/", "tests/faults/", "tests/cli/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of FIRST before all others."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


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


@pytest.fixture(scope="session")
def caretaker(mongo_url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A connection that stays from test to test, to empty the database with."""
    with MongoClient[dict[str, Any]](mongo_url) as client:
        yield client


@pytest.fixture
async def database(
    mongo_url: str, caretaker: MongoClient[dict[str, Any]]
) -> AsyncIterator[Database]:
    """An empty database. Collections and indexes stay from test to test, documents don't."""
    _empty(caretaker, NAME)
    database = await Database.open(mongo_url, name=NAME)
    yield database
    await database.close()


def _empty(client: MongoClient[dict[str, Any]], name: str) -> None:
    db = client.get_database(name, write_concern=WriteConcern(1))
    # MongoDB's own collections are emptied with the time series that they belong to.
    names = [each for each in db.list_collection_names() if not each.startswith("system.")]
    for each in names:
        db[each].delete_many({})
    for each in names[:1]:
        # Waits till all of it is what Parley reads: the majority's.
        db.get_collection(each, write_concern=DURABLE).delete_many({})
