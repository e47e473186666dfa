"""The rooms in the memory of this node, each loaded when it is first asked for."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable

from app.chat.models import Room, RoomNotFound, stream_of
from app.chat.room_documents import COUNTED_FIELDS, RoomDocumentLookup
from app.chat.room_view import RoomObserver, RoomView, countable_from
from app.chat.single_flight import SingleFlightCache
from app.chat.store import ChatStore
from app.chat.unread import AT_MOST, RecentMessages
from app.streams.hub import Hub
from app.streams.log import Log

CAPACITY = 5_000
TAILS = 50


class RoomViews:
    """At most 5,000 rooms; those that nobody follows make place, the longest unused first."""

    def __init__(self, store: ChatStore, log: Log, hub: Hub) -> None:
        self._store = store
        self._log = log
        self._hub = hub
        self.observer = RoomObserver()
        self._views: OrderedDict[str, RoomView] = OrderedDict()
        self._slugs: dict[str, str] = {}
        self._loading: dict[str, asyncio.Future[RoomView]] = {}
        self._lookup = RoomDocumentLookup(store, log)
        self._tails: SingleFlightCache[tuple[str, int], RecentMessages] = SingleFlightCache(
            TAILS, lambda _: 1
        )

    async def get(self, reference: str) -> RoomView:
        """The room with this id or slug. Raises NotFound."""
        room_id = self._slugs.get(reference, reference)
        if view := self._views.get(room_id):
            self._views.move_to_end(room_id)
            return view
        room = await self._store.room(reference)
        if room is None:
            raise RoomNotFound
        return await self._load_once(room.id)

    async def get_all(self, room_ids: Iterable[str]) -> list[RoomView]:
        """The rooms with these ids, in their order; those that are not in memory are loaded
        together. Raises NotFound."""
        ids = list(room_ids)
        missing = [room_id for room_id in ids if room_id not in self._views]
        if len(missing) > 1:
            await asyncio.gather(*map(self._load_once, missing))
        return [await self.get(room_id) for room_id in ids]

    def of_stream(self, stream: str) -> RoomView | None:
        """The room of a stream, where it is in memory."""
        return self._views.get(stream.partition(":")[2])

    def owner(self, room_id: str) -> str | None:
        """The id of the owner of a room that is loaded; None for a direct one, which has none."""
        view = self._views.get(room_id)
        return view.room.owner if view is not None and view.room.kind != "direct" else None

    def member_counts(self, room_ids: Iterable[str]) -> dict[str, int]:
        """How many people are in those of these rooms that are in memory."""
        views = ((room_id, self._views.get(room_id)) for room_id in room_ids)
        return {room_id: len(view.members) for room_id, view in views if view is not None}

    def loaded(self) -> list[RoomView]:
        """All rooms in memory."""
        return list(self._views.values())

    async def catch_up(self, view: RoomView) -> None:
        """Wait until `view` has what is committed by now. To be called before a refusal: another
        process may have added this person a moment ago."""
        stream = view.room.stream
        await self._hub.reached(stream, await self._log.head(stream))

    async def read_of(
        self, user_id: str, room_ids: Collection[str]
    ) -> tuple[frozenset[str], list[Room]]:
        """`(ids of this person's rooms, the rooms with `room_ids`)`, both from the database.

        Loads no views: a list of many rooms would push out those in use.
        """
        readings, rooms = await asyncio.gather(
            self._store.readings(user_id), self._store.rooms(room_ids)
        )
        return frozenset(r for r, reading in readings.items() if reading is not None), rooms

    async def _load_once(self, room_id: str) -> RoomView:
        if view := self._views.get(room_id):
            return view
        if room_id not in self._loading:
            self._loading[room_id] = asyncio.ensure_future(self._load(room_id))
        try:
            return await asyncio.shield(self._loading[room_id])
        finally:
            if (loading := self._loading.get(room_id)) and loading.done():
                del self._loading[room_id]

    async def _load(self, room_id: str) -> RoomView:
        view, stream = RoomView(self.observer), stream_of(room_id)
        self._hub.follow(stream, view)
        try:
            await self._read(room_id, view)
        except BaseException:
            self._hub.unfollow(stream, view)
            raise
        self._views[room_id] = view
        self._slugs[view.room.slug] = room_id
        self._forget_unused()
        return view

    async def _read(self, room_id: str, view: RoomView) -> None:
        """Read the head before the documents, so that these are at least as new."""
        while True:
            rev = await self._lookup.head(room_id)
            found = await self._lookup.of(room_id)
            if found is None:
                raise RoomNotFound
            view.reset(found.room, found.members, found.tail, rev, found.most)
            if self._hub.release(found.room.stream, view, rev, is_view=True):
                return

    def _forget_unused(self) -> None:
        if len(self._views) <= CAPACITY:
            return
        for room_id in list(self._views)[: len(self._views) - CAPACITY]:
            view = self._views[room_id]
            if not self._hub.followers(view.room.stream):
                self._hub.unfollow(view.room.stream, view)
                del self._views[room_id]
                self._slugs.pop(view.room.slug, None)

    async def unread(self, view: RoomView, user_id: str) -> tuple[int, int]:
        """`(unread, mentions)` of this person in this room, each at most 1,000."""
        read_seq = view.read_seq(user_id)
        if view.is_shallow and not view.recent.covers(read_seq):
            await self._deepen(view)
        if view.recent.covers(read_seq):
            return view.recent.unread(user_id, read_seq)
        key = (view.room.stream, view.rev)
        recent = await self._tails.get(key, lambda: self._tail(view.room.stream))
        return recent.unread(user_id, read_seq)

    async def _deepen(self, view: RoomView) -> None:
        changes = view.message_changes
        tail = await self._lookup.window(view.room.id)
        # A message that changed meanwhile may have been read as it was before.
        if view.is_shallow and view.message_changes == changes:
            view.deepen(tail)

    async def _tail(self, stream: str) -> RecentMessages:
        """The messages for a count from the beginning; other counts need only their end."""
        tail = await self._log.tail(stream, 0, AT_MOST, COUNTED_FIELDS)
        return RecentMessages(filter(None, map(countable_from, tail)), 0)
