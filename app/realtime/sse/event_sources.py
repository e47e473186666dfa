"""The streams that features offer to event readers, and the opening of those asked for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from app.errors import Invalid
from app.realtime.sse import encoding
from app.realtime.sse.channel import Channel, Source
from app.realtime.sse.connection import Outgoing, SSEConnection
from app.realtime.sse.cursor import Position
from app.realtime.sse.outbox import Frame
from app.realtime.sse.request import StreamRequest

RETRY_MS = 3_000

# The source of one stream for a reader; the text is what follows the colon. Raises ParleyErrors.
OpenSource = Callable[[SSEConnection, str], Awaitable[Source]]


class LiveView(Protocol):
    """What shows a present state instead of a stream, and has nothing to resume."""

    async def begin(self, stream: SSEConnection) -> None:
        """Show it from now on. Raises Forbidden."""

    def end(self, stream: SSEConnection) -> None: ...


class EventSources:
    """`opens` and `shows` are the features' by the kind of stream: `chat` of `chat:hallway`."""

    def __init__(self, opens: Mapping[str, OpenSource], shows: Mapping[str, LiveView]) -> None:
        self._opens = opens
        self._shows = shows

    @property
    def kinds(self) -> list[str]:
        return [*self._opens, *self._shows]

    @asynccontextmanager
    async def opened(
        self, stream: SSEConnection, asked: StreamRequest
    ) -> AsyncIterator[list[Channel]]:
        """What was asked for, greeted; nothing of it stays behind. Raises ParleyErrors."""
        channels: dict[str, Channel] = {}
        shown: list[LiveView] = []
        position = Position(asked.last_event_id)
        try:
            for kind, name in asked.streams:
                if self._is_shown(kind, name):
                    shown.append(self._shows[kind])
                    await self._shows[kind].begin(stream)
                else:
                    await self._open(stream, kind, name, channels, position)
            greet(stream.outgoing, channels.values(), stream.user_id)
            yield list(channels.values())
        finally:
            for channel in channels.values():
                channel.source.leave()
            for each in shown:
                each.end(stream)

    def _is_shown(self, kind: str, name: str) -> bool:
        if kind in self._shows and name:
            raise Invalid(f"There is only one {kind}.", field="streams")
        return kind in self._shows

    async def _open(
        self,
        stream: SSEConnection,
        kind: str,
        name: str,
        channels: dict[str, Channel],
        position: Position,
    ) -> None:
        if kind not in self._opens:
            message = f"There is no stream {kind[:64]!r}; there are: {', '.join(self.kinds)}."
            raise Invalid(message, field="streams")
        source = await self._opens[kind](stream, name)
        if source.key not in channels:  # A room can be named in two ways.
            channels[source.key] = Channel(source, stream.outgoing)
            await channels[source.key].open(position.of)


def greet(outgoing: Outgoing, channels: Iterable[Channel], user_id: str | None) -> None:
    """Say `connection` before all else, with the cursor to come back with, and `welcome`."""
    for channel in channels:
        outgoing.follow(channel)
    greeting = encoding.connection(RETRY_MS, outgoing.cursor)
    if user_id is not None:
        welcome = {"user_id": user_id, "message": "Welcome to personalized feed"}
        greeting += encoding.said("welcome", welcome)
    outgoing.waiting.begin(Frame(greeting))
