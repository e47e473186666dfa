"""Puts recorded broadcasts into the inboxes, portion by portion, from a durable cursor.

Every node works off what is not done yet. The id of a notification is computed from its key and
its recipient, so nothing happens twice where two nodes, or one after a crash, do the same portion.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from app.errors import Unavailable
from app.notifications.inbox_changes import InboxChanges
from app.notifications.models import BROADCASTS, SERVICE, Broadcast, fingerprint
from app.notifications.store import CursorStore
from app.storage.background import every, next_news
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch, Change, Committed, Item

CHUNK = 100
CHUNKS_A_MARK = 10
LOOK_EVERY_S = 5.0
RETRY_S = 0.25

logger = structlog.get_logger("broadcasts")

MaySend = Callable[[str, str | None], Awaitable[bool]]
"""Whether a sender, by the ids of the person and of their token, may still send."""


class BroadcastWorker:
    """A follower of the stream `broadcasts`, in portions of `chunk` people.

    `may_send` is asked before each portion: a broadcast ends where its sender lost the right.
    """

    def __init__(
        self,
        log: Log,
        hub: Hub,
        committer: Committer,
        cursor: CursorStore,
        changes: InboxChanges,
        may_send: MaySend,
        chunk: int = CHUNK,
    ) -> None:
        self._log = log
        self._hub = hub
        self._committer = committer
        self._cursor = cursor
        self._inbox_changes = changes
        self._may_send = may_send
        self._chunk = chunk
        self._news = asyncio.Event()

    def deliver(self, _: Batch) -> None:
        """The stream has new entries."""
        self._news.set()

    async def run(self) -> None:
        """Work broadcasts off until cancelled."""
        await every(RETRY_S, self._follow, "broadcasts")

    async def _follow(self) -> None:
        await self._hub.join(BROADCASTS, self)
        while True:
            await self.catch_up()
            await next_news(self._news, LOOK_EVERY_S)

    async def catch_up(self) -> None:
        """Work off everything from the durable cursor to the head. Raises DatabaseError."""
        while True:
            rev, done = await self._cursor.read()
            page = await self._log.since(BROADCASTS, rev, 1)
            if page.rev == rev:
                return
            for entry in page.items:
                await self._expand(entry, msgspec.convert(entry.body, Broadcast), done)
            await self._cursor.advance(page.rev, 0)

    async def _expand(self, entry: Item, broadcast: Broadcast, done: int) -> None:
        """Put one broadcast into the inboxes; its first `done` recipients have it."""
        if broadcast.is_delivered:
            return
        people = broadcast.to
        for number, start in enumerate(range(done, len(people), self._chunk), 1):
            if not await self._is_allowed(entry, broadcast):
                logger.info("a broadcast ends", by=entry.sender, reached=start, of=len(people))
                return
            some = people[start : start + self._chunk]
            await self._commit(await self._changes(entry, broadcast, some))
            if number % CHUNKS_A_MARK == 0:
                await self._cursor.advance(entry.seq - 1, start + len(some))

    async def _is_allowed(self, entry: Item, broadcast: Broadcast) -> bool:
        """Withdrawals, and notices of what happened in a room, need no sender's right."""
        if entry.sender == SERVICE or broadcast.is_withdrawal:
            return True
        return await self._may_send(entry.sender, broadcast.token)

    async def _changes(
        self, entry: Item, broadcast: Broadcast, some: Sequence[str]
    ) -> tuple[Change, ...]:
        key, by = broadcast.key, entry.sender
        if broadcast.notice is None:
            return await self._inbox_changes.withdrawals(some, key, by)
        return await self._inbox_changes.additions(
            some, broadcast.notice, key, by, fingerprint(key)
        )

    async def _commit(self, changes: tuple[Change, ...]) -> None:
        """Commit one portion, waiting for it, so that what others send overtakes the next."""
        left = changes
        while left:
            tried = await asyncio.gather(*map(self._committer.submit, left), return_exceptions=True)
            left = tuple(c for c, r in zip(left, tried, strict=True) if must_retry(c, r))
            if left:
                await asyncio.sleep(RETRY_S)


def must_retry(change: Change, result: Committed | BaseException) -> bool:
    """Whether to submit `change` again: the queue was full, or the database away."""
    if isinstance(result, Unavailable):
        return True
    if isinstance(result, BaseException):
        # A notification that can't be stored must not hold up those of others.
        logger.error("a notification failed", stream=change.stream, exc_info=result)
    return False
