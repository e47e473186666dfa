"""Of whom something that others see has changed: what was encoded with it is made anew. No I/O."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

REMEMBERED = 10_000


class ProfileChanges:
    """People in the order in which they changed; the oldest are forgotten first."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.count = 0
        self._people: deque[str] = deque(maxlen=remembered)

    def note(self, user_id: str) -> None:
        """Something of this person is different from now on."""
        self.count += 1
        self._people.append(user_id)

    def since(self, count: int) -> Iterable[str] | None:
        """Who changed after the `count`-th change; None where that is not remembered any more."""
        missed = self.count - count
        if missed > len(self._people):
            return None
        return islice(reversed(self._people), missed)
