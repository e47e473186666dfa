"""First come, first served: what was asked for first is done first, whatever each has to prepare.

Sends of one person are numbered in the order in which they came, although a long text takes longer.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from types import TracebackType


class LockTicket:
    """One place in a line. Entering takes the place; leaving lets the next one through."""

    def __init__(self, line: dict[Hashable, "LockTicket"], key: Hashable) -> None:
        self._line = line
        self._key = key
        self.before = line.get(key)
        self.over = asyncio.Event()
        line[key] = self

    def __enter__(self) -> "LockTicket":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.over.set()
        if self._line.get(self._key) is self:
            del self._line[self._key]

    async def acquire(self) -> None:
        """Wait for those before. Call it once what can be prepared alone is prepared."""
        while self.before is not None:
            await self.before.over.wait()
            # It may have given up while others before it were still at work.
            self.before = self.before.before


class OrderedLocks:
    """Lines by key."""

    def __init__(self) -> None:
        self._line: dict[Hashable, LockTicket] = {}

    def ticket(self, key: Hashable) -> LockTicket:
        """The last place in the line of `key`, from this moment on."""
        return LockTicket(self._line, key)

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """One at a time, in the order of asking."""
        with self.ticket(key) as ticket:
            await ticket.acquire()
            yield
