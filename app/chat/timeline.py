"""Reading a room: joining, resuming from a cursor, history, and marking as read."""

from collections.abc import Callable

from app.accounts.models import User
from app.chat.access import Access, must_be_readable
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.member_lists import MemberLists, ShownMembers
from app.chat.memberships import Memberships
from app.chat.message_notifier import MessageNotifier
from app.chat.message_pages import EncodedPage, MessagePages
from app.chat.models import JoinRoom
from app.chat.payload_types import (
    HistoryAnswer,
    JoinAnswer,
    MessageDocument,
    RoomState,
    Snapshot,
    SyncAnswer,
)
from app.chat.pins.pinned_ids import PinnedIds
from app.chat.room_list import RoomList
from app.chat.room_view import RoomView
from app.chat.serializer import Serializer, size
from app.chat.store import ChatStore
from app.chat.subscribers import Subscriber
from app.errors import NotFound
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch
from app.streams.page_reads import PageReads
from app.streams.portions import nearest


class Timeline:
    """Answers the requests that read a room."""

    def __init__(
        self,
        access: Access,
        memberships: Memberships,
        room_list: RoomList,
        log: Log,
        hub: Hub,
        pages: MessagePages,
        reads: PageReads,
        member_lists: MemberLists,
        serializer: Serializer,
        ephemeral: EphemeralEvents,
        store: ChatStore,
        pinned_ids: PinnedIds,
        notifier: MessageNotifier,
    ) -> None:
        self._access = access
        self._memberships = memberships
        self._room_list = room_list
        self._log = log
        self._hub = hub
        self._pages = pages
        self._reads = reads
        self._member_lists = member_lists
        self._serializer = serializer
        self._ephemeral = ephemeral
        self._store = store
        self._pinned_ids = pinned_ids
        self._notifier = notifier

    async def join(
        self, caller: User, view: RoomView, subscriber: Subscriber, asked: JoinRoom
    ) -> tuple[JoinAnswer, Callable[[], None]]:
        """The answer to `room:join`, and a function to call once it is sent: from then on live
        batches reach the subscriber, and in a large room the presence of those in the answer. An
        open room takes the caller in as a member.

        Raises NotFound, Conflict.
        """
        if not view.has(caller.id) and not view.room.archived:
            await self._memberships.join(view, caller)
        self._hub.follow(view.room.stream, subscriber)
        try:
            page = await self._page(caller, view, asked.cursor)
            state, shown = await self._state(view, caller)
            if shown.rev == asked.members_rev:
                del state["members"]
            answer: JoinAnswer = {**page.answer, **state}
            must_be_readable(view, caller)
        except BaseException:
            self._leave(view, subscriber)
            raise

        def release() -> None:
            self._release(view, subscriber, page.rev)
            if view.room.id in subscriber.rooms and view.is_large:
                subscriber.watched[view.room.id] = shown.ids

        return answer, release

    def _leave(self, view: RoomView, subscriber: Subscriber) -> None:
        subscriber.leave(view.room.id)
        self._hub.unfollow(view.room.stream, subscriber)

    def _release(self, view: RoomView, subscriber: Subscriber, rev: int) -> None:
        is_allowed = view.has(subscriber.connection.user_id) or view.room.archived
        if (
            subscriber.is_gone
            or not is_allowed
            or not self._hub.is_held(view.room.stream, subscriber)
        ):
            # It left, or its person was removed, while the answer was made.
            self._leave(view, subscriber)
            return
        subscriber.rooms.add(view.room.id)
        if not self._hub.release(view.room.stream, subscriber, rev):
            # The held batches do not continue at `rev`: a batch without items shows the client
            # the gap, and it syncs.
            self._hub.release(view.room.stream, subscriber, view.rev)
            subscriber.deliver(Batch(view.room.stream, view.rev, view.rev, []))

    async def snapshot(self, caller: User, reference: str) -> Snapshot:
        """The newest messages of a room with its state, to stand in its page."""
        view = await self._access.readable(caller, reference)
        page = await self._page(caller, view, None)
        state, _ = await self._state(view, caller)
        snapshot: Snapshot = {
            **page.answer,
            **state,
            "items": page.in_script,
            "newer": False,
        }
        must_be_readable(view, caller)
        return snapshot

    async def sync(self, caller: User, view: RoomView, cursor: int) -> SyncAnswer:
        """The answer to `room:sync`. Raises NotFound where the caller may no longer read."""
        page = await self._page(caller, view, cursor)
        must_be_readable(view, caller)
        return page.answer

    async def _page(self, caller: User, view: RoomView, cursor: int | None) -> EncodedPage:
        async with self._reads.hold(caller.id):
            return await self._pages.since(view, cursor, caller.id)

    async def _state(self, view: RoomView, caller: User) -> tuple[RoomState, ShownMembers]:
        # The members are read last: what changes after them comes in the batches that are held
        # until the release.
        room = await self._room_list.entry(view, caller)
        pins = await self._pinned_ids.of(view)
        members = self._member_lists.of(view)
        shown = await members.shown()
        state: RoomState = {
            "room": room,
            "members": shown.members,
            "member_count": len(view.members),
            "members_rev": shown.rev,
            "reads": members.reads(),
            "last_read": view.read_seq(caller.id),
            "pins": pins,
        }
        if view.is_large:
            state["online"] = members.online
        return state, shown

    async def history(
        self,
        caller: User,
        view: RoomView,
        limit: int,
        *,
        before: int | None = None,
        after: int | None = None,
    ) -> HistoryAnswer:
        """Up to `limit` messages between two exclusive seqs, in the order of seq.

        Raises NotFound where the caller may no longer read.
        """
        async with self._reads.hold(caller.id):
            items, more = await self._log.page(view.room.stream, limit, before=before, after=after)
            kept = nearest(items, size, is_forward=after is not None)
            more = more or len(kept) < len(items)
            await self._serializer.warm(kept)
        must_be_readable(view, caller)
        return {"items": [self._serializer.message(item, caller.id) for item in kept], "more": more}

    async def message(self, caller: User, reference: str, item_id: str) -> MessageDocument:
        """One message of a room that the caller may read. Raises NotFound."""
        view = await self._access.readable(caller, reference)
        item = await self._log.item(view.room.stream, item_id)
        if item is None:
            raise NotFound("There is no such message.")
        await self._serializer.warm([item])
        must_be_readable(view, caller)
        return self._serializer.message(item, caller.id)

    async def mark_read(self, caller: User, reference: str, seq: int, *, devices: int = 1) -> int:
        """Mark as read up to `seq`, on every device; returns how many are unread after it.

        `devices` is how many connections of the caller know by this. Raises NotFound, Forbidden.
        """
        view = await self._access.joined(caller, reference)
        seq = min(seq, view.rev)
        if seq > view.read_seq(caller.id):
            # Stored first: otherwise it would be unread again after a restart.
            await self._store.mark_read(view.room.id, caller.id, seq)
            view.mark_read(caller.id, seq)
            self._ephemeral.read(view, caller.id, devices=devices)
        unread, _ = await self._room_list.unread(view, caller)
        if not unread:
            await self._notifier.read(caller.id, view.room)
        return unread

    async def mark_unread(self, caller: User, reference: str, seq: int) -> int:
        """Have this message and the later ones unread, on every device; returns how many are.

        Their lists of rooms show it by `room:updated`. Raises NotFound, Forbidden.
        """
        view = await self._access.joined(caller, reference)
        read_seq = max(min(seq, view.rev) - 1, 0)
        if read_seq < view.read_seq(caller.id):
            reading = await self._store.mark_unread(view.room.id, caller.id, read_seq)
            if reading is not None and view.take_reading(caller.id, reading):
                self._ephemeral.unread(view, caller.id)
        unread, _ = await self._room_list.unread(view, caller)
        return unread
