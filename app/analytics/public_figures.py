"""The three figures that everybody may see, for event streams: read at most once a second."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.analytics.figures import MESSAGES, CountActive
from app.analytics.store.figures import FigureStore
from app.storage.errors import DatabaseError
from app.times import Clock

FRESH_S = 1.0
PATIENCE_S = 2.0


class PublicFigures:
    """`active` returns the number of visitors of the last five minutes."""

    def __init__(
        self,
        store: FigureStore,
        active: CountActive,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._active = active
        self._clock = clock
        self._monotonic = monotonic
        self._began = clock()
        self._reading = asyncio.Lock()
        self._read: tuple[float, int, int] | None = None

    async def figures(self) -> Mapping[str, Any] | None:
        """`{users_active, messages_sent, server_uptime, server_uptime_s}`; None while the database
        does not answer."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._reading:
                users, messages = await self._counts()
        except (DatabaseError, TimeoutError):
            return None
        seconds = int((self._clock() - self._began).total_seconds())
        return {
            "users_active": users,
            "messages_sent": messages,
            "server_uptime": in_words(seconds),
            "server_uptime_s": seconds,
        }

    async def _counts(self) -> tuple[int, int]:
        at = self._monotonic()
        if self._read is None or at - self._read[0] > FRESH_S:
            self._read = (at, await self._active(), await self._store.total(MESSAGES))
        return self._read[1:]


def in_words(seconds: int) -> str:
    """A duration in its largest unit: `24h`, `59m` or `59s`."""
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3_600:
        return f"{seconds // 60}m"
    return f"{seconds // 3_600}h"
