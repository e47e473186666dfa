"""One real server for all fault tests, started again where a test left it dead."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.checker.history import History
from tests.harness.node_person import NodePerson
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.server import Server
from tests.harness.subscriber import Subscriber
from tests.harness.town import Addressed, Town, another_node, founded_town

# Clients that the `leaving_server` sends away a second, when it is taken out.
RATE = 100
# A crowd of 10,000 and some people.
ROOM_FOR_ALL = {"PARLEY_WEBSOCKET_MAX_CONNECTIONS": "12000"}


@pytest.fixture(scope="session")
def running_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server for all these tests."""
    beside = {"PARLEY_HOOKS_ALLOW_PRIVATE": "true", **ROOM_FOR_ALL}
    with founded_town(tmp_path_factory.mktemp("town"), **beside) as town:
        yield town


@pytest.fixture
async def town(running_town: Town) -> Town:
    """The town with its server running; what a test left dead is started again."""
    if not running_town.server.is_running:
        await running_town.server.starts()
    return running_town


@pytest.fixture
async def other_server(town: Town, tmp_path: Path) -> AsyncIterator[Server]:
    """A second process on the first one's database."""
    async with another_node(town, tmp_path, "other", PARLEY_HOOKS_ALLOW_PRIVATE="true") as server:
        yield server


@pytest.fixture
async def leaving_server(
    town: Town, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Server]:
    """One more process on the database, which a test takes out or kills. Its parameter is another
    rate than RATE."""
    rate = getattr(request, "param", RATE)
    drains = {"PARLEY_DRAIN_PER_SECOND": str(rate), "PARLEY_DRAIN_AFTER_S": "0.1"}
    beside = {"PARLEY_HOOKS_ALLOW_PRIVATE": "true", **ROOM_FOR_ALL}
    async with another_node(town, tmp_path, "leaving", **drains, **beside) as server:
        yield server


class Visit:
    """The people who take part in one test, and the history that they write."""

    def __init__(self, town: Town, stack: AsyncExitStack, url: str | None = None) -> None:
        self.town = town
        self.url = url or town.server.url
        self.history = History()
        self._stack = stack

    async def arrives(
        self, name: str, room: str, server: Addressed | None = None, **more: Any
    ) -> Person:
        """Somebody connects and opens `room`."""
        url = server.url if server else self.url
        user, token = self.town.users[name], self.town.tokens[name]
        person = Person(user, url, token, self.history, **more)
        self._stack.push_async_callback(person.leaves)
        await person.connects()
        await person.joins(room)
        return person

    async def arrives_plainly(self, name: str, room: str) -> Person:
        """The same on `/ws`."""
        return await self.arrives(name, room, wire=PlainWire)

    async def subscribes(self, name: str, topic: str) -> Subscriber:
        """Somebody follows a topic on `/ws`."""
        wire = PlainWire(self.town.server.url, self.town.tokens[name])
        subscriber = Subscriber(self.town.users[name], wire, topic, self.history)
        self._stack.push_async_callback(subscriber.leaves)
        await subscriber.arrives()
        return subscriber

    async def arrives_in_javascript(self, name: str, room: str, **more: Any) -> NodePerson:
        """The same on the JavaScript client."""
        user, token = self.town.users[name], self.town.tokens[name]
        person = NodePerson(user, self.url, token, self.history, **more)
        self._stack.push_async_callback(person.leaves)
        await person.connects()
        await person.joins(room)
        return person


@pytest.fixture
async def visit(town: Town) -> AsyncIterator[Visit]:
    """An empty history to fill; everybody leaves at the end."""
    async with AsyncExitStack() as stack:
        yield Visit(town, stack)
