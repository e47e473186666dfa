"""Nodes that have nothing but a bus, on each of its two ways."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from msgspec import Struct

from app.bus.beating_bus import BeatingBus
from app.bus.bus import EVERY_NODE
from app.bus.change_stream_bus import ChangeStreamBus
from app.bus.redis_bus import RedisBus
from app.bus.store import INDEXES
from app.ids import new_id
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.streams.store import ENTRIES
from app.streams.store import INDEXES as STREAM_INDEXES
from tests.harness.redis_server import RedisServer
from tests.harness.waiting import eventually


class Word(Struct, frozen=True):
    """A hint of these tests."""

    text: str


class Ear:
    """Notes the hints that a node has heard, and the topics that it was told to look at."""

    def __init__(self, bus: BeatingBus) -> None:
        self.bus = bus
        self.heard: list[tuple[str, str]] = []
        self.looks: list[str] = []
        bus.listen("word", Word, lambda topic, word: self.heard.append((topic, word.text)))
        bus.subscribed.listen(self.looks.extend)

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.heard]

    def says(self, topic: str, text: str) -> None:
        self.bus.publish(topic, "word", Word(text))


MakeBus = Callable[[], BeatingBus]


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.ends()


@pytest.fixture
async def redis(shared_redis: RedisServer) -> RedisServer:
    """A Redis that runs; what a test left dead is started again."""
    if not shared_redis.is_running:
        await shared_redis.starts()
    return shared_redis


@pytest.fixture
def over_redis(redis: RedisServer) -> MakeBus:
    site = new_id()
    return lambda: RedisBus(redis.url, site, time.monotonic)


@pytest.fixture
async def over_mongodb(database: Database) -> MakeBus:
    await migrate(database, [STREAM_INDEXES, INDEXES])
    return lambda: ChangeStreamBus(database, ENTRIES, time.monotonic)


@pytest.fixture(params=["over_redis", "over_mongodb"])
def make_bus(request: pytest.FixtureRequest) -> MakeBus:
    """Both ways, one after the other."""
    made: MakeBus = request.getfixturevalue(request.param)
    return made


class Nodes:
    """Starts nodes, and stops them at the end."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def joins(self, make: MakeBus, *topics: str) -> Ear:
        """A node that hears `topics`."""
        ear = Ear(make())
        for topic in topics:
            ear.bus.follow(topic)
        await ear.bus.start()
        self._stack.push_async_callback(ear.bus.stop)
        wanted = {EVERY_NODE, *topics}
        await eventually(lambda: wanted <= set(ear.looks), "it hears its topics")
        return ear


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    async with AsyncExitStack() as stack:
        yield Nodes(stack)
