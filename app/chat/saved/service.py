"""Saved messages: each person's own list of what they want to come back to."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from msgspec import Struct

from app.accounts.models import User
from app.chat.access import Access, must_be_readable
from app.chat.message_lists import first_fitting, wanted_ids
from app.chat.messages import must_be_message
from app.chat.models import Nothing, Reference
from app.chat.ordered_lock import OrderedLocks
from app.chat.own_devices import OwnDevices
from app.chat.payload_types import SavedAnswer, SavedDocument
from app.chat.saved.store import SavedMessage, SavedStore
from app.chat.serializer import Serializer, room_document
from app.errors import Conflict, NotFound
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent, ClientEvents
from app.realtime.server_event import Event
from app.streams.log import Log
from app.streams.models import Item
from app.streams.page_reads import PageReads
from app.times import rfc3339

SAVED_PER_PERSON = 200
# About what the answer says of the room of each.
ROOM_BYTES = 300


def is_there(item: Item) -> bool:
    """Whether a message was not deleted."""
    return not item.deleted


class SaveMessage(Struct, kw_only=True):
    """`on` false takes the message out of the list."""

    room: Reference
    id: Reference
    on: bool = True


class SavedMessages:
    """Saves messages and lists them, with the rights of the moment: what a person may no longer
    read is not shown."""

    def __init__(
        self,
        store: SavedStore,
        access: Access,
        log: Log,
        serializer: Serializer,
        devices: OwnDevices,
        clock: Callable[[], datetime],
        reads: PageReads,
    ) -> None:
        self._store = store
        self._access = access
        self._log = log
        self._serializer = serializer
        self._devices = devices
        self._clock = clock
        self._reads = reads
        # By person: their saved messages are counted and added in one request at a time.
        self._locks = OrderedLocks()

    async def save(self, user: User, asked: SaveMessage) -> None:
        """Put a message on the person's list, or take it off.

        Raises NotFound, Forbidden, and Conflict where the list is full.
        """
        if not asked.on:
            await self._store.remove(user.id, asked.id)
            return
        view = await self._access.readable(user, asked.room)
        item = await self._log.item(view.room.stream, asked.id)
        if item is None:
            raise NotFound("There is no such message.")
        must_be_message(item)
        async with self._locks.hold(user.id):
            await self._make_room(user, item.id)
            must_be_readable(view, user)
            saved = SavedMessage(room=view.room.id, message=item.id, at=self._clock())
            await self._store.put(user.id, saved)

    async def _make_room(self, user: User, message: str) -> None:
        """Forget the saved messages that the person no longer sees where the list is full."""
        if await self._store.count(user.id) < SAVED_PER_PERSON:
            return
        held = await self._store.of(user.id, SAVED_PER_PERSON + 1)
        if message in {one.message for one in held}:
            return
        there = await wanted_ids(self._log, [one.message for one in held], is_there)
        rooms = await self._access.visible(user, {one.room for one in held})
        lost = [one for one in held if one.message not in there or one.room not in rooms]
        if not lost:
            raise Conflict(
                f"You have {SAVED_PER_PERSON} saved messages; take one off the list first."
            )
        await self._store.remove(user.id, *(one.message for one in lost))

    async def listed(self, user: User) -> SavedAnswer:
        """The person's saved messages in the rooms that they may read, the newest first."""
        async with self._reads.hold(user.id):
            return await self._listed(user)

    async def _listed(self, user: User) -> SavedAnswer:
        saved = await self._store.of(user.id, SAVED_PER_PERSON)
        rooms = await self._access.visible(user, {one.room for one in saved})
        there = {one.message: one for one in saved if one.room in rooms}
        found, more = await first_fitting(self._log, list(there), is_there, beside=ROOM_BYTES)
        await self._serializer.warm(found)
        # The rights are read once more, so that they are those of the answer.
        rooms = await self._access.visible(user, {there[item.id].room for item in found})
        items: list[SavedDocument] = [
            {
                "at": rfc3339(there[item.id].at),
                "room": room_document(rooms[there[item.id].room].room),
                "message": self._serializer.message(item, user.id),
            }
            for item in found
            if there[item.id].room in rooms
        ]
        return {"items": items, "more": more}

    async def ids(self, user: User) -> list[str]:
        """The ids of all messages on the person's list, in no order."""
        return await self._store.ids(user.id)

    # Over Socket.IO and `/ws`.

    async def on_save(self, connection: Connection, request: SaveMessage) -> None:
        """Keep a message on my own list of saved ones, or with `on` false no longer. My other
        connections get it as `saved`.
        """
        await self.save(connection.caller.user, request)
        event = Event("saved", {"id": request.id, "on": request.on})
        self._devices.tell(connection.user_id, event, but=connection)

    async def on_list(self, connection: Connection, _: Nothing) -> Mapping[str, Any]:
        """My saved messages in the rooms that I may read now, the newest first: `{items, more}`,
        each with `at`, `room` and `message`. `more`: the oldest are left out, as all of them are
        too long for one answer.
        """
        return cast(Mapping[str, Any], await self.listed(connection.caller.user))

    async def on_ids(self, connection: Connection, _: Nothing) -> dict[str, Any]:
        """The ids of all messages on my own list of saved ones: `{ids}`."""
        return {"ids": await self.ids(connection.caller.user)}


EVENTS: ClientEvents = {
    "message:save": ClientEvent(SaveMessage, SavedMessages.on_save),
    "saved:list": ClientEvent(Nothing, SavedMessages.on_list),
    "saved:ids": ClientEvent(Nothing, SavedMessages.on_ids),
}
