"""Hears what is published on one Redis server: a subscription for each topic that is followed."""

import asyncio
import math
from collections.abc import Callable, Collection
from itertools import islice

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as NoConnection

from app.bus.bus import Hint
from app.bus.redis_connection import Channels, connection

SUBSCRIBED_AT_ONCE = 500
HEARD_A_TURN = 100
PING_EVERY_S = 1.0


class RedisReader:
    """Raises the failure of its connection, and TimeoutError where it hears no sign of life for
    `patience_s`: an answer to its pings, or with `by_beats` a call of `beat_came`.

    `wanted` are the topics to hear on this server at each moment. `hear` gets each hint of others,
    and each beat; `confirmed` the topics that are heard from now on.
    """

    def __init__(
        self,
        url: str,
        channels: Channels,
        node_id: str,
        *,
        is_sharded: bool,
        by_beats: bool,
        patience_s: float,
        wanted: Callable[[str], bool],
        hear: Callable[[Hint], None],
        confirmed: Callable[[Collection[str]], None],
    ) -> None:
        self._url = url
        self._channels = channels
        self._own = node_id.encode()
        self._s = "S" if is_sharded else ""
        self._by_beats = by_beats
        self._patience_s = patience_s
        self._wanted = wanted
        self._hear = hear
        self._confirmed = confirmed
        self._changed: dict[str, None] = {}
        self._news = asyncio.Event()
        self._limit: asyncio.Timeout | None = None

    def change(self, topic: str) -> None:
        """Subscribe to `topic`, or end that, as it is wanted now or not."""
        self._changed[topic] = None
        self._news.set()

    def beat_came(self) -> None:
        """Note that this node's own beat came back."""
        if self._by_beats:
            self._is_alive()

    def _is_alive(self) -> None:
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time() + self._patience_s)

    async def run(self, topics: Collection[str]) -> None:
        """Hear `topics`, and later those that change, until the connection fails."""
        self._changed |= dict.fromkeys(topics)
        async with connection(self._url) as line, asyncio.TaskGroup() as group:
            group.create_task(self._subscribe(line))
            group.create_task(self._ping(line))
            group.create_task(self._read_while_alive(line))

    async def _subscribe(self, line: AbstractConnection) -> None:
        """Keep the subscriptions of this connection as the wanted topics are."""
        asked: set[str] = set()
        while True:
            changed, self._changed = self._changed, {}
            wanted = [t for t in changed if t not in asked and self._wanted(t)]
            unwanted = [t for t in changed if t in asked and not self._wanted(t)]
            asked.update(wanted)
            asked.difference_update(unwanted)
            await self._send(line, f"{self._s}SUBSCRIBE", wanted)
            await self._send(line, f"{self._s}UNSUBSCRIBE", unwanted)
            if not self._changed:
                self._news.clear()
                await self._news.wait()

    async def _send(self, line: AbstractConnection, command: str, topics: list[str]) -> None:
        rest = iter(topics)
        while some := list(islice(rest, SUBSCRIBED_AT_ONCE)):
            channels = [self._channels.of(topic) for topic in some]
            # In one command, all channels of a cluster would have to be of one slot.
            commands = [(command, c) for c in channels] if self._s else [(command, *channels)]
            await line.send_packed_command(line.pack_commands(commands), check_health=False)

    async def _ping(self, line: AbstractConnection) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await line.send_packed_command(line.pack_command("PING"), check_health=False)

    async def _read_while_alive(self, line: AbstractConnection) -> None:
        try:
            async with asyncio.timeout(self._patience_s) as self._limit:
                await self._read(line)
        finally:
            self._limit = None

    async def _read(self, line: AbstractConnection) -> None:
        confirmed: list[str] = []
        left = HEARD_A_TURN
        while True:
            # The library's own time-out would end a connection that has nothing to say.
            answer = await line.read_response(timeout=math.inf)
            self._take(answer, confirmed)
            left -= 1
            if not left:
                left = HEARD_A_TURN
                await asyncio.sleep(0)

    def _take(self, answer: list[bytes] | bytes, confirmed: list[str]) -> None:
        if not isinstance(answer, list):
            answer = [b"pong", answer]  # Its form before anything is subscribed.
        kind, channel, *rest = answer
        if kind in (b"message", b"smessage"):
            hint = self._channels.hint(channel, rest[0], self._own)
            if hint is not None:
                self._hear(hint)
        elif kind in (b"subscribe", b"ssubscribe"):
            if not confirmed:
                asyncio.get_running_loop().call_soon(self._tell, confirmed)
            confirmed.append(self._channels.topic(channel))
        elif kind == b"pong" and not self._by_beats:
            self._is_alive()
        elif kind == b"sunsubscribe" and self._wanted(self._channels.topic(channel)):
            raise NoConnection("A shard has moved.")

    def _tell(self, confirmed: list[str]) -> None:
        topics = confirmed.copy()
        confirmed.clear()
        self._confirmed(topics)
