"""The streams that features offer to event readers, and the opening of those asked for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from app.errors import Invalid
from app.realtime.sse.channel import Channel, Source
from app.realtime.sse.connection import SSEConnection
from app.realtime.sse.cursor import Position
from app.realtime.sse.request import StreamRequest

# The source of one stream for a reader; the text is what follows the colon. Raises ParleyErrors.
OpenSource = Callable[[SSEConnection, str], Awaitable[Source]]


class LiveView(Protocol):
    """Shows a present state instead of a stream; there is nothing to resume."""

    async def begin(self, stream: SSEConnection) -> None:
        """Show it from now on. Raises Forbidden."""

    def end(self, stream: SSEConnection) -> None: ...


class EventSources:
    """`opens` and `shows` are the features' by the kind of stream: `a` of `a:b`."""

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
        """The channels of what was asked for; nothing of it stays behind. Raises ParleyErrors."""
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
        if source.key not in channels:  # Two names may stand for the same.
            channels[source.key] = Channel(source, stream.writer)
            await channels[source.key].open(position.of)
