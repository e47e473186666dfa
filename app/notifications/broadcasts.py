"""Notices to many: one durable entry that names them all, worked off into their inboxes.

Acknowledged after the entry's commit. Each node works off what is not done yet, from a durable
cursor; the ids of the notifications come from key and person, so twice does no harm.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from app.accounts.users import Users
from app.errors import Unavailable
from app.notifications.models import (
    BROADCASTS,
    RECIPIENTS_AT_ONCE,
    SERVICE,
    Notice,
    fingerprint,
    notice_from,
)
from app.notifications.store import CursorStore
from app.storage.errors import DatabaseError
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch, Change, Committed, Item

CHUNK = 100
PAGE_OF_USERS = 500
CHUNKS_A_MARK = 10
LOOK_EVERY_S = 5.0
RETRY_S = 0.25

log = structlog.get_logger("broadcasts")


# Whether a sender may still, by their id and that of the token that they used, if they did.
MaySend = Callable[[str, str | None], Awaitable[bool]]


class Makes(Protocol):
    """Who makes the changes of inboxes: `sender.InboxChanges`."""

    async def additions(
        self, user_ids: Sequence[str], notice: Notice, key: str, by: str, asked: bytes
    ) -> tuple[Change, ...]: ...

    async def withdrawals(
        self, user_ids: Iterable[str], key: str, by: str = SERVICE
    ) -> tuple[Change, ...]: ...


class Broadcasts:
    """The record of what was sent to many, or under a sender's own key."""

    def __init__(
        self,
        reads: Log,
        committer: Committer,
        users: Users,
        new_id: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._reads = reads
        self._committer = committer
        self._users = users
        self._new_id = new_id
        self._clock = clock

    async def record(
        self,
        recipients: list[str],
        notice: Notice,
        key: str,
        by: str,
        asked: bytes,
        *,
        is_delivered: bool = False,
        part: int = 0,
        token: str | None = None,
    ) -> Committed:
        """Commit the entry. `is_delivered`: the sender sees to the inboxes at once; `token` is what
        they proved their right with.

        The first part of several has the plain key, so that other content under it is a conflict.
        """
        # NUL is in no key that anybody can send.
        client_id = f"{key}\0{part}" if part else key
        body = {
            "key": key,
            "notice": msgspec.to_builtins(notice),
            "to": recipients,
            "is_delivered": is_delivered,
        }
        if token is not None:
            body["token"] = token
        return await self._committer.submit(self._entry(client_id, by, asked, body))

    def announcing(self, recipients: list[str], notice: Notice, key: str, by: str) -> Change:
        """The entry of a notice to many, to commit along with what it tells of."""
        body = {
            "key": key,
            "notice": msgspec.to_builtins(notice),
            "to": recipients,
            "is_delivered": False,
        }
        return self._entry(key, by, fingerprint(key), body)

    def withdrawing(self, recipients: list[str], key: str, by: str) -> Change:
        """The entry that takes the notice of `key` back from many; worked off after its sending."""
        body = {"key": key, "to": recipients, "is_delivered": False, "is_withdrawal": True}
        return self._entry(f"{key}\0withdrawn", by, fingerprint(key), body)

    def _entry(self, client_id: str, by: str, asked: bytes, body: dict[str, object]) -> Change:
        return Change(
            id=self._new_id(),
            stream=BROADCASTS,
            sender=by,
            client_id=client_id,
            fingerprint=asked,
            at=self._clock(),
            body=body,
        )

    async def record_for_all(
        self, notice: Notice, key: str, by: str, token: str | None = None
    ) -> tuple[list[str], bool]:
        """Commit entries for everyone; who they are, and whether all of it was a repeat."""
        everyone: list[str] = []
        is_repeat = True
        part = 0
        async for recipients in self._everyone():
            asked = fingerprint(notice, "all")
            done = await self.record(recipients, notice, key, by, asked, part=part, token=token)
            is_repeat = is_repeat and done.is_repeat
            everyone += await self._recorded(done) if done.is_repeat else recipients
            part += 1
        return everyone, is_repeat

    async def _recorded(self, done: Committed) -> list[str]:
        entry = await self._reads.item(BROADCASTS, done.id)
        return list(entry.body["to"]) if entry else []

    async def _everyone(self) -> AsyncIterator[list[str]]:
        """The ids of all who can sign in, 10,000 at a time."""
        ids: list[str] = []
        after: str | None = None
        while page := await self._users.all(PAGE_OF_USERS, after):
            ids += [user.id for user in page if not user.is_disabled]
            after = page[-1].username
            if len(ids) > RECIPIENTS_AT_ONCE - PAGE_OF_USERS:
                yield ids
                ids = []
        if ids:
            yield ids


async def always(_: str, __: str | None) -> bool:
    """Each sender may."""
    return True


class BroadcastWorker:
    """Works broadcasts off in the background; follows their stream to know of new ones.

    `may_send` is asked before each portion: a sender who was dismissed reaches nobody else.
    """

    def __init__(
        self,
        reads: Log,
        hub: Hub,
        committer: Committer,
        cursor: CursorStore,
        changes: Makes,
        chunk: int = CHUNK,
        may_send: MaySend = always,
    ) -> None:
        self._reads = reads
        self._hub = hub
        self._committer = committer
        self._cursor = cursor
        self._inbox_changes = changes
        self._chunk = chunk
        self._may_send = may_send
        self._news = asyncio.Event()

    def deliver(self, _: Batch) -> None:
        """There is something new to work off."""
        self._news.set()

    async def run(self) -> None:
        """Work off what there is, for ever."""
        while True:
            try:
                await self._hub.join(BROADCASTS, self)
                while True:
                    await self.catch_up()
                    await self._listen()
            except DatabaseError as error:
                log.warning("broadcasts wait", reason=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        """Until there is news, or long enough to look without any."""
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._news.wait()
        except TimeoutError:
            return
        finally:
            self._news.clear()

    async def catch_up(self) -> None:
        """Work off everything from the durable cursor to the end."""
        while True:
            rev, done = await self._cursor.read()
            page = await self._reads.since(BROADCASTS, rev, 1)
            if page.rev == rev:
                return
            for entry in page.items:
                if not entry.body["is_delivered"]:
                    await self._expand(entry, done)
            await self._cursor.advance(page.rev, 0)

    async def _expand(self, entry: Item, done: int) -> None:
        """Put one broadcast into the inboxes; the first `done` recipients have it."""
        to = entry.body["to"]
        chunks = range(done, len(to), self._chunk)
        for number, start in enumerate(chunks, 1):
            if not await self._is_allowed(entry):
                log.info("a broadcast ends", by=entry.sender, reached=start, of=len(to))
                return
            some = to[start : start + self._chunk]
            await self._commit(await self._changes(entry, some))
            if number % CHUNKS_A_MARK == 0:
                await self._cursor.advance(entry.seq - 1, start + len(some))

    async def _is_allowed(self, entry: Item) -> bool:
        """What a message told many of, and what takes something back, is sent in nobody's name."""
        if entry.sender == SERVICE or entry.body.get("is_withdrawal"):
            return True
        return await self._may_send(entry.sender, entry.body.get("token"))

    async def _changes(self, entry: Item, some: Sequence[str]) -> tuple[Change, ...]:
        key = entry.body["key"]
        if entry.body.get("is_withdrawal"):
            return await self._inbox_changes.withdrawals(some, key, entry.sender)
        notice = notice_from(entry.body["notice"])
        return await self._inbox_changes.additions(
            some, notice, key, entry.sender, fingerprint(key)
        )

    async def _commit(self, changes: tuple[Change, ...]) -> None:
        """One chunk, awaited, so that what others send in between overtakes it."""
        left = changes
        while left:
            tried = await asyncio.gather(*map(self._committer.submit, left), return_exceptions=True)
            left = tuple(c for c, r in zip(left, tried, strict=True) if must_wait(c, r))
            if left:
                await asyncio.sleep(RETRY_S)


def must_wait(change: Change, result: Committed | BaseException) -> bool:
    """Whether `change` must be submitted again: the queue was full, or the database away."""
    if isinstance(result, Unavailable):
        return True
    if isinstance(result, BaseException):
        # What can't be stored for one must not keep it from the others.
        log.error("a notification failed", stream=change.stream, exc_info=result)
    return False
