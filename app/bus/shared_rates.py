"""Rate limits that all nodes of a site, and all workers of a server, count together.

Each node counts in its own memory. It tells the others what somebody has used once that is a tenth
of what each of them may have on every node: those who stay far below a limit cost no hint. So a
limit is exceeded by about a tenth where somebody uses all nodes at the same time.
"""

import time
from collections.abc import Callable
from typing import Annotated

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from msgspec import Meta, Struct

from app.bus.bus import EVERY_NODE, Bus
from app.security.rate_limiter import MAX_KEYS, RateLimiter

STEPS = 10
# By the seconds of their window.
SHARED = {60: RateLimitItemPerMinute, 86_400: RateLimitItemPerDay}

Positive = Annotated[int, Meta(gt=0)]


class Used(Struct, frozen=True):
    """`amount` of `limit` in `seconds` was counted under `name` and `key` on the node that tells
    this."""

    name: str
    key: str
    limit: Positive
    seconds: Positive
    amount: Positive


class Untold:
    """The amounts of one window that the other nodes were not told."""

    def __init__(self) -> None:
        self.amounts: dict[tuple[str, str], int] = {}
        self.ends = 0.0


class SharedRates(RateLimiter):
    """A limiter whose limits count for all nodes. `kind` names its hints on the bus."""

    def __init__(
        self,
        bus: Bus,
        kind: str,
        clock: Callable[[], float] = time.monotonic,
        max_keys: int = MAX_KEYS,
    ) -> None:
        super().__init__(clock, max_keys)
        self._bus = bus
        self._kind = kind
        self._max_keys = max_keys
        self._untold = {seconds: Untold() for seconds in SHARED}
        bus.listen(kind, Used, self._hear)

    def spend(self, name: str, key: str, amount: int, item: RateLimitItem) -> None:
        if not self._bus.is_alone:
            self._tell(name, key, amount, item)
        super().spend(name, key, amount, item)

    def _tell(self, name: str, key: str, amount: int, item: RateLimitItem) -> None:
        seconds, now = item.get_expiry(), self._clock()
        untold = self._untold[seconds]
        is_full = len(untold.amounts) >= self._max_keys and (name, key) not in untold.amounts
        if now >= untold.ends or is_full:
            untold.amounts.clear()
            untold.ends = now + seconds
        amount += untold.amounts.get((name, key), 0)
        if amount * STEPS * (self._bus.others + 1) < item.amount:
            untold.amounts[name, key] = amount
            return
        untold.amounts.pop((name, key), None)
        used = Used(name, key, item.amount, seconds, amount)
        self._bus.publish(EVERY_NODE, self._kind, used)

    def _hear(self, _topic: str, used: Used) -> None:
        if window := SHARED.get(used.seconds):
            self._windows.hit(window(used.limit), used.name, used.key, cost=used.amount)
