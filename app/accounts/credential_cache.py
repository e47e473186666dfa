"""Proofs that were found good a moment ago, so that not every request asks the database. No I/O.

For a few seconds, and never beyond a revocation: whatever is revoked, all is asked anew.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.accounts.models import Revoked

T = TypeVar("T")

FRESH = timedelta(seconds=5)
CAPACITY = 10_000


class CredentialCache(Generic[T]):
    """What each proof stands for, by its fingerprint; the oldest make room."""

    def __init__(self, *, fresh: timedelta = FRESH, capacity: int = CAPACITY) -> None:
        self._fresh = fresh
        self._capacity = capacity
        self._known: OrderedDict[str, tuple[datetime, T]] = OrderedDict()
        # How often all was forgotten: what was read before that may have been revoked since.
        self.age = 0

    def get(self, key: str, now: datetime) -> T | None:
        """What `key` stands for, or None where that has to be asked."""
        read_at, value = self._known.get(key, (None, None))
        # A clock that was set back makes nothing last longer.
        return value if read_at is not None and abs(now - read_at) < self._fresh else None

    def keep(self, key: str, value: T, now: datetime, age: int) -> None:
        """Remember what was read, unless something was revoked since `age` was looked at."""
        if age != self.age:
            return
        self._known[key] = (now, value)
        self._known.move_to_end(key)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self, key: str) -> None:
        """Ask anew for this one."""
        self._known.pop(key, None)

    def forget_all(self, _: Revoked | None = None) -> None:
        """Ask anew for each: something ended, here or in another process."""
        self.age += 1
        self._known.clear()
