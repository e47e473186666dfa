"""Limits that all nodes count together: attempts on passwords must not multiply with the nodes.

Each node counts in its own memory, and hears from the others what they count. Counts from
a time in which it could not hear are missing there; windows are a minute.
"""

import time
from collections.abc import Callable
from typing import Annotated

from limits import RateLimitItemPerMinute
from msgspec import Meta, Struct

from app.bus.bus import EVERY_NODE, Bus
from app.security.rate_limiter import MAX_KEYS, RateLimiter

KIND = "limit"


class Counted(Struct, frozen=True):
    """`amount` was counted under `name` and `key`; -1 was given back."""

    name: str
    key: str
    per_minute: Annotated[int, Meta(gt=0)]
    amount: int


class SharedLimiter(RateLimiter):
    """A limiter that tells the other nodes what it counts, and counts what they tell."""

    def __init__(
        self,
        bus: Bus,
        clock: Callable[[], float] = time.monotonic,
        max_keys: int = MAX_KEYS,
    ) -> None:
        super().__init__(clock, max_keys)
        self._bus = bus
        bus.listen(KIND, Counted, self._heard)

    def hit(self, name: str, key: str, per_minute: int, cost: int = 1) -> None:
        if per_minute > 0:
            self._bus.publish(EVERY_NODE, KIND, Counted(name, key, per_minute, cost))
        super().hit(name, key, per_minute, cost)

    def give_back(self, name: str, key: str, per_minute: int) -> None:
        if per_minute > 0:
            self._bus.publish(EVERY_NODE, KIND, Counted(name, key, per_minute, -1))
        super().give_back(name, key, per_minute)

    def _heard(self, _topic: str, counted: Counted) -> None:
        if counted.amount < 0:
            super().give_back(counted.name, counted.key, counted.per_minute)
        else:
            item = RateLimitItemPerMinute(counted.per_minute)
            self._windows.hit(item, counted.name, counted.key, cost=counted.amount)
