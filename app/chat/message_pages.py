"""Pages of a room's messages as JSON, read and encoded once for all who ask for the same page.

After a restart all clients come back at once, and most of them have missed the same messages.
"""

from collections.abc import Mapping
from operator import itemgetter

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from app.chat.payload_types import SyncAnswer
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer, people_of, reactions_of, size
from app.chat.single_flight import SingleFlightCache
from app.streams.log import Log
from app.streams.models import Item, Page
from app.streams.portions import shortened
from app.web.templates import inert

SNAPSHOT_ITEMS = 50
SYNC_ENTRIES = 500
KEPT_BYTES = 16 * 1_048_576
# The people of a dead node come back within this time. A page is never too old: its key has the rev
# of the room, and what another node committed unheard is delivered behind it.
KEPT_S = 30.0

Key = tuple[str, int | None, int]


class EncodedPage(Struct, kw_only=True):
    """A page of items as JSON, each with its seq. `user_ids` are the people named in it, and
    `change_count` the count of `ProfileChanges` at the time of encoding. `cut` has those, by their
    place, that name only some of the people who reacted."""

    rev: int
    items: tuple[tuple[int, Raw], ...]
    more: bool
    reset: bool
    older: bool
    user_ids: frozenset[str]
    change_count: int
    cut: Mapping[int, Item] = {}
    _in_script: Raw | None = None

    @property
    def size_bytes(self) -> int:
        """About the size in memory; doubled, since `in_script` is kept too."""
        kept = sum(map(size, self.cut.values()))
        return 500 + kept + 2 * sum(memoryview(one).nbytes for _, one in self.items)

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
        """The items in the order of seq, as one JSON list that is safe in a script element."""
        if self._in_script is None:
            items = [item for _, item in sorted(self.items, key=itemgetter(0))]
            self._in_script = Raw(inert(msgspec.json.encode(items)))
        return self._in_script


class MessagePages:
    """Reads and encodes what cursors have missed."""

    def __init__(self, log: Log, serializer: Serializer, profile_changes: ProfileChanges) -> None:
        self._log = log
        self._serializer = serializer
        self._profile_changes = profile_changes
        self._shared: SingleFlightCache[Key, EncodedPage] = SingleFlightCache(
            KEPT_BYTES, lambda page: page.size_bytes, fresh_s=KEPT_S
        )

    async def since(self, view: RoomView, cursor: int | None, reader: str) -> EncodedPage:
        """The items changed after `cursor`, at least up to the rev of `view`; without a cursor the
        newest 50. They name the `reader` where they reacted."""
        # Each change in the room moves the rev, and with it the key.
        key = (view.room.stream, cursor, view.rev)
        page = await self._shared.get(key, lambda: self._read(*key[:2]), self._is_current)
        return self._own(page, reader) if page.cut else page

    def _own(self, page: EncodedPage, reader: str) -> EncodedPage:
        items = list(page.items)
        for at, item in page.cut.items():
            if any(reader in users for users in reactions_of(item).values()):
                items[at] = (item.seq, self._encode(item, reader))
        return replace(page, items=tuple(items), _in_script=None)

    def _encode(self, item: Item, reader: str | None = None) -> Raw:
        return Raw(msgspec.json.encode(self._serializer.message(item, reader)))

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
            items=tuple((item.seq, self._encode(item)) for item in page.items),
            more=page.more,
            reset=page.reset,
            older=page.older,
            user_ids=frozenset(user_id for item in page.items for user_id in people_of(item)),
            change_count=self._profile_changes.count,
            cut={at: item for at, item in enumerate(page.items) if self._serializer.is_cut(item)},
        )
