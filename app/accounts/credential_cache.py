"""Remembers for a few seconds which session or token a credential belongs to. No I/O.

Without it each request would ask the database. Every revocation empties the cache, so nothing that
was revoked is believed.
"""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

from cachetools import LRUCache

from app.accounts.models import Revoked

T = TypeVar("T")

FRESH = timedelta(seconds=5)
CAPACITY = 10_000


class CredentialCache(Generic[T]):
    """Values by the fingerprint of a credential, each read less than `fresh` ago."""

    def __init__(self, *, fresh: timedelta = FRESH, capacity: int = CAPACITY) -> None:
        self._fresh = fresh
        self._cached: LRUCache[str, tuple[datetime, T]] = LRUCache(capacity)
        # Rises when the cache is emptied: what was read before that may be revoked by now.
        self.generation = 0

    def get(self, key: str, now: datetime) -> T | None:
        """The value of `key`, or None where it has to be read from the database."""
        read_at, value = self._cached.get(key, (None, None))
        # abs(): where the clock is set back, a value must not stay for longer.
        return value if read_at is not None and abs(now - read_at) < self._fresh else None

    def put(self, key: str, value: T, now: datetime, generation: int) -> None:
        """Cache a value that was read in `generation`, unless that one is over."""
        if generation == self.generation:
            self._cached[key] = (now, value)

    def remove(self, key: str) -> None:
        """Have this key read anew."""
        self._cached.pop(key, None)

    def clear(self, _: Revoked | None = None) -> None:
        """Have every key read anew, because something was revoked."""
        self.generation += 1
        self._cached.clear()
