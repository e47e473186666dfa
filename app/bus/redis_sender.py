"""Publishes hints on Redis: what gathers while one answer is awaited goes out together."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from redis.asyncio.connection import AbstractConnection

from app.bus.bus import EVERY_NODE, Hint
from app.bus.outgoing import Outgoing
from app.bus.redis_connection import ANSWERS_WITHIN_S, Channels, connection
from app.bus.redis_layout import Layout

# Tells the others that something was not published: they look at the log.
HINTS_DROPPED = "look"


class RedisSender:
    """Sends what is in `outgoing`, over one connection to each server."""

    def __init__(self, channels: Channels, node_id: str, outgoing: Outgoing) -> None:
        self._channels = channels
        self._node_id = node_id
        self._outgoing = outgoing

    async def run(self, layout: Layout) -> None:
        """Send until a connection fails, and raise that. All that waits is dropped then."""
        command = "SPUBLISH" if layout.is_cluster else "PUBLISH"
        try:
            async with AsyncExitStack() as stack:
                lines = [await stack.enter_async_context(connection(url)) for url in layout.urls]
                while True:
                    hints = await self._next()
                    async with asyncio.timeout(ANSWERS_WITHIN_S):
                        await self._publish(layout, lines, command, hints)
        finally:
            self._outgoing.drop()

    async def _next(self) -> list[Hint]:
        if self._outgoing.has_dropped:
            self._outgoing.has_dropped = False
            self._outgoing.add(Hint(EVERY_NODE, HINTS_DROPPED, b"{}", self._node_id))
        return await self._outgoing.portion()

    async def _publish(
        self,
        layout: Layout,
        lines: Sequence[AbstractConnection],
        command: str,
        hints: Sequence[Hint],
    ) -> None:
        by_line: dict[int, list[tuple[str, str, bytes]]] = {}
        for hint in hints:
            channel = self._channels.of(hint.topic)
            message = self._channels.message(hint)
            by_line.setdefault(layout.server_of(channel), []).append((command, channel, message))
        for place, commands in by_line.items():
            packed = lines[place].pack_commands(commands)
            await lines[place].send_packed_command(packed, check_health=False)
        for place, commands in by_line.items():
            for _ in commands:
                await lines[place].read_response()
