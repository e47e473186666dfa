"""Deletes notifications that were read long ago, and old broadcasts; never unread ones.

Each round deletes below the floors that were raised at least ten minutes ago, then raises new ones.
"""

from datetime import datetime, timedelta

from app.accounts.models import User
from app.notifications.models import BROADCASTS, inbox_of
from app.notifications.store import CursorStore, InboxStore
from app.storage.background import every
from app.streams.log import Log
from app.streams.retention_floors import Floors
from app.times import Clock

EVERY_S = 900.0
GRACE = timedelta(minutes=10)
# So long a repeat under the same key is recognised.
BROADCASTS_KEPT = timedelta(days=7)
STREAMS_A_ROUND = 1_000


class Retention:
    """`after_s`: for how many seconds a notification is kept after it was read."""

    def __init__(
        self,
        store: InboxStore,
        cursor: CursorStore,
        floors: Floors,
        log: Log,
        clock: Clock,
        after_s: float,
    ) -> None:
        self._store = store
        self._cursor = cursor
        self._floors = floors
        self._log = log
        self._clock = clock
        self._after = timedelta(seconds=after_s)

    async def run(self) -> None:
        """Run a round every 15 minutes until cancelled."""
        await every(EVERY_S, self.round, "retention")

    async def round(self) -> None:
        """Delete below old floors, then raise the floors."""
        await self.delete()
        await self.raise_floors()

    async def raise_floors(self) -> None:
        """Raise the floors, so that cursors below them are answered with a snapshot from now on."""
        now = self._clock()
        for stream, highest in (await self._store.expired(now - self._after)).items():
            await self._raise(stream, highest, now)
        await self._raise(BROADCASTS, await self._done_broadcasts(now), now)

    async def _done_broadcasts(self, now: datetime) -> int:
        """The rev of the newest broadcast that is worked off and a week old."""
        rev, _ = await self._cursor.read()
        return await self._store.last_before(BROADCASTS, now - BROADCASTS_KEPT, rev)

    async def _raise(self, stream: str, highest: int, now: datetime) -> None:
        # The head is never deleted, so that its rev is not claimed again.
        floor = min(highest, await self._log.head(stream) - 1)
        if floor > 0:
            await self._floors.raise_to(stream, floor, now)

    async def delete(self) -> None:
        """Delete below the floors that all nodes know by now."""
        now = self._clock()
        read = {"body.read_at": {"$lt": now - self._after}}
        due = now - GRACE
        for stream, floor in (await self._floors.due(inbox_of(""), due, STREAMS_A_ROUND)).items():
            await self._floors.delete_below(stream, floor, read)
        old = {"at": {"$lt": now - BROADCASTS_KEPT}}
        for stream, floor in (await self._floors.due(BROADCASTS, due, 1)).items():
            await self._floors.delete_below(stream, floor, old)

    async def forget(self, user: User) -> None:
        """Empty the inbox of a person who deleted their account; its head keeps its rev."""
        await self._floors.empty(inbox_of(user.id))
