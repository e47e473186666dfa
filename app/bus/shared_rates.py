"""Rate limits that all nodes of a site, and all workers of a server, count together.

Each node counts in its own memory. It tells the others what somebody has used once that is a tenth
of what each of them may have on every node: those who stay far below a limit cost no hint. So a
limit is exceeded by about a tenth where somebody uses all nodes at the same time.
"""

import time
from collections.abc import Callable
from typing import Annotated

from limits import RateLimitItemPerMinute
from msgspec import Meta, Struct

from app.bus.bus import EVERY_NODE, Bus
from app.security.rate_limiter import MAX_KEYS, RateLimiter

MINUTE_S = 60.0
STEPS = 10

Positive = Annotated[int, Meta(gt=0)]


class Used(Struct, frozen=True):
    """`amount` was counted under `name` and `key` on the node that tells this."""

    name: str
    key: str
    per_minute: Positive
    amount: Positive


class SharedRates(RateLimiter):
    """A limiter whose limits a minute count for all nodes. `kind` names its hints on the bus."""

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
        self._untold: dict[tuple[str, str], int] = {}
        self._untold_until = 0.0
        bus.listen(kind, Used, self._hear)

    def hit(self, name: str, key: str, per_minute: int, cost: int = 1) -> None:
        if per_minute > 0 and not self._bus.is_alone:
            self._tell(name, key, per_minute, cost)
        super().hit(name, key, per_minute, cost)

    def _tell(self, name: str, key: str, per_minute: int, cost: int) -> None:
        now = self._clock()
        if now >= self._untold_until or len(self._untold) >= self._max_keys:
            self._untold.clear()
            self._untold_until = now + MINUTE_S
        amount = self._untold.get((name, key), 0) + cost
        if amount * STEPS * (self._bus.others + 1) < per_minute:
            self._untold[name, key] = amount
            return
        self._untold.pop((name, key), None)
        self._bus.publish(EVERY_NODE, self._kind, Used(name, key, per_minute, amount))

    def _hear(self, _topic: str, used: Used) -> None:
        item = RateLimitItemPerMinute(used.per_minute)
        self._windows.hit(item, used.name, used.key, cost=used.amount)
