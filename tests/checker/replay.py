"""The client's rule over a cursor: apply, ignore as old news, or see a gap. No I/O.

The one place in the tests that knows the rule; the checker replays what readers were shown with it
and the harness's people live by it.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Versioned(Protocol):
    """The attributes of an item that the cursor rule needs."""

    @property
    def id(self) -> str: ...
    @property
    def rev(self) -> int: ...


V = TypeVar("V", bound=Versioned)


class Replay:
    """One reader's copy of a stream: its items by id, and the cursor (None: nothing yet)."""

    def __init__(self) -> None:
        self.cursor: int | None = None
        self.items: dict[str, Versioned] = {}

    def live(self, prev: int, rev: int, items: Iterable[V]) -> bool:
        """Take a live batch. False where it shows a gap: the reader has to sync."""
        if self.cursor is None or prev > self.cursor:
            return False
        self._upsert(items)
        self.cursor = max(self.cursor, rev)
        return True

    def synced(self, rev: int, items: Iterable[V]) -> None:
        """Take the answer to a sync."""
        self._upsert(items)
        self.cursor = max(self.cursor or 0, rev)

    def snapshot(self, rev: int, items: Iterable[V]) -> None:
        """Drop what is held and begin anew from here."""
        self.items.clear()
        self._upsert(items)
        self.cursor = rev

    def _upsert(self, items: Iterable[V]) -> None:
        for item in items:
            held = self.items.get(item.id)
            if held is None or held.rev < item.rev:
                self.items[item.id] = item
