"""Brings the hub commits of other nodes: from the bus, and from the log where the bus may not."""

import asyncio
import time
from collections.abc import Collection

import structlog
from pymongo.errors import PyMongoError

from app.bus.bus import Bus, StreamAdvanced
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import ITEM, Batch, item_from
from app.streams.shared_batches import BATCH, HeardBatch
from app.telemetry.tasks import Tasks

CHECK_EVERY_S = 1.0
# The same while the bus brings what other nodes commit.
CHECK_ANYWAY_S = 15.0
# So soon it is noticed that the bus does not bring them any more.
NOTICED_WITHIN_S = 0.25
# A change that this process or the bus is about to deliver is not read: it comes within this time.
UNDER_WAY_S = 0.05
# Streams that begin to be heard are looked at together.
LOOK_AFTER_S = 0.02

logger = structlog.get_logger("remote_commits")


class RemoteCommits:
    """Tells the hub what `bus` brings. `tasks` owns the looks at the log."""

    def __init__(self, hub: Hub, log: Log, bus: Bus, tasks: Tasks) -> None:
        self._hub = hub
        self._log = log
        self._bus = bus
        self._tasks = tasks
        self._checked_at = 0.0
        self._to_look_at: set[str] = set()
        # Streams that the bus began to bring before their position was known.
        self._without_position: set[str] = set()
        bus.listen(BATCH, HeardBatch, self._heard)
        bus.advanced.listen(self._advanced)
        bus.subscribed.listen(self._heard_from_now)
        hub.begun.listen(self._begun)

    def _heard(self, stream: str, heard: HeardBatch) -> None:
        batch = heard.batch(stream)
        if batch is None:
            self._hub.seen(stream, heard.rev)
        else:
            self._hub.receive(batch)

    def _advanced(self, advanced: StreamAdvanced) -> None:
        batch = batch_of(advanced) if self._hub.follows(advanced.stream) else None
        if batch is None:
            self._hub.seen(advanced.stream, advanced.rev)
        else:
            self._hub.receive(batch)

    async def check_positions(self) -> None:
        """For ever: look for heads that other nodes moved. Bounds how late their batches come where
        the bus does not bring them."""
        while True:
            await asyncio.sleep(min(CHECK_EVERY_S, NOTICED_WITHIN_S))
            self._without_position = set(filter(self._hub.follows, self._without_position))
            self._hub.catch_up_again()
            every_s = CHECK_ANYWAY_S if self._bus.is_hearing else CHECK_EVERY_S
            if time.monotonic() - self._checked_at >= every_s:
                self._checked_at = time.monotonic()
                await self._look_in_log(self._hub.positions(), UNDER_WAY_S)

    def _heard_from_now(self, streams: Collection[str]) -> None:
        """Look for what was committed before this moment, when the bus brought nothing."""
        if self._bus.is_alone:
            return
        known = self._hub.positions(streams)
        for stream in filter(self._hub.follows, streams):
            if stream in known:
                self._look_at(stream)
            else:
                self._without_position.add(stream)

    def _begun(self, stream: str) -> None:
        if stream in self._without_position:
            self._without_position.discard(stream)
            self._look_at(stream)

    def _look_at(self, stream: str) -> None:
        if not self._to_look_at:
            self._tasks.spawn(self._look(), "look at streams")
        self._to_look_at.add(stream)

    async def _look(self) -> None:
        await asyncio.sleep(LOOK_AFTER_S)
        streams, self._to_look_at = self._to_look_at, set()
        await self._look_in_log(self._hub.positions(streams))

    async def _look_in_log(self, positions: dict[str, int], wait_s: float = 0.0) -> None:
        try:
            moved = await self._log.moved(positions)
        except PyMongoError as error:
            logger.warning("position check waits", reason=type(error).__name__)
            self._checked_at = 0.0
            return
        for stream, head in moved.items():
            self._hub.seen(stream, head, wait_s)


def batch_of(advanced: StreamAdvanced) -> Batch | None:
    """The batch that another node has committed; None where it has to be read from the log, as for
    entries that change items."""
    entries = advanced.entries
    if not entries or any(entry["kind"] != ITEM for entry in entries):
        return None
    items = [item_from(entry) for entry in entries]
    return Batch(advanced.stream, items[0].rev - 1, advanced.rev, items)
