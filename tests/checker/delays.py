"""How late messages came to readers on other nodes, in parts of a run."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.checker.history import History, Reader


@dataclass(frozen=True)
class Span:
    """A part of a run, in seconds of the recorder's clock."""

    began: float
    ended: float

    def has(self, at: float) -> bool:
        return self.began <= at < self.ended


class Delays:
    """The delays of a whole run: from the first ack of a message to its first sight by each reader
    on another node. A message that a reader never saw is infinitely late."""

    def __init__(self, history: History, room: str) -> None:
        by_node: dict[str, list[dict[str, float]]] = {}
        for reader in history.readers:
            by_node.setdefault(reader.node, []).append(_first_seen(reader, room))
        self._delays: list[tuple[float, float]] = []
        for send in history.sends_in(room):
            at = send.acked_at
            if at is None:
                continue
            item = send.acks[0].id
            for node, readers in by_node.items():
                if node != send.node:
                    self._delays += ((at, seen.get(item, math.inf) - at) for seen in readers)
        self._delays.sort()

    def within(self, spans: Iterable[Span]) -> list[float]:
        """The delays in seconds of what was acknowledged in one of `spans`, sorted."""
        parts = list(spans)
        return sorted(late for at, late in self._delays if any(span.has(at) for span in parts))


def _first_seen(reader: Reader, room: str) -> dict[str, float]:
    """When each item was first shown to this reader."""
    first: dict[str, float] = {}
    for seen in reader.observed:
        if seen.room == room:
            for item in seen.items:
                first.setdefault(item.id, seen.at)
    return first


def quantile(delays: Sequence[float], share: float) -> float:
    """The delay that `share` of the sorted `delays` do not exceed; 0 where there is none."""
    if not delays:
        return 0.0
    return delays[max(0, math.ceil(share * len(delays)) - 1)]
