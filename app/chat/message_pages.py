"""Pages of a room's messages in wire form, read and encoded once for all who ask for the same.

After a restart everybody comes back at once, and most of them have missed the same.
"""

from operator import itemgetter

import msgspec
from msgspec import Raw, Struct

from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer, people_of, size
from app.chat.single_flight import SingleFlightCache
from app.chat.wire import SyncAnswer
from app.streams.log import Log
from app.streams.models import Page
from app.streams.portions import shortened
from app.web.templates import inert

SNAPSHOT_ITEMS = 50
SYNC_ENTRIES = 500
KEPT_BYTES = 16 * 1_048_576

Key = tuple[str, int | None, int]


class EncodedPage(Struct, kw_only=True):
    """A page whose items are JSON, each with its seq. `named` are the people in it, as they were
    called at the `moment`-th change of somebody's name."""

    rev: int
    items: tuple[tuple[int, Raw], ...]
    more: bool
    reset: bool
    older: bool
    user_ids: frozenset[str]
    change_count: int
    _in_script: Raw | None = None

    @property
    def size_bytes(self) -> int:
        """About, with what a page of HTML takes once more."""
        return 500 + 2 * sum(memoryview(one).nbytes for _, one in self.items)

    @property
    def answer(self) -> SyncAnswer:
        """The answer to `room:sync`."""
        return {
            "rev": self.rev,
            "items": [item for _, item in self.items],
            "more": self.more,
            "reset": self.reset,
            "older": self.older,
        }

    @property
    def in_script(self) -> Raw:
        """The items in the order of seq as one JSON list that can stand in a script block."""
        if self._in_script is None:
            items = [item for _, item in sorted(self.items, key=itemgetter(0))]
            self._in_script = Raw(inert(msgspec.json.encode(items)))
        return self._in_script


class MessagePages:
    """What a cursor has missed. `named` tells of whom the name has changed."""

    def __init__(self, log: Log, serializer: Serializer, profile_changes: ProfileChanges) -> None:
        self._log = log
        self._serializer = serializer
        self._profile_changes = profile_changes
        self._shared: SingleFlightCache[Key, EncodedPage] = SingleFlightCache(
            KEPT_BYTES, lambda page: page.size_bytes
        )

    async def since(self, view: RoomView, cursor: int | None) -> EncodedPage:
        """What `cursor` has missed, at least up to the rev of `view`; without one the newest."""
        # A change of a message moves the rev, so what was read before it is another key.
        key = (view.room.stream, cursor, view.rev)
        return await self._shared.get(key, lambda: self._read(*key[:2]), self._is_current)

    def _is_current(self, page: EncodedPage) -> bool:
        changed = self._profile_changes.since(page.change_count)
        return changed is not None and page.user_ids.isdisjoint(changed)

    async def _read(self, stream: str, cursor: int | None) -> EncodedPage:
        page = await self._log.sync(stream, cursor, SYNC_ENTRIES, SNAPSHOT_ITEMS)
        page = shortened(page, size, is_snapshot=cursor is None or page.reset)
        await self._serializer.warm(page.items)
        return self._encoded(page)

    def _encoded(self, page: Page) -> EncodedPage:
        return EncodedPage(
            rev=page.rev,
            items=tuple(
                (item.seq, Raw(msgspec.json.encode(self._serializer.message(item))))
                for item in page.items
            ),
            more=page.more,
            reset=page.reset,
            older=page.older,
            user_ids=frozenset(user_id for item in page.items for user_id in people_of(item)),
            change_count=self._profile_changes.count,
        )
