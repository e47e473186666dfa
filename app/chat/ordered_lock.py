"""Locks that are granted in the order of the first request, also to those who prepare longer.

The messages of one person are numbered in the order in which they came, although a long text takes
longer to render than a short one behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from types import TracebackType


class LockTicket:
    """A place in the queue for a lock, from its creation until the end of its `with` block."""

    def __init__(self, queues: dict[Hashable, "LockTicket"], key: Hashable) -> None:
        self._queues = queues
        self._key = key
        self.before = queues.get(key)
        self.done = asyncio.Event()
        queues[key] = self

    def __enter__(self) -> "LockTicket":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.done.set()
        if self._queues.get(self._key) is self:
            del self._queues[self._key]

    async def acquire(self) -> None:
        """Wait until all earlier tickets are done. Prepare before it what needs no lock."""
        while self.before is not None:
            await self.before.done.wait()
            # That one may have given up while earlier ones were still at work.
            self.before = self.before.before


class OrderedLocks:
    """One lock for each key; it takes memory only while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, LockTicket] = {}  # the last ticket of each queue

    def ticket(self, key: Hashable) -> LockTicket:
        """A place at the end of the queue for `key`."""
        return LockTicket(self._queues, key)

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the lock for the length of a block."""
        with self.ticket(key) as ticket:
            await ticket.acquire()
            yield
