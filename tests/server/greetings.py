"""A whole feature in one file: people greet, and everybody who is connected hears it.

`docs/DEVELOPMENT.md` shows this file, and the tests beside it run it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web
from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.errors import Forbidden
from app.lengths import Short
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent
from app.realtime.namespace import Namespace
from app.realtime.server_event import Event
from app.realtime.sse.channel import BatchListener
from app.realtime.sse.connection import SSEConnection
from app.realtime.sse.event_sources import OpenSource
from app.server.core import Core
from app.server.feature import Feature, Features
from app.streams.hub import OnBatch
from app.streams.models import Batch, Change, Item
from app.telemetry.metrics import Gauge
from app.web.route_helpers import caller, decode, reply
from app.web.routing import Route

STREAM = "greetings:all"


class Greet(Struct):
    """A greeting as a client sends it. A repeat has the same `client_id`."""

    words: Short
    client_id: Short


class Greetings(Feature):
    """Greetings are entries of a stream: on disk, in one order, each once."""

    name = "greetings"
    audited: ClassVar[Mapping[str, str]] = {"greetings_closed": "Closed the greetings"}

    def __init__(self, core: Core, _: Features) -> None:
        self._core = core
        self._is_open = True
        events = {
            "greet": ClientEvent(Greet, self.greet),
            "greetings:close": ClientEvent(Struct, self.close),
        }
        self._namespace = Namespace(name="greetings", scope=None, events=events)

    def namespaces(self) -> list[Namespace]:
        return [self._namespace]

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/greetings", self.newest, "The newest greetings"),
            Route("POST", "/api/greetings", self.post, "Greet", body=Greet, status=201),
        ]

    def event_sources(self) -> dict[str, OpenSource]:
        return {"greetings": self.open}

    def batch_listeners(self) -> dict[str, OnBatch]:
        return {"greetings": self.tell}

    def gauges(self) -> list[Gauge]:
        connections = self._namespace.connections
        return [Gauge("greeters", "Connections that can greet.", lambda: len(connections))]

    # The service: each rule stands here once, for every transport.

    async def say(self, by: Caller, asked: Greet) -> dict[str, int]:
        """The place of the greeting, once it is on disk. Raises Forbidden."""
        if not self._is_open:
            raise Forbidden("Nobody greets any more.")
        change = Change(
            id=self._core.ids(),
            stream=STREAM,
            sender=by.user.id,
            client_id=asked.client_id,
            fingerprint=asked.words.encode(),
            at=self._core.clock(),
            body={"words": asked.words},
        )
        return {"rev": (await self._core.committer.submit(change)).rev}

    # Over Socket.IO and `/ws`.

    async def greet(self, connection: Connection, asked: Greet) -> dict[str, int]:
        """Greet: `{rev}`."""
        return await self.say(connection.caller, asked)

    async def close(self, connection: Connection, _: Struct) -> None:
        """Take no more greetings. For admins."""
        async with self._core.audit.action("greetings_closed", connection.caller):
            must_be_admin(connection.caller)
            self._is_open = False

    def tell(self, batch: Batch) -> None:
        """Tell everybody who is connected what was just committed."""
        event = Event("greetings", payload(batch.prev, batch.rev, batch.items))
        for connection in self._namespace.connections:
            connection.send(event)

    # Over HTTP.

    async def post(self, request: web.Request) -> web.Response:
        return reply(await self.say(caller(request), await decode(request, Greet)), status=201)

    async def newest(self, request: web.Request) -> web.Response:
        caller(request)
        page = await self._core.log.newest(STREAM, 20)
        return reply({"items": [shown(item) for item in page.items]})

    # Over Server-Sent Events.

    async def open(self, _: SSEConnection, __: str) -> "GreetingSource":
        return GreetingSource(self._core)


class GreetingSource:
    """The greetings for one reader, from the cursor that the reader comes back with."""

    key = name = "greetings"
    farewell = Event("greetings:removed", {})

    def __init__(self, core: Core) -> None:
        self._core = core
        self._reader: BatchListener | None = None

    async def follow(self, reader: BatchListener) -> int:
        self._reader = reader
        return await self._core.hub.join(STREAM, self)

    def deliver(self, batch: Batch) -> None:
        if self._reader is not None:
            event = Event("greetings", payload(batch.prev, batch.rev, batch.items))
            self._reader.take(event)

    async def since(self, cursor: int) -> dict[str, Any]:
        page = await self._core.log.sync(STREAM, cursor, 100, 100)
        return payload(cursor, page.rev, page.items)

    def leave(self) -> None:
        self._core.hub.unfollow(STREAM, self)


def payload(prev: int, rev: int, items: list[Item]) -> dict[str, Any]:
    """A batch: everything between two places of the stream."""
    return {"prev": prev, "rev": rev, "items": [shown(item) for item in items]}


def shown(item: Item) -> dict[str, Any]:
    """A greeting as clients get it."""
    return {"rev": item.rev, "by": item.sender, "words": item.body["words"]}
