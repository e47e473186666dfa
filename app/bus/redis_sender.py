"""Publishes hints on Redis: what gathers while one answer is awaited goes out together."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from app.bus.bus import EVERY_NODE, Hint
from app.bus.outgoing import Outgoing
from app.bus.redis_connection import ANSWERS_WITHIN_S, Channels
from app.bus.redis_layout import Layout
from app.bus.redis_wire import Answer, RedisWire, wire

# Tells the others that something was not published: they look at the log.
HINTS_DROPPED = "look"


class RedisSender:
    """Sends what is in `outgoing`, over one connection to each server."""

    def __init__(self, channels: Channels, node_id: str, outgoing: Outgoing) -> None:
        self._channels = channels
        self._node_id = node_id
        self._outgoing = outgoing
        self._unanswered = 0
        self._answer: asyncio.Future[None] | None = None

    async def run(self, layout: Layout) -> None:
        """Send until a connection fails, and raise that. All that waits is dropped then."""
        self._unanswered = 0
        try:
            async with AsyncExitStack() as stack:
                opened = [wire(url, self._answered) for url in layout.urls]
                lines = [await stack.enter_async_context(each) for each in opened]
                async with asyncio.TaskGroup() as group:
                    for line in lines:
                        group.create_task(line.ends())
                    group.create_task(self._send_all(layout, lines))
        finally:
            self._outgoing.drop()

    async def _send_all(self, layout: Layout, lines: Sequence[RedisWire]) -> None:
        command = "SPUBLISH" if layout.is_cluster else "PUBLISH"
        while True:
            hints = await self._next()
            self._unanswered = len(hints)
            self._answer = asyncio.get_running_loop().create_future()
            self._publish(layout, lines, command, hints)
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                await self._answer

    async def _next(self) -> list[Hint]:
        if self._outgoing.has_dropped:
            self._outgoing.has_dropped = False
            self._outgoing.add(Hint(EVERY_NODE, HINTS_DROPPED, b"{}", self._node_id))
        return await self._outgoing.portion()

    def _publish(
        self, layout: Layout, lines: Sequence[RedisWire], command: str, hints: Sequence[Hint]
    ) -> None:
        by_line: dict[int, list[tuple[str, bytes]]] = {}
        for hint in hints:
            channel = self._channels.of(hint.topic)
            published = (channel, self._channels.message(hint))
            by_line.setdefault(layout.server_of(channel), []).append(published)
        for place, each in by_line.items():
            lines[place].send(command, each)

    def _answered(self, _: Answer) -> None:
        self._unanswered -= 1
        if not self._unanswered and self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
