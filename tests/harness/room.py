"""One person's copy of a room, kept by the cursor rule and recorded for the checker. No I/O."""

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from tests.checker.history import Observed, Reader, Shown
from tests.checker.replay import Replay


class RoomCopy:
    """A room as this reader sees it. `has_gap` asks for a sync; `shown` reads a wire's item."""

    def __init__(
        self,
        room_id: str,
        reader: Reader,
        shown: Callable[[dict[str, Any]], Shown] = Shown.of,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = room_id
        self._clock = clock
        self._reader = reader
        self._read = shown
        self._replay = Replay()
        self.has_gap = False

    @property
    def cursor(self) -> int | None:
        return self._replay.cursor

    @property
    def messages(self) -> list[Shown]:
        """The messages that are shown, in display order, without tombstones."""
        held = [i for i in self._replay.items.values() if isinstance(i, Shown) and not i.deleted]
        return sorted(held, key=lambda item: item.seq)

    def latest(self, count: int) -> list[Shown]:
        """Up to `count` of the messages that came last, without those that the room says. Cheap
        in a room of any size."""
        held = (i for i in reversed(self._replay.items.values()) if isinstance(i, Shown))
        return list(islice((i for i in held if not (i.deleted or i.system)), count))

    def texts(self) -> list[str]:
        return [item.text for item in self.messages if not item.system]

    def take_batch(self, batch: dict[str, Any]) -> None:
        """A live `messages` event."""
        items = self._shown(batch["items"])
        self._note(batch["prev"], batch["rev"], items, live=True)
        if not self._replay.live(batch["prev"], batch["rev"], items):
            self.has_gap = True

    def take_answer(self, asked: int | None, answer: dict[str, Any]) -> None:
        """The answer to a join or sync from cursor `asked`."""
        items = self._shown(answer["items"])
        if asked is None or answer.get("reset"):
            self._note(None, answer["rev"], items)
            self._replay.snapshot(answer["rev"], items)
        else:
            self._note(asked, answer["rev"], items)
            self._replay.synced(answer["rev"], items)
        self.has_gap = bool(answer.get("more"))

    def _note(
        self, prev: int | None, rev: int, items: tuple[Shown, ...], live: bool = False
    ) -> None:
        observed = Observed(self.id, prev, rev, items, live, self._clock())
        self._reader.observed.append(observed)

    def _shown(self, items: Iterable[dict[str, Any]]) -> tuple[Shown, ...]:
        return tuple(map(self._read, items))
