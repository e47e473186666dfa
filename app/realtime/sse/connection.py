"""One reader of an event stream, as the features see it: a connection that only listens."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.accounts.models import Caller
from app.realtime.connections import Connection
from app.realtime.line.client_line import Line
from app.realtime.line.frame import Chunk
from app.realtime.server_event import Event
from app.realtime.sse import encoding
from app.realtime.sse.channel import Channel
from app.realtime.sse.client_response import ClientResponse
from app.realtime.sse.cursor import mark, written

Take = Callable[[Event], None]


class EventWriter:
    """Writes events to one reader, each batch with the cursor that it leads to."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._revs: dict[bytes, int] = {}

    @property
    def cursor(self) -> str:
        return written(self._revs)

    def follow(self, channel: Channel) -> None:
        """Count this channel's stream in the cursor."""
        self._revs[mark(channel.source.key)] = channel.cursor

    def pass_on(self, channel: Channel, event: Event) -> None:
        self.follow(channel)
        source = channel.source
        self._line.write(encoding.numbered(event, source.name, self.cursor, source.key))

    def end(self, channel: Channel, farewell: Event) -> None:
        self._revs.pop(mark(channel.source.key), None)
        self._line.outbox.drop(channel.source.key)
        self.say(farewell.name, farewell.payload)

    async def wait_for_space(self) -> None:
        await self._line.outbox.wait_for_space()

    def say(self, name: str, payload: Any) -> None:
        """Write an event that has no place in a cursor."""
        self._line.write(Chunk(encoding.unnumbered(name, payload)))

    def show(self, name: str, payload: Any) -> None:
        """Write the present state of something, instead of an older one that still waits."""
        self._line.replace(Chunk(encoding.unnumbered(name, payload), name))


class SSEConnection(Connection):
    """`listen` names the events that are wanted of a feature that sends to connections."""

    def __init__(
        self,
        caller: Caller,
        response: ClientResponse,
        writer: EventWriter,
        *,
        address: str,
        since: datetime,
    ) -> None:
        super().__init__(caller, response.line, address=address, since=since)
        self.writer = writer
        self._response = response
        self._listening: dict[str, Take] = {}

    def listen(self, name: str, take: Take) -> None:
        """Give events called `name` to `take`."""
        self._listening[name] = take

    @property
    def transport(self) -> str:
        return "sse"

    def send(self, event: Event) -> None:
        if take := self._listening.get(event.name):
            take(event)

    def close(self) -> None:
        """End it as if the network had; what waits may not be seen any more."""
        self._line.end()
        self._response.abort()
