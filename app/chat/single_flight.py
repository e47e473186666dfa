"""What many ask for in the same moment is read once, and kept for the next few seconds.

A key has to say all that an answer depends on, such as the rev that its stream has reached here.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Another node may have changed something that does not show here yet.
FRESH_S = 2.0


class SingleFlightCache(Generic[K, V]):
    """Answers by key. Together they weigh at most `most`, as `weigh` says of each."""

    def __init__(
        self,
        most: int,
        weigh: Callable[[V], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._weigh = weigh
        self._clock = clock
        self._weight = 0
        self._kept: OrderedDict[K, tuple[V, int, float]] = OrderedDict()
        self._reading: dict[K, asyncio.Future[V]] = {}

    async def get(
        self, key: K, read: Callable[[], Awaitable[V]], is_good: Callable[[V], bool] | None = None
    ) -> V:
        """The answer to `key`: one that is kept and `is_good` still, one that is being read, or
        from `read`. Raises what `read` raises, to all who wait for it."""
        self._forget_old()
        if kept := self._kept.get(key):
            if is_good is None or is_good(kept[0]):
                return kept[0]
            self._forget(key)
        if key not in self._reading:
            self._reading[key] = asyncio.ensure_future(self._read(key, read))
        # One who gives up takes it from none of the others.
        return await asyncio.shield(self._reading[key])

    async def _read(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        began = self._clock()
        try:
            found = await read()
        finally:
            del self._reading[key]
        weight = self._weigh(found)
        if weight <= self._most:
            self._kept[key] = (found, weight, began)
            self._weight += weight
        while self._weight > self._most:
            self._forget(next(iter(self._kept)))
        return found

    def _forget_old(self) -> None:
        """The oldest are the first."""
        now = self._clock()
        while self._kept:
            key = next(iter(self._kept))
            if now - self._kept[key][2] < FRESH_S:
                return
            self._forget(key)

    def _forget(self, key: K) -> None:
        self._weight -= self._kept.pop(key)[1]
