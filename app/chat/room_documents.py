"""Reads from the database what a room in memory begins with, for many rooms in few queries.

After a restart somebody comes back who is in a thousand rooms, and with them everybody else.
"""

import asyncio

from msgspec import Struct

from app.chat.models import Membership, Room, stream_of
from app.chat.room_view import Tail, has_message
from app.chat.store import ChatStore
from app.chat.unread import SHALLOW, WINDOW
from app.storage.batched_lookup import BatchedLookup
from app.streams.log import Log

# Rooms of a query: decoding the documents holds up others.
ROOMS_A_QUERY, WINDOWS_A_QUERY = 100, 10
COUNTED_FIELDS = ("at", "body.mentions", "body.mention_groups", "body.here", "body.system")


class RoomDocuments(Struct):
    """A room, its members, and its newest messages: `most` where there are so many."""

    room: Room
    members: list[Membership]
    tail: Tail
    most: int


class RoomDocumentLookup:
    """Gathers what is asked for in the same moment into one query of each kind."""

    def __init__(self, store: ChatStore, log: Log) -> None:
        self._store = store
        self._log = log
        self._heads = BatchedLookup(log.heads)
        self._documents = BatchedLookup(self._read, keys_a_query=ROOMS_A_QUERY)
        self._windows = BatchedLookup(self._read_windows, keys_a_query=WINDOWS_A_QUERY)

    async def head(self, room_id: str) -> int:
        """The rev of the newest entry of a room's stream."""
        return await self._heads.get(stream_of(room_id)) or 0

    async def of(self, room_id: str) -> RoomDocuments | None:
        """The documents of the room with this id; None without one."""
        found = await self._documents.get(room_id)
        if found is not None and len(found.tail) == SHALLOW and not has_message(found.tail):
            # When the newest message was written has to be known.
            found.tail, found.most = await self.window(room_id), WINDOW
        return found

    async def window(self, room_id: str) -> Tail:
        """The newest WINDOW messages of a room."""
        return await self._windows.get(stream_of(room_id)) or []

    async def _read(self, room_ids: list[str]) -> dict[str, RoomDocuments]:
        rooms, members, tails = await asyncio.gather(
            self._store.rooms(room_ids),
            self._store.members(room_ids),
            self._log.tails(list(map(stream_of, room_ids)), SHALLOW, COUNTED_FIELDS),
        )
        return {
            room.id: RoomDocuments(
                room=room,
                members=members[room.id],
                tail=tails.get(room.stream, []),
                most=SHALLOW,
            )
            for room in rooms
        }

    async def _read_windows(self, streams: list[str]) -> dict[str, Tail]:
        return await self._log.tails(streams, WINDOW, COUNTED_FIELDS)
