"""Keeps a queue for each outgoing hook that is on, also for those that other nodes made."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from app.hooks.delivery_queue import DeliveryQueue
from app.hooks.delivery_worker import DeliveryWorker
from app.hooks.models import OutgoingHook
from app.hooks.store import OutgoingStore
from app.storage.errors import CommandRefused, DatabaseError
from app.storage.mongo import Database, connected_processes
from app.streams.hub import Hub
from app.telemetry.tasks import Tasks

EVERY_S = 1.0

log = structlog.get_logger("hooks")


class DeliveryQueues:
    """`me` is made anew by each process, `process` is the name that the database knows it by."""

    def __init__(
        self,
        me: str,
        process: str,
        database: Database,
        store: OutgoingStore,
        worker: DeliveryWorker,
        hub: Hub,
        tasks: Tasks,
        clock: Callable[[], datetime],
    ) -> None:
        self._me = me
        self._process = process
        self._database = database
        self._store = store
        self._worker = worker
        self._hub = hub
        self._tasks = tasks
        self._clock = clock
        self._queues: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    def look(self) -> None:
        """There may be other hooks than before."""
        self._news.set()

    async def run(self) -> None:
        """Begin and end queues, for ever."""
        async with self._worker:
            while True:
                self._news.clear()
                try:
                    self._keep({hook.id: hook for hook in await self._store.all_on()})
                except DatabaseError as error:
                    log.warning("hooks wait", reason=type(error).__name__)
                await self._listen()

    def _keep(self, hooks: dict[str, OutgoingHook]) -> None:
        self._queues = {i: queue for i, queue in self._queues.items() if not queue.done()}
        for hook_id in self._queues.keys() - hooks.keys():
            self._queues.pop(hook_id).cancel()
        for hook_id in hooks.keys() - self._queues.keys():
            queue = DeliveryQueue(
                hooks[hook_id],
                self._me,
                self._process,
                self._store,
                self._worker,
                self._hub,
                self._lives,
                self._clock,
            )
            self._queues[hook_id] = self._tasks.spawn(queue.run(), f"hook {hook_id}")

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._news.wait()
        except TimeoutError:
            return

    async def _lives(self, process: str) -> bool:
        """Whether this process is connected; where that may not be asked, it is taken to be."""
        try:
            return process in await connected_processes(self._database)
        except CommandRefused:
            return True
