"""Reads that many ask for at the same moment are done once and kept for some seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TLRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Another node may have changed something of which this one has not heard yet.
FRESH_S = 2.0


class SingleFlightCache(Generic[K, V]):
    """Results of reads by key. Their weights, as `weigh` gives them, add up to at most `capacity`;
    each is used for `fresh_s` from the beginning of its read.

    A key has to name everything that a result depends on, such as the rev of its stream.
    """

    def __init__(
        self,
        capacity: int,
        weigh: Callable[[V], int],
        clock: Callable[[], float] = time.monotonic,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._clock = clock
        self._cached: TLRUCache[K, tuple[float, V]] = TLRUCache(
            capacity,
            ttu=lambda _, cached, __: cached[0] + fresh_s,
            timer=clock,
            getsizeof=lambda cached: weigh(cached[1]),
        )
        self._reading: dict[K, asyncio.Future[V]] = {}

    async def get(
        self, key: K, read: Callable[[], Awaitable[V]], is_good: Callable[[V], bool] | None = None
    ) -> V:
        """The result for `key`: a cached one that `is_good`, the one being read, or from `read`.

        Raises what `read` raises, to all who wait for it.
        """
        if cached := self._cached.get(key):
            if is_good is None or is_good(cached[1]):
                return cached[1]
            self._cached.pop(key, None)
        if key not in self._reading:
            self._reading[key] = asyncio.ensure_future(self._read(key, read))
        # A caller that is cancelled does not cancel the read of the others.
        return await asyncio.shield(self._reading[key])

    async def _read(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        began = self._clock()
        try:
            found = await read()
        finally:
            del self._reading[key]
        if self._weigh(found) <= self._capacity:
            self._cached[key] = (began, found)
        return found
