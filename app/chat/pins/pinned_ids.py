"""Which messages of a room are pinned: read once for all who open the room between two changes."""

from app.chat.message_lists import wanted_ids
from app.chat.pins.store import PinStore
from app.chat.room_view import RoomView
from app.chat.single_flight import SingleFlightCache
from app.streams.log import Log
from app.streams.models import Item

PINS_PER_ROOM = 100
CACHED_IDS = 50_000


def is_pinned(item: Item) -> bool:
    """Whether a message is pinned; a deleted one is not."""
    return bool(item.body.get("pinned"))


class PinnedIds:
    """The ids of pinned messages, for the count in the head of a room."""

    def __init__(self, store: PinStore, log: Log) -> None:
        self._store = store
        self._log = log
        self._shared: SingleFlightCache[tuple[str, int], list[str]] = SingleFlightCache(
            CACHED_IDS, lambda ids: len(ids) + 1
        )

    async def of(self, view: RoomView) -> list[str]:
        """The ids of the pinned messages of a room, at least as of the rev of `view`; the newest
        pin first."""
        # A message is pinned, unpinned or deleted by a change of it, which moves the key.
        key = (view.room.id, view.message_changes)
        return await self._shared.get(key, lambda: self._read(view.room.id))

    async def _read(self, room_id: str) -> list[str]:
        held = [pin.message for pin in await self._store.of(room_id, PINS_PER_ROOM)]
        return await wanted_ids(self._log, held, is_pinned)
