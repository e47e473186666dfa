"""One reader of an event stream, as the features see it: a connection that only listens."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.accounts.models import Caller
from app.ids import new_id
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.sse import encoding
from app.realtime.sse.channel import Channel
from app.realtime.sse.cursor import mark, written
from app.realtime.sse.outbox import Frame, Waiting

Take = Callable[[Event], None]


class Outgoing:
    """What one reader is told, in order, each batch with the cursor that it leads to.

    `cut_off` is called when the reader can't keep up.
    """

    def __init__(self, buffer_size: int, cut_off: Callable[[], None]) -> None:
        self.waiting = Waiting(buffer_size, cut_off)
        self._revs: dict[bytes, int] = {}

    @property
    def cursor(self) -> str:
        return written(self._revs)

    def follow(self, channel: Channel) -> None:
        """Count this channel's stream in the cursor."""
        self._revs[mark(channel.source.key)] = channel.cursor

    def pass_on(self, channel: Channel, event: Event) -> None:
        self.follow(channel)
        data = encoding.numbered(event, channel.source.name, self.cursor)
        self.waiting.put(Frame(data, channel.source.key))

    def end(self, channel: Channel, farewell: Event) -> None:
        self._revs.pop(mark(channel.source.key), None)
        self.waiting.drop(channel.source.key)
        self.say(farewell.name, farewell.payload)

    async def room(self) -> None:
        await self.waiting.room()

    def say(self, name: str, payload: Any) -> None:
        """Something that has no place in a cursor."""
        self.waiting.put(Frame(encoding.said(name, payload)))

    def show(self, name: str, payload: Any) -> None:
        """The present state of something; an older one that still waits is let go."""
        self.waiting.replace(Frame(encoding.said(name, payload), name))


class SSEConnection(Connection):
    """`listen` names the events that are wanted of a feature that sends to connections."""

    def __init__(
        self,
        caller: Caller,
        outgoing: Outgoing,
        *,
        address: str,
        since: datetime,
        transport: asyncio.Transport | None,
    ) -> None:
        super().__init__(caller, address=address, since=since, line=new_id())
        self.outgoing = outgoing
        self._transport = transport
        self._listening: dict[str, Take] = {}

    def listen(self, name: str, take: Take) -> None:
        """Give events called `name` to `take`."""
        self._listening[name] = take

    @property
    def transport(self) -> str:
        return "sse"

    @property
    def buffered_bytes(self) -> int:
        written = self._transport.get_write_buffer_size() if self._transport else 0
        return self.outgoing.waiting.size_bytes + written

    def send(self, event: Event) -> None:
        if take := self._listening.get(event.name):
            take(event)

    def drop(self, topic: str) -> None:
        self.outgoing.waiting.drop(topic)

    def revoke(self, topic: str) -> None:
        self.drop(topic)

    def close(self) -> None:
        """End it as if the network had; what waits may not be seen any more."""
        self.outgoing.waiting.close()
        if self._transport is not None:
            self._transport.abort()
