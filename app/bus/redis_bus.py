"""The bus over Redis or Valkey: a connection to publish, and one with a channel for each topic.

When one of them fails all are made anew, and everything is subscribed again: nothing is resumed, so
that nothing is believed to be heard which is not.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import Struct

from app.bus.beating_bus import BeatingBus
from app.bus.bus import EVERY_NODE, Hint
from app.bus.outage import OutageLog
from app.bus.outgoing import Outgoing
from app.bus.redis_connection import Channels, Failures
from app.bus.redis_layout import Layout, layout
from app.bus.redis_reader import RedisReader
from app.bus.redis_sender import HINTS_DROPPED, RedisSender
from app.telemetry.tasks import Tasks

BEAT_EVERY_S = 1.0
RETRY_S = 0.2


class HintsDropped(Struct, frozen=True):
    """Hints of the sender may be lost: everything has to be looked at."""


class RedisBus(BeatingBus):
    """`url` is REDIS_URL, `site` the name of this site on that Redis (`site_on_redis`)."""

    way = "redis"
    carries_batches = True

    def __init__(
        self,
        url: str,
        site: str,
        monotonic: Callable[[], float],
        node_id: str | None = None,
        tasks: Tasks | None = None,
    ) -> None:
        super().__init__(monotonic, node_id, tasks, beat_every_s=BEAT_EVERY_S, misses_others=True)
        self._url = url
        self._channels = Channels(site)
        self._outgoing = Outgoing()
        self._outage = OutageLog("bus is interrupted", RETRY_S)
        self._sender = RedisSender(self._channels, self.node_id, self._outgoing)
        self._layout = Layout([url])
        self._readers: list[RedisReader] = []
        self.listen(HINTS_DROPPED, HintsDropped, self._look_at_all)

    def hears_beats_of(self, node: str) -> bool:
        return self._pulse.hears(node)

    def _work(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"connections": self._connect()}

    async def _connect(self) -> None:
        while True:
            pause_s = RETRY_S
            try:
                self._layout = await layout(self._url)
                await self._talk()
            except* Failures as errors:
                reasons = ", ".join(sorted({type(error).__name__ for error in flat(errors)}))
                pause_s = self._outage.failed(reasons)
            finally:
                self._pulse.end()
            self._outgoing.drop()
            await asyncio.sleep(pause_s)
            # The others look at the log anyway: hints of the pause would only come late.
            self._outgoing.drop()

    async def _talk(self) -> None:
        """Send and hear until a connection fails."""
        self._readers = [self._reader(place) for place in range(len(self._layout.urls))]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sender.run(self._layout))
            for reader in self._readers:
                group.create_task(reader.run(self._topics))

    def _reader(self, place: int) -> RedisReader:
        def is_wanted(topic: str) -> bool:
            return topic in self._topics and self._server_of(topic) == place

        return RedisReader(
            self._layout.urls[place],
            self._channels,
            self.node_id,
            is_sharded=self._layout.is_cluster,
            by_beats=self._server_of(EVERY_NODE) == place,
            patience_s=self._pulse.patience_s,
            wanted=is_wanted,
            hear=self._heard,
            confirmed=self._confirmed,
        )

    def _server_of(self, topic: str) -> int:
        return self._layout.server_of(self._channels.of(topic))

    async def _flush(self) -> None:
        await self._outgoing.flushed()

    def _look_at_all(self, _topic: str, _hint: HintsDropped) -> None:
        self.subscribed.tell(self._topics.keys())

    def _follow(self, topic: str) -> None:
        for reader in self._readers:
            reader.change(topic)

    def _unfollow(self, topic: str) -> None:
        self._follow(topic)

    def _send(self, hint: Hint) -> None:
        self._outgoing.add(hint)

    def _came_back(self) -> None:
        self._outage.ended()
        for reader in self._readers:
            reader.beat_came()


def flat(errors: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """The errors of a group, with those of the groups within it."""
    found: list[BaseException] = []
    for error in errors.exceptions:
        found += flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
