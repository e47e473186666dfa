"""A person's own notifications: read, list, mark and put away.

Always through the inbox of the one who asks, so that nobody reaches another's.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from app.errors import Invalid, NotFound
from app.notifications.models import ListInbox, MarkRead, State, fingerprint, inbox_of
from app.notifications.sender import submit_all
from app.notifications.serializer import Serializer, size
from app.notifications.state_changes import mark_archived, mark_read
from app.notifications.store import InboxStore
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Amendment, Change
from app.streams.portions import nearest, shortened

SNAPSHOT_ITEMS, SYNC_ENTRIES = 100, 200
MARKED_AT_ONCE = 200

Answer = dict[str, Any]


class Inbox:
    """Answers in wire form. `unread` is always a count of what is on disk at that moment."""

    def __init__(
        self,
        store: InboxStore,
        reads: Log,
        committer: Committer,
        serializer: Serializer,
        new_id: Callable[[], str],
        clock: Callable[[], datetime],
        at_once: int = MARKED_AT_ONCE,
    ) -> None:
        self._store = store
        self._reads = reads
        self._committer = committer
        self._serializer = serializer
        self._new_id = new_id
        self._clock = clock
        self._at_once = at_once

    async def state(self, user_id: str, newest: int = SNAPSHOT_ITEMS) -> State:
        """Head, unread count and newest unread ones of one instant."""
        state = await self._store.state(inbox_of(user_id), newest)
        await self._serializer.warm(state.items)
        return state

    async def unread(self, user_id: str) -> int:
        """How many are unread."""
        return await self._store.unread(inbox_of(user_id))

    async def sync(self, user_id: str, cursor: int) -> Answer:
        """What `cursor` has missed."""
        page = await self._reads.sync(inbox_of(user_id), cursor, SYNC_ENTRIES, SNAPSHOT_ITEMS)
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

    async def find(self, user_id: str, item_id: str) -> Answer | None:
        """One notification of this person, None where there is none or it was taken back."""
        item = await self._reads.item(inbox_of(user_id), item_id)
        if item is None or item.deleted:
            return None
        await self._serializer.warm([item])
        return self._serializer.notification(item)

    async def list(self, user_id: str, asked: ListInbox) -> Answer:
        """The backlog between two exclusive seqs, in seq order."""
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
        """Mark as read on every device; how many are unread after it. Raises NotFound, Invalid."""
        if asked.all:
            return await self.read_all(user_id)
        if not asked.ids:
            raise Invalid("Name the notifications to mark as read, or all.", field="ids")
        return await self._amend(user_id, asked.ids, mark_read(self._clock()))

    async def archive(self, user_id: str, ids: Iterable[str]) -> Answer:
        """Put away on every device; how many are unread after it. Raises NotFound."""
        return await self._amend(user_id, ids, mark_archived(self._clock()))

    async def read_all(self, user_id: str) -> Answer:
        """Mark everything that is unread at this moment; what comes meanwhile stays unread."""
        stream = inbox_of(user_id)
        head = await self._reads.head(stream)
        while ids := await self._store.unread_ids(stream, head, self._at_once):
            await self._submit(stream, user_id, ids, mark_read(self._clock()))
        return {"unread": await self.unread(user_id)}

    async def read_room(self, user_id: str, room_id: str) -> None:
        """Mark everything of a room: this person has just read the room itself."""
        stream = inbox_of(user_id)
        ids = await self._store.unread_ids_of(stream, room_id, self._at_once)
        if ids:
            await self._submit(stream, user_id, ids, mark_read(self._clock()))

    async def _amend(self, user_id: str, ids: Iterable[str], amend: Amendment) -> Answer:
        """All of `ids` or none: one that is not in this person's inbox refuses the rest."""
        stream, wanted = inbox_of(user_id), list(dict.fromkeys(ids))
        if await self._store.present(stream, wanted) != set(wanted):
            raise NotFound("There is no such notification.", field="ids")
        for start in range(0, len(wanted), self._at_once):
            await self._submit(stream, user_id, wanted[start : start + self._at_once], amend)
        return {"unread": await self.unread(user_id)}

    async def _submit(
        self, stream: str, user_id: str, ids: Iterable[str], amend: Amendment
    ) -> None:
        await submit_all(
            self._committer,
            [
                Change(
                    id=self._new_id(),
                    stream=stream,
                    sender=user_id,
                    client_id=self._new_id(),
                    fingerprint=fingerprint(item_id),
                    at=self._clock(),
                    of=item_id,
                    amend=amend,
                )
                for item_id in ids
            ],
        )
