"""Rooms of over 100 members: what is told there does not grow with the square of the room. No I/O.

docs/PROTOCOL.md, «Large rooms», says what is different there.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b

# In a larger room people see the presence of some, and ask who has read.
LARGE_ABOVE = 100
# The members in the answer to a join, and those whose presence one connection watches.
SHOWN_AT_MOST = 200
# Of each kind of event all people of a large room together are told so many a second, so that a
# burst of changes, which lasts the longer the larger the room is, takes about as many everywhere.
TOLD_A_SECOND = 1_000
PAUSE_AT_MOST_S = 5.0
REMEMBERED_ROOMS = 1_000


def mark_of(user_ids: Iterable[str]) -> int:
    """A number of 48 bits that stands for a set of ids, in whatever order; the marks of two sets
    without common ids are combined by XOR."""
    mark = 0
    for user_id in user_ids:
        mark ^= int.from_bytes(blake2b(user_id.encode(), digest_size=6).digest())
    return mark


class Pauses:
    """When each large room may be told of a kind of change again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def begin(self, room_id: str, size: int) -> bool:
        """Whether a room of `size` members may be told now; then its next pause begins."""
        now = self._clock()
        if self._ends.get(room_id, now) > now:
            return False
        if len(self._ends) >= REMEMBERED_ROOMS:
            self._ends = {room: end for room, end in self._ends.items() if end > now}
        self._ends[room_id] = now + min(size / TOLD_A_SECOND, PAUSE_AT_MOST_S)
        return True
