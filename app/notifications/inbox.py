"""A person's own notifications: list, sync, mark as read, archive.

Every method takes the id of the person who asks, so no one reaches another person's inbox.
"""

from collections.abc import Iterable
from typing import Any

from app.errors import Invalid, NotFound
from app.notifications.inbox_changes import InboxChanges, mark_archived, mark_read
from app.notifications.models import ListInbox, MarkRead, State, inbox_of
from app.notifications.sender import submit_all
from app.notifications.serializer import Serializer, WireNotification, size
from app.notifications.store import InboxStore
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Amendment
from app.streams.portions import nearest, shortened
from app.times import Clock

SNAPSHOT_ITEMS, SYNC_ENTRIES = 100, 200
MARKED_AT_ONCE = 200

Answer = dict[str, Any]
"""An answer of docs/PROTOCOL.md, without `ok`: it holds `unread`, the count on disk by now."""


class Inbox:
    """`at_once` is the number of changes that are submitted together."""

    def __init__(
        self,
        store: InboxStore,
        log: Log,
        committer: Committer,
        serializer: Serializer,
        changes: InboxChanges,
        clock: Clock,
        at_once: int = MARKED_AT_ONCE,
    ) -> None:
        self._store = store
        self._log = log
        self._committer = committer
        self._serializer = serializer
        self._changes = changes
        self._clock = clock
        self._at_once = at_once

    async def state(self, user_id: str, newest: int = SNAPSHOT_ITEMS) -> State:
        """Head, unread count and the `newest` unread notifications, all of one instant."""
        state = await self._store.state(inbox_of(user_id), newest)
        await self._serializer.warm(state.items)
        return state

    async def unread(self, user_id: str) -> int:
        """How many are unread."""
        return await self._store.unread(inbox_of(user_id))

    async def sync(self, user_id: str, cursor: int) -> Answer:
        """The changes after `cursor`: `{rev, items, more, reset, older, unread}`."""
        page = await self._log.sync(inbox_of(user_id), cursor, SYNC_ENTRIES, SNAPSHOT_ITEMS)
        page = shortened(page, size, is_snapshot=page.reset)
        await self._serializer.warm(page.items)
        return {
            "rev": page.rev,
            "items": self._serializer.all(page.items),
            "more": page.more,
            "reset": page.reset,
            "older": page.older,
            "unread": await self.unread(user_id),
        }

    async def find(self, user_id: str, item_id: str) -> WireNotification | None:
        """One notification of this person; None if it does not exist or was withdrawn."""
        item = await self._log.item(inbox_of(user_id), item_id)
        if item is None or item.deleted:
            return None
        await self._serializer.warm([item])
        return self._serializer.notification(item)

    async def list(self, user_id: str, asked: ListInbox) -> Answer:
        """A page between two exclusive seqs, in seq order: `{items, more, unread}`."""
        wanted: dict[str, object] = {} if asked.archived else {"archived": False}
        if asked.category is not None:
            wanted["category"] = asked.category
        items, more = await self._store.page(
            inbox_of(user_id),
            asked.limit,
            before=asked.before,
            after=asked.after,
            unread=asked.unread,
            **wanted,
        )
        kept = nearest(items, size, is_forward=asked.after is not None)
        await self._serializer.warm(kept)
        return {
            "items": self._serializer.all(kept),
            "more": more or len(kept) < len(items),
            "unread": await self.unread(user_id),
        }

    async def read(self, user_id: str, asked: MarkRead) -> Answer:
        """Mark as read on every device: `{unread}`. Raises NotFound, Invalid."""
        if asked.all:
            return await self.read_all(user_id)
        if not asked.ids:
            raise Invalid("Name the notifications to mark as read, or all.", field="ids")
        return await self._amend(user_id, asked.ids, mark_read(self._clock()))

    async def archive(self, user_id: str, ids: Iterable[str]) -> Answer:
        """Archive on every device: `{unread}`. Raises NotFound."""
        return await self._amend(user_id, ids, mark_archived(self._clock()))

    async def read_all(self, user_id: str) -> Answer:
        """Mark everything as read that is unread now; what comes meanwhile stays unread."""
        stream = inbox_of(user_id)
        head = await self._log.head(stream)
        while ids := await self._store.unread_ids(stream, self._at_once, up_to=head):
            await self._submit(stream, user_id, ids, mark_read(self._clock()))
        return {"unread": await self.unread(user_id)}

    async def read_room(self, user_id: str, room_id: str) -> None:
        """Mark the notifications of a room as read, because this person has read the room."""
        stream = inbox_of(user_id)
        ids = await self._store.unread_ids(stream, self._at_once, room=room_id)
        if ids:
            await self._submit(stream, user_id, ids, mark_read(self._clock()))

    async def _amend(self, user_id: str, ids: Iterable[str], amend: Amendment) -> Answer:
        """Amend all of `ids`, or none if one is not in this person's inbox."""
        stream, wanted = inbox_of(user_id), list(dict.fromkeys(ids))
        if await self._store.existing_in(stream, wanted) != set(wanted):
            raise NotFound("There is no such notification.", field="ids")
        for start in range(0, len(wanted), self._at_once):
            await self._submit(stream, user_id, wanted[start : start + self._at_once], amend)
        return {"unread": await self.unread(user_id)}

    async def _submit(
        self, stream: str, user_id: str, ids: Iterable[str], amend: Amendment
    ) -> None:
        changes = (self._changes.amendment(stream, each, user_id, amend) for each in ids)
        await submit_all(self._committer, changes)
