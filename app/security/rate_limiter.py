"""Rate limits: fixed windows in memory, bounded in number, on an injected clock."""

import time
from collections.abc import Callable
from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.errors import RateLimited

MAX_KEYS = 50_000


class BoundedStorage(Storage):
    """Counters of running windows; beyond `max_keys` the oldest is dropped.

    The library's own memory storage grows with the number of keys and cleans up in a thread.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float], max_keys: int) -> None:
        super().__init__()
        self._clock = clock
        self._max_keys = max_keys
        # In the order of their start: a window is inserted again when it restarts.
        self._windows: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return RuntimeError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        if ends <= self._clock():
            self._windows.pop(key, None)
            self._make_room()
            count, ends = 0, self._clock() + expiry
        count = max(0, count + amount)
        self._windows[key] = (count, ends)
        return count

    def get(self, key: str) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        gone = len(self._windows)
        self._windows.clear()
        return gone

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def _make_room(self) -> None:
        while len(self._windows) >= self._max_keys:
            del self._windows[next(iter(self._windows))]


class RateLimiter:
    """Limits by name and key: `hit("sign-in", address, 30)` allows 30 a minute for an address."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_keys: int = MAX_KEYS
    ) -> None:
        self._clock = clock
        self._storage = BoundedStorage(clock, max_keys)
        self._windows = FixedWindowRateLimiter(self._storage)

    def hit(self, name: str, key: str, per_minute: int, cost: int = 1) -> None:
        """Count `cost` against `per_minute`, where 0 is no limit.

        Raises RateLimited, with `retry_after` in seconds, when that is too many.
        """
        if per_minute > 0:
            self.spend(name, key, cost, RateLimitItemPerMinute(per_minute))

    def spend(self, name: str, key: str, amount: int, item: RateLimitItem) -> None:
        """Count `amount` against a limit over any time. Raises RateLimited as `hit`."""
        if self._windows.hit(item, name, key, cost=amount):
            return
        ends = self._windows.get_window_stats(item, name, key).reset_time
        seconds = max(1, ceil(ends - self._clock()))
        unit = "second" if seconds == 1 else "seconds"
        raise RateLimited(f"Too many attempts. Try again in {seconds} {unit}.", retry_after=seconds)

    def must_be_free(self, name: str, key: str, per_minute: int) -> None:
        """Raise RateLimited where the next `hit` would, without counting."""
        if per_minute > 0 and not self._windows.test(RateLimitItemPerMinute(per_minute), name, key):
            self.hit(name, key, per_minute)

    def give_back(self, name: str, key: str, per_minute: int) -> None:
        """Uncount one, such as a sign-in that succeeded."""
        if per_minute <= 0:
            return
        item = RateLimitItemPerMinute(per_minute)
        if self._windows.get_window_stats(item, name, key).remaining < per_minute:
            self._windows.hit(item, name, key, cost=-1)
