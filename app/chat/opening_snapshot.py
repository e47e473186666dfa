"""The part of a room that its page begins with, so that it is painted where the person reads on."""

from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Raw

from app.accounts.models import User
from app.chat.message_context import MessageContext
from app.chat.message_pages import SNAPSHOT_ITEMS
from app.chat.models import ReadContext
from app.chat.payload_types import Snapshot
from app.chat.timeline import Timeline
from app.web.templates import inert

# Around the last read message: as many as the page shows otherwise, on either side.
AROUND = 2 * SNAPSHOT_ITEMS


class OpeningSnapshot:
    """Makes the snapshot in the page of a room. `opens_at_unread` says whether a person wants to
    begin with the first unread message, rather than with the newest one."""

    def __init__(
        self,
        timeline: Timeline,
        context: MessageContext,
        opens_at_unread: Callable[[User], Awaitable[bool]],
    ) -> None:
        self._timeline = timeline
        self._context = context
        self._opens_at_unread = opens_at_unread

    async def of(self, user: User, reference: str) -> Snapshot:
        """The newest messages of a room, or where the first unread one is not among them, those
        around it. Raises NotFound."""
        snapshot = await self._timeline.snapshot(user, reference)
        read, room = snapshot["last_read"], snapshot["room"]
        # Where nothing was read, a room opens at its end.
        is_far = room["unread"] >= SNAPSHOT_ITEMS and read > 0 and snapshot["older"]
        if not is_far or not await self._opens_at_unread(user):
            return snapshot
        asked = ReadContext(room=room["id"], seq=read, limit=AROUND)
        _, found = await self._context.around(user, asked)
        items = Raw(inert(msgspec.json.encode(found["items"])))
        return {**snapshot, "items": items, "older": found["older"], "newer": found["newer"]}
