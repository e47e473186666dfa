"""Drafts: texts that people have not sent yet, kept so that they follow them to other devices."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, to_builtins

from app.accounts.models import User
from app.chat.access import Access
from app.chat.drafts.store import Draft, DraftStore
from app.chat.message_body import measured_text
from app.chat.models import Nothing, Reference
from app.chat.ordered_lock import OrderedLocks
from app.chat.own_devices import OwnDevices
from app.errors import Invalid
from app.lengths import Written
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent, ClientEvents
from app.realtime.server_event import Event
from app.streams.page_reads import PageReads
from app.times import rfc3339

DRAFTS_PER_PERSON = 200
# The texts in one answer; a packet has at most twice as many bytes.
LISTED_BYTES = 512 * 1024


class SetDraft(Struct, kw_only=True):
    room: Reference
    text: Written
    thread: Reference | None = None
    reply_to: Reference | None = None


class Drafts:
    """Sets and lists the drafts of one person, in the rooms that they are in at that moment."""

    def __init__(
        self,
        store: DraftStore,
        access: Access,
        devices: OwnDevices,
        clock: Callable[[], datetime],
        reads: PageReads,
    ) -> None:
        self._store = store
        self._access = access
        self._devices = devices
        self._clock = clock
        self._reads = reads
        # By person: their drafts are counted and added in one request at a time.
        self._locks = OrderedLocks()

    async def set(self, user: User, asked: SetDraft) -> Draft:
        """Store a draft; one without text removes it. Raises NotFound, Forbidden, TooLarge, and
        Invalid where the person has as many drafts as there can be.
        """
        text = measured_text(asked.text)
        async with self._locks.hold(user.id):
            view = await self._access.joined(user, asked.room)
            draft = Draft(
                room=view.room.id,
                text=text,
                at=rfc3339(self._clock()),
                thread=asked.thread or UNSET,
                reply_to=asked.reply_to or UNSET,
            )
            if text:
                await self._make_room(user, draft)
                await self._store.put(user.id, draft)
            else:
                await self._store.remove(user.id, draft)
        return draft

    async def _make_room(self, user: User, draft: Draft) -> None:
        is_full = await self._store.count(user.id) >= DRAFTS_PER_PERSON
        if not is_full or await self._store.has(user.id, draft):
            return
        if not await self._store.remove_outside(user.id, await self._access.room_ids(user)):
            raise Invalid(f"You have {DRAFTS_PER_PERSON} drafts; send or empty one first.")

    async def listed(self, user: User) -> tuple[list[Draft], bool]:
        """The person's drafts in the rooms that they are in, the newest first, and whether the
        oldest are left out because all of them would be too long for one answer.
        """
        async with self._reads.hold(user.id):
            mine = await self._access.room_ids(user)
            return await self._store.newest(user.id, mine, LISTED_BYTES)

    async def forget(self, user: User) -> None:
        """Remove all drafts of a person whose account was deleted."""
        await self._store.remove_all(user.id)

    # Over Socket.IO and `/ws`.

    async def on_set(self, connection: Connection, request: SetDraft) -> dict[str, Any]:
        """Keep what I am writing in a room, or in a `thread` of it, for my other devices: `{at}`.
        An empty text removes it. My other connections get it as `draft`.
        """
        draft = await self.set(connection.caller.user, request)
        event = Event("draft", to_builtins(draft), draft.room)
        self._devices.tell(connection.user_id, event, but=connection)
        return {"at": draft.at}

    async def on_list(self, connection: Connection, _: Nothing) -> dict[str, Any]:
        """My drafts in the rooms that I am in, the newest first: `{items, more}`, each with `room`,
        `text`, `at`, and `thread` and `reply_to` where it has them. `more`: the oldest are left
        out, as all of them are too long for one answer.
        """
        items, more = await self.listed(connection.caller.user)
        return {"items": to_builtins(items), "more": more}


EVENTS: ClientEvents = {
    "draft:set": ClientEvent(SetDraft, Drafts.on_set),
    "drafts:list": ClientEvent(Nothing, Drafts.on_list),
}
