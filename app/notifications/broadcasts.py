"""Notifications to many people, recorded as one durable entry that names them all.

The sender is answered after the commit of that entry; `broadcast_worker.py` puts a notification
into each inbox afterwards.
"""

from collections.abc import AsyncIterator, Callable

import msgspec

from app.accounts.users import Users
from app.notifications.models import (
    BROADCASTS,
    RECIPIENTS_AT_ONCE,
    SERVICE,
    Broadcast,
    Notice,
    fingerprint,
)
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Change, Committed
from app.times import Clock


class Broadcasts:
    """Builds and commits the entries of the stream `broadcasts`."""

    def __init__(
        self,
        log: Log,
        committer: Committer,
        users: Users,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._log = log
        self._committer = committer
        self._users = users
        self._new_id = new_id
        self._clock = clock

    async def record(self, broadcast: Broadcast, by: str, asked: bytes, part: int = 0) -> Committed:
        """Commit a broadcast of the person `by`; `asked` is the fingerprint of their request.

        Of a broadcast in several parts the first one has the plain key, so that other content
        under the same key is a conflict.
        """
        # No key that somebody sends holds NUL.
        client_id = f"{broadcast.key}\0{part}" if part else broadcast.key
        return await self._committer.submit(self._entry(client_id, by, asked, broadcast))

    async def record_for_all(
        self, notice: Notice, key: str, by: str, token: str | None = None
    ) -> tuple[list[str], bool]:
        """Commit entries for everyone: their ids, and whether all of it was a repeat."""
        everyone: list[str] = []
        is_repeat = True
        part = 0
        asked = fingerprint(notice, "all")
        async for people in self._everyone():
            broadcast = Broadcast(key=key, to=people, notice=notice, token=token)
            done = await self.record(broadcast, by, asked, part)
            is_repeat = is_repeat and done.is_repeat
            everyone += await self._recorded(done) if done.is_repeat else people
            part += 1
        return everyone, is_repeat

    async def _recorded(self, done: Committed) -> list[str]:
        entry = await self._log.item(BROADCASTS, done.id)
        return list(entry.body["to"]) if entry else []

    async def _everyone(self) -> AsyncIterator[list[str]]:
        """The ids of all who can sign in, up to 10,000 at a time."""
        ids: list[str] = []
        async for user in self._users.everyone():
            if not user.is_disabled:
                ids.append(user.id)
            if len(ids) == RECIPIENTS_AT_ONCE:
                yield ids
                ids = []
        if ids:
            yield ids

    def addition(self, people: list[str], notice: Notice, key: str) -> Change:
        """The entry of a notice to many, to commit along with its cause."""
        broadcast = Broadcast(key=key, to=people, notice=notice)
        return self._entry(key, SERVICE, fingerprint(key), broadcast)

    def withdrawal(self, people: list[str], key: str) -> Change:
        """The entry that takes back from many what was sent under `key`."""
        broadcast = Broadcast(key=key, to=people, is_withdrawal=True)
        return self._entry(f"{key}\0withdrawn", SERVICE, fingerprint(key), broadcast)

    def _entry(self, client_id: str, by: str, asked: bytes, broadcast: Broadcast) -> Change:
        return Change(
            id=self._new_id(),
            stream=BROADCASTS,
            sender=by,
            client_id=client_id,
            fingerprint=asked,
            at=self._clock(),
            body=msgspec.to_builtins(broadcast),
        )
