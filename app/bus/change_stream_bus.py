"""The bus over MongoDB, for sites without Redis: one change stream a node shows it what others
commit and say."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from app.bus.beating_bus import BeatingBus
from app.bus.bus import Hint
from app.bus.outage import OutageLog
from app.bus.outgoing import Outgoing
from app.bus.store import BusStore, ChangeStream, Seen
from app.storage.errors import DatabaseError
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks

# Only for the lag, and to know of others: the stream itself answers each second.
BEAT_EVERY_S = 5.0
ANSWERS_WITHIN_S = 3.0
RETRY_S = 0.2
GATHERS_S = 0.008


class ChangeStreamBus(BeatingBus):
    """`entries` is the collection of the log."""

    way = "change stream"

    def __init__(
        self,
        database: Database,
        entries: str,
        monotonic: Callable[[], float],
        node_id: str | None = None,
        tasks: Tasks | None = None,
    ) -> None:
        # A node that is cut off from MongoDB commits nothing, so it need not be missed.
        super().__init__(monotonic, node_id, tasks, beat_every_s=BEAT_EVERY_S, misses_others=False)
        self._store = BusStore(database, entries, self.node_id)
        self._outgoing = Outgoing()
        # The driver itself waits for a database that is away: longer pauses would only add to that.
        self._unsent = OutageLog("bus can't send", RETRY_S, longest_s=RETRY_S)
        self._unheard = OutageLog("bus can't hear", RETRY_S, longest_s=RETRY_S)
        self._is_reading = False

    def _work(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"sender": self._send_all(), "reader": self._read_all()}

    async def _flush(self) -> None:
        await self._outgoing.flushed()

    def _follow(self, topic: str) -> None:
        # Commits of the time before were passed over.
        if self._is_reading:
            self.subscribed.tell([topic])

    def _send(self, hint: Hint) -> None:
        self._outgoing.add(hint)

    async def _send_all(self) -> None:
        while True:
            hints = await self._outgoing.portion()
            try:
                await self._store.append(hints)
            except DatabaseError as error:
                self._outgoing.drop()
                await asyncio.sleep(self._unsent.failed(type(error).__name__))
            else:
                self._unsent.ended()

    async def _read_all(self) -> None:
        while True:
            pause_s = RETRY_S
            try:
                async with self._store.changes() as stream:
                    self._is_reading = True
                    self._confirmed(list(self._topics))
                    await self._read(stream)
            except (DatabaseError, TimeoutError) as error:
                pause_s = self._unheard.failed(type(error).__name__)
            finally:
                self._is_reading = False
                self._pulse.end()
            await asyncio.sleep(pause_s)

    async def _read(self, stream: ChangeStream) -> None:
        while True:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                seen = await stream.next()
            self._unheard.ended()
            self._take(seen)
            if seen.advanced or seen.hints:
                # Each answer costs the driver as much as delivering it: what comes now is taken
                # with the next one.
                await asyncio.sleep(GATHERS_S)

    def _take(self, seen: Seen) -> None:
        for each in seen.advanced:
            if each.stream in self._topics:
                self.advanced.tell(each)
        for hint in seen.hints:
            self._heard(hint)
