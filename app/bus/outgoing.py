"""Hints of this node that wait to be sent: bounded, and in portions."""

import asyncio
from collections import deque

from app.bus.bus import Hint

WAITING = 5_000
AT_ONCE = 500


class Outgoing:
    """Hints that gather while one portion is on its way go out as the next.

    Hints that can't be sent are dropped: kept, they would only bring the others what these have
    found in the database by then. `has_dropped` is for the sender to say so later.
    """

    def __init__(self) -> None:
        self.has_dropped = False
        self._waiting: deque[Hint] = deque()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, hint: Hint) -> None:
        """Have `hint` sent soon; never blocks."""
        if len(self._waiting) >= WAITING:
            self.drop()
        self._waiting.append(hint)
        self._idle.clear()
        self._news.set()

    def drop(self) -> None:
        """Drop all that waits, and note that hints may be lost."""
        self._waiting.clear()
        self.has_dropped = True
        self._idle.set()

    async def portion(self) -> list[Hint]:
        """Wait for hints and return the first ones; those of the portion before are sent now."""
        if not self._waiting:
            self._idle.set()
            self._news.clear()
            await self._news.wait()
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]

    async def flushed(self) -> None:
        """Wait until everything is sent or dropped."""
        await self._idle.wait()
