"""Hears what is published on one Redis server: a subscription for each topic that is followed."""

import asyncio
from collections.abc import Callable, Collection
from itertools import islice

from redis.exceptions import ConnectionError as NoConnection

from app.bus.bus import Hint
from app.bus.redis_connection import Channels
from app.bus.redis_wire import RedisWire, wire

SUBSCRIBED_AT_ONCE = 500
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
        self._confirmed_now: list[str] = []

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
        self._confirmed_now = []
        async with wire(self._url, self._answered) as line, asyncio.TaskGroup() as group:
            group.create_task(self._subscribe(line))
            group.create_task(self._ping(line))
            group.create_task(self._stay_while_alive(line))

    async def _subscribe(self, line: RedisWire) -> None:
        """Keep the subscriptions of this connection as the wanted topics are."""
        asked: set[str] = set()
        while True:
            changed, self._changed = self._changed, {}
            wanted = [t for t in changed if t not in asked and self._wanted(t)]
            unwanted = [t for t in changed if t in asked and not self._wanted(t)]
            asked.update(wanted)
            asked.difference_update(unwanted)
            self._send(line, f"{self._s}SUBSCRIBE", wanted)
            self._send(line, f"{self._s}UNSUBSCRIBE", unwanted)
            if not self._changed:
                self._news.clear()
                await self._news.wait()

    def _send(self, line: RedisWire, command: str, topics: list[str]) -> None:
        rest = iter(topics)
        while some := list(islice(rest, SUBSCRIBED_AT_ONCE)):
            channels = [self._channels.of(topic) for topic in some]
            # In one command, all channels of a cluster would have to be of one slot.
            line.send(command, [[c] for c in channels] if self._s else [channels])

    async def _ping(self, line: RedisWire) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            line.send("PING", [()])

    async def _stay_while_alive(self, line: RedisWire) -> None:
        try:
            async with asyncio.timeout(self._patience_s) as self._limit:
                await line.ends()
        finally:
            self._limit = None

    def _answered(self, answer: list[bytes] | bytes) -> None:
        if not isinstance(answer, list):
            answer = [b"pong", answer]  # Its form before anything is subscribed.
        kind, channel, *rest = answer
        if kind in (b"message", b"smessage"):
            hint = self._channels.hint(channel, rest[0], self._own)
            if hint is not None:
                self._hear(hint)
        elif kind in (b"subscribe", b"ssubscribe"):
            if not self._confirmed_now:
                asyncio.get_running_loop().call_soon(self._tell, self._confirmed_now)
            self._confirmed_now.append(self._channels.topic(channel))
        elif kind == b"pong" and not self._by_beats:
            self._is_alive()
        elif kind == b"sunsubscribe" and self._wanted(self._channels.topic(channel)):
            raise NoConnection("A shard has moved.")

    def _tell(self, confirmed: list[str]) -> None:
        topics = confirmed.copy()
        confirmed.clear()
        self._confirmed(topics)
