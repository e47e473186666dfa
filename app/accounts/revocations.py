"""Tells everyone at once what ended: in this process directly, in others through a durable log.

The realtime layer listens and closes sockets; `Users` listens to keep its cache true.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from app.accounts.models import Revoked
from app.accounts.store.revocations import RevocationStore, body_of, revoked_from
from app.ids import new_id
from app.storage.errors import DatabaseError
from app.storage.mongo import Database

Listener = Callable[[Revoked], None]
Watcher = Callable[[list[str]], Awaitable[None]]

PAGE = 500
CHANGED = "changed"

log = structlog.get_logger("accounts")


class Revocations:
    """Publishes to local listeners and the log; polls the log for what others published."""

    def __init__(self, database: Database, *, interval_s: float = 1.0) -> None:
        self._store = RevocationStore(database)
        self._interval_s = interval_s
        self._listeners: list[Listener] = []
        self._watchers: list[Watcher] = []
        self._seen = 0
        # Marks our own entries, which local listeners have heard of already.
        self._name = new_id()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def listen(self, callback: Listener) -> None:
        """Call `callback` with everything that is revoked, here and elsewhere."""
        self._listeners.append(callback)

    def watch(self, callback: Watcher) -> None:
        """Await `callback` with the ids of users whom another process changed."""
        self._watchers.append(callback)

    async def publish(self, revoked: Revoked) -> None:
        """Tell local listeners at once and the other processes through the log."""
        self._tell(revoked)
        await self._store.append({"by": self._name, **body_of(revoked)})

    async def announce_change(self, user_id: str) -> None:
        """Tell the other processes that what they know of this user is out of date."""
        await self._store.append({"by": self._name, CHANGED: user_id})

    async def start(self) -> None:
        """Poll from now on. What ended before needs no telling: nothing is connected yet."""
        self._seen = await self._store.head()
        self._task = asyncio.create_task(self._poll(), name="revocations")

    async def stop(self) -> None:
        """End the polling."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def catch_up(self) -> None:
        """Read the log to its end once and pass on what is new."""
        async with self._reading:
            while entries := await self._next():
                await self._pass_on([e for e in entries if e["by"] != self._name])
                self._seen = entries[-1]["_id"]

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await self.catch_up()
            except DatabaseError as error:
                # The database is away: nothing was passed over, the next round continues here.
                log.warning("revocations_unread", error=type(error).__name__)
            except Exception:
                # Whatever it was: a process that stopped listening would keep what has ended open.
                log.exception("revocations_failed")

    async def _next(self) -> list[Mapping[str, Any]]:
        entries = await self._store.since(self._seen, PAGE)
        if entries is None:
            log.warning("revocations_restarted", seen=self._seen)
            self._seen = await self._store.head()
            return []
        return entries

    async def _pass_on(self, entries: list[Mapping[str, Any]]) -> None:
        """Changes first: they can fail with the database, and are then read again."""
        changed = [e[CHANGED] for e in entries if CHANGED in e]
        for watcher in self._watchers if changed else ():
            await watcher(changed)
        for entry in entries:
            if CHANGED not in entry:
                self._tell(revoked_from(entry))

    def _tell(self, revoked: Revoked) -> None:
        for listener in self._listeners:
            try:
                listener(revoked)
            except Exception:
                # One listener's fault must not keep the others' sockets open.
                log.exception("revocation_listener_failed")
