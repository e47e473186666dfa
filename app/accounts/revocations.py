"""Tells every process what ended: this one directly, the others through a durable log.

The bus tells the others to read it at once; without the bus they read it each second.

The realtime layer listens and closes connections; `Users` listens to keep its cache true.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog
from msgspec import Struct

from app.accounts.models import Revoked
from app.accounts.store.revocations import Entry, RevocationStore
from app.bus.bus import EVERY_NODE, Bus
from app.ids import new_id
from app.signals import Signal
from app.storage.background import next_news
from app.storage.errors import DatabaseError
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks

REVOKED = "revoked"

Listener = Callable[[Revoked], None]
Watcher = Callable[[list[str]], Awaitable[None]]

PAGE = 500

log = structlog.get_logger("accounts")


class LogGrew(Struct, frozen=True):
    """Another process has written to the log; what it `revoked` ends without reading it first."""

    revoked: Revoked | None = None


class Revocations:
    """Publishes to local listeners and the log; reads in the log what others published."""

    def __init__(
        self, database: Database, *, interval_s: float = 1.0, bus: Bus | None = None
    ) -> None:
        self._store = RevocationStore(database)
        self._interval_s = interval_s
        self._revoked: Signal[Revoked] = Signal("revocation")
        self._watchers: list[Watcher] = []
        self._seen = 0
        # Marks our own entries, which local listeners have heard of already.
        self._name = new_id()
        self._reading = asyncio.Lock()
        self._tasks = Tasks()
        self._news = asyncio.Event()
        self._bus = bus or Bus()
        self._bus.listen(REVOKED, LogGrew, self._heard)
        self._bus.subscribed.listen(self._heard_from_now)

    def listen(self, callback: Listener) -> None:
        """Call `callback` with everything that is revoked, here and elsewhere."""
        self._revoked.listen(callback)

    def watch(self, callback: Watcher) -> None:
        """Await `callback` with the ids of users whom another process changed."""
        self._watchers.append(callback)

    async def publish(self, revoked: Revoked) -> None:
        """Tell local listeners at once and the other processes through the log."""
        self._revoked.tell(revoked)
        await self._store.append_revocation(self._name, revoked)
        self._bus.publish(EVERY_NODE, REVOKED, LogGrew(revoked))

    async def announce_change(self, user_id: str) -> None:
        """Tell the other processes that their cached copy of this user is out of date."""
        await self._store.append_change(self._name, user_id)
        self._bus.publish(EVERY_NODE, REVOKED, LogGrew())

    def _heard(self, _topic: str, grew: LogGrew) -> None:
        if grew.revoked is not None:
            self._revoked.tell(grew.revoked)
        self._news.set()

    def _heard_from_now(self, topics: Collection[str]) -> None:
        if EVERY_NODE in topics:
            self._news.set()

    async def start(self) -> None:
        """Poll from now on. Earlier entries need no telling: nothing is connected yet."""
        self._seen = await self._store.head()
        self._tasks.spawn(self._poll(), "revocations")

    async def stop(self) -> None:
        """End the polling."""
        await self._tasks.close()

    async def catch_up(self) -> None:
        """Read the log to its end once and pass on the new entries of others."""
        async with self._reading:
            while entries := await self._next():
                await self._pass_on([entry for entry in entries if entry.by != self._name])
                self._seen = entries[-1].number

    async def _poll(self) -> None:
        while True:
            await next_news(self._news, self._interval_s)
            try:
                await self.catch_up()
            except DatabaseError as error:
                # The database is away: nothing was passed over, the next round continues here.
                log.warning("revocations_unread", error=type(error).__name__)
            except Exception:
                # A process that stopped listening would keep revoked connections open.
                log.exception("revocations_failed")

    async def _next(self) -> list[Entry]:
        entries = await self._store.since(self._seen, PAGE)
        if entries is None:
            log.warning("revocations_restarted", seen=self._seen)
            self._seen = await self._store.head()
            return []
        return entries

    async def _pass_on(self, entries: list[Entry]) -> None:
        """Changes first: they can fail with the database, and are then read again."""
        changed = [entry.changed for entry in entries if entry.changed is not None]
        for watcher in self._watchers if changed else ():
            await watcher(changed)
        for entry in entries:
            if entry.revoked is not None:
                self._revoked.tell(entry.revoked)
