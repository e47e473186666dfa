"""Remembers who changed what others see, so that cached member lists and pages can be renewed."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

REMEMBERED = 10_000


class ProfileChanges:
    """The ids of people in the order of their changes; a cache keeps the `count` that it knows."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.count = 0
        self._people: deque[str] = deque(maxlen=remembered)

    def note(self, user_id: str) -> None:
        """Something that others see of this person has changed."""
        self.count += 1
        self._people.append(user_id)

    def forget(self) -> None:
        """More has changed than can be told by name."""
        self.count += 1
        self._people.clear()

    def since(self, count: int) -> Iterable[str] | None:
        """The ids of those who changed since `count`; None when that is too long ago to know."""
        missed = self.count - count
        if missed > len(self._people):
            return None
        return islice(reversed(self._people), missed)
