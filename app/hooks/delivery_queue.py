"""One outgoing hook on this node: follows its stream and delivers while there is something."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from app.hooks.delivery_worker import DeliveryWorker
from app.hooks.models import Held, OutgoingHook
from app.hooks.store import OutgoingStore
from app.storage.errors import DatabaseError
from app.streams.hub import Hub
from app.streams.models import Batch

# Longer than a delivery takes. A holder that died without a trace is waited for so long.
HELD_FOR = timedelta(seconds=30)
RETRY_S = 1.0
LOOK_EVERY_S = 5.0

log = structlog.get_logger("hooks")


class DeliveryQueue:
    """`lives` tells whether the process of a holder is still connected to the database: the hook of
    one that was killed is taken over at once."""

    def __init__(
        self,
        hook: OutgoingHook,
        me: str,
        process: str,
        store: OutgoingStore,
        worker: DeliveryWorker,
        hub: Hub,
        lives: Callable[[str], Awaitable[bool]],
        clock: Callable[[], datetime],
    ) -> None:
        self._id = hook.id
        self._stream = hook.place.stream
        self._me = me
        self._process = process
        self._store = store
        self._worker = worker
        self._hub = hub
        self._lives = lives
        self._clock = clock
        self._head = 0
        self._moved = asyncio.Event()

    def deliver(self, batch: Batch) -> None:
        """The stream goes on: there is something to deliver."""
        self._head = max(self._head, batch.rev)
        self._moved.set()

    async def run(self) -> None:
        """Until it is cancelled, or the hook is deleted, off or stopped."""
        try:
            while True:
                try:
                    await self._join()
                    while (pause_s := await self._round()) is not None:
                        await self._wait(pause_s)
                    return
                except DatabaseError as error:
                    log.warning("a hook waits", hook=self._id, reason=type(error).__name__)
                except Exception:
                    # One hook's defect must not stop the others.
                    log.exception("a hook failed", hook=self._id)
                await asyncio.sleep(RETRY_S)
        finally:
            self._hub.unfollow(self._stream, self)

    async def _join(self) -> None:
        self._head = max(self._head, await self._hub.join(self._stream, self))

    async def _round(self) -> float | None:
        """Deliver once where that may be; in how many seconds to look again without any news, None
        where that is over."""
        self._moved.clear()
        async with self._worker.turns:
            now = self._clock()
            held = Held(by=self._me, process=self._process, until=now + HELD_FOR)
            hook = await self._store.claim(self._id, self._head, held, now)
            if hook is not None:
                await self._worker.deliver(hook)
                return 0.0
        return await self._pause(await self._store.get(self._id))

    async def _pause(self, hook: OutgoingHook | None) -> float | None:
        """How long until it may be our turn."""
        if hook is None or not hook.is_on:
            return None
        if hook.cursor >= self._head:
            return LOOK_EVERY_S
        now = self._clock()
        if hook.held is not None and hook.held.until > now:
            if not await self._lives(hook.held.process):
                await self._store.free(hook.id, hook.held.by)
                return 0.0
            return RETRY_S
        if hook.retry_at is None:
            return RETRY_S
        return min(LOOK_EVERY_S, max(0.0, (hook.retry_at - now).total_seconds()))

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            return
