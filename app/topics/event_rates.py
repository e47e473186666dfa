"""Counts the events of the last minute in each topic, on this node."""

from collections import deque
from collections.abc import Callable

MINUTE_S = 60


class EventRates:
    """One count per topic and second; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counts: dict[str, deque[tuple[int, int]]] = {}

    def count(self, topic: str, events: int) -> None:
        """Add `events` to the present second of `topic`."""
        second = int(self._clock())
        counts = self._counts.setdefault(topic, deque(maxlen=MINUTE_S))
        if counts and counts[-1][0] == second:
            events += counts.pop()[1]
        counts.append((second, events))

    def forget(self, topic: str) -> None:
        """Drop the counts of a deleted topic."""
        self._counts.pop(topic, None)

    def of(self, topic: str) -> int:
        """The number of events in the last minute."""
        oldest = int(self._clock()) - MINUTE_S
        return sum(n for second, n in self._counts.get(topic, ()) if second > oldest)
