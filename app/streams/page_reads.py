"""Bounds how many pages of items one person reads at the same time.

A page is cut to the size of a frame only after it was read, and 200 long messages are tens of
megabytes. A client may have 500 requests under way.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4


class PageReads:
    """Lets each person read `at_once` pages at a time; further reads wait, in order.

    A person takes memory here only while a read of theirs is under way.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._readers: dict[str, int] = {}

    def __len__(self) -> int:
        """How many people are reading."""
        return len(self._slots)

    @asynccontextmanager
    async def hold(self, user_id: str) -> AsyncIterator[None]:
        """Hold a place for the length of a block: from the query until the answer is made."""
        slots = self._slots.setdefault(user_id, asyncio.Semaphore(self._at_once))
        self._readers[user_id] = self._readers.get(user_id, 0) + 1
        try:
            async with slots:
                yield
        finally:
            self._readers[user_id] -= 1
            if not self._readers[user_id]:
                del self._readers[user_id], self._slots[user_id]
