"""Pinned messages: any member of a room pins what everybody there shall find again."""

from msgspec import Struct
from msgspec.structs import replace

from app.accounts.models import User
from app.chat.access import Access, membership_guard, must_be_readable
from app.chat.message_lists import first_fitting, wanted_ids
from app.chat.messages import must_be_message
from app.chat.models import InRoom, Reference, RoomNotFound
from app.chat.ordered_lock import OrderedLocks
from app.chat.payload_types import PinsAnswer
from app.chat.pins.pinned_ids import PINS_PER_ROOM, is_pinned
from app.chat.pins.store import PinStore, adds_pin, removes_pin
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer
from app.chat.stream_changes import StreamChanges
from app.errors import Conflict
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer, ClientEvent, ClientEvents
from app.streams.log import Log
from app.streams.models import Amendment, Change, Item
from app.streams.page_reads import PageReads
from app.times import rfc3339


class PinMessage(Struct, kw_only=True):
    room: Reference
    id: Reference


class Pins:
    """Pins messages and lists them. The message itself has `pinned {by, at}`."""

    def __init__(
        self,
        store: PinStore,
        access: Access,
        changes: StreamChanges,
        log: Log,
        serializer: Serializer,
        reads: PageReads,
    ) -> None:
        self._store = store
        self._access = access
        self._changes = changes
        self._log = log
        self._serializer = serializer
        self._reads = reads
        # By room: its pins are counted and added in one request at a time.
        self._locks = OrderedLocks()

    async def pin(self, caller: User, asked: PinMessage) -> int:
        """Pin a message; the rev of the change. Raises NotFound, Forbidden, and Conflict where the
        room has as many pinned messages as there can be.
        """
        at = self._changes.now()
        mark = {"by": caller.id, "at": rfc3339(at)}

        def amend(item: Item) -> Item:
            must_be_message(item)
            return item if is_pinned(item) else replace(item, body=item.body | {"pinned": mark})

        view = await self._access.writable(caller, asked.room)
        async with self._locks.hold(view.room.id):
            await self._must_have_room(view, asked.id)
            change = self._amendment(view, caller, asked.id, amend, "pin")
            write = adds_pin(view.room.id, asked.id, at)
            return await self._changes.commit(replace(change, writes=(write,)))

    async def unpin(self, caller: User, asked: PinMessage) -> int:
        """Take a pin away, whoever pinned the message; the rev of the change.

        Raises NotFound, Forbidden.
        """

        def amend(item: Item) -> Item:
            must_be_message(item)
            body = {name: value for name, value in item.body.items() if name != "pinned"}
            return replace(item, body=body) if "pinned" in item.body else item

        view = await self._access.writable(caller, asked.room)
        async with self._locks.hold(view.room.id):
            change = self._amendment(view, caller, asked.id, amend, "unpin")
            write = removes_pin(view.room.id, asked.id)
            return await self._changes.commit(replace(change, writes=(write,)))

    def _amendment(
        self, view: RoomView, caller: User, item_id: str, amend: Amendment, asked: str
    ) -> Change:
        guard = membership_guard(view, caller)
        return self._changes.amendment(
            view.room, caller, item_id, amend, asked=(asked,), client_id=None, guard=guard
        )

    async def _must_have_room(self, view: RoomView, item_id: str) -> None:
        held = [pin.message for pin in await self._store.of(view.room.id, PINS_PER_ROOM + 1)]
        if len(held) < PINS_PER_ROOM or item_id in held:
            return
        there = await wanted_ids(self._log, held, is_pinned)
        gone = [message for message in held if message not in there]
        if not gone:
            raise Conflict(f"A room has at most {PINS_PER_ROOM} pinned messages; unpin one first.")
        await self._store.remove(view.room.id, gone)

    async def listed(self, caller: User, reference: str) -> tuple[RoomView, PinsAnswer]:
        """The pinned messages of a room that the caller may read, the newest pin first.

        Raises NotFound.
        """
        view = await self._access.readable(caller, reference)
        async with self._reads.hold(caller.id):
            return view, await self._listed(caller, view)

    async def _listed(self, caller: User, view: RoomView) -> PinsAnswer:
        held = [pin.message for pin in await self._store.of(view.room.id, PINS_PER_ROOM)]
        pinned, more = await first_fitting(self._log, held, is_pinned)
        await self._serializer.warm(pinned)
        must_be_readable(view, caller)
        messages = [self._serializer.message(item, caller.id) for item in pinned]
        return {"items": messages, "more": more}

    # Over Socket.IO and `/ws`.

    async def on_pin(self, connection: Connection, request: PinMessage) -> dict[str, int]:
        """Pin a message for everybody in the room: `{rev}`. The message has `pinned {by, at}`."""
        return {"rev": await self.pin(connection.caller.user, request)}

    async def on_unpin(self, connection: Connection, request: PinMessage) -> dict[str, int]:
        """Take a pin away: `{rev}`."""
        return {"rev": await self.unpin(connection.caller.user, request)}

    async def on_list(self, connection: Connection, request: InRoom) -> Answer:
        """The pinned messages of a room, the newest pin first: `{items, more}`. `more`: the oldest
        are left out, as all of them are too long for one answer.
        """
        view, answer = await self.listed(connection.caller.user, request.room)
        return Answer(answer, stream=view.room.id, revoked=RoomNotFound)


EVENTS: ClientEvents = {
    "message:pin": ClientEvent(PinMessage, Pins.on_pin),
    "message:unpin": ClientEvent(PinMessage, Pins.on_unpin),
    "pins:list": ClientEvent(InRoom, Pins.on_list),
}
