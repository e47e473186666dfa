"""Shows admins events as they arrive: at most 50 a second, and how many more there were.

This node's events come from the intake, those of other nodes from the stored raw events, which are
read when a hint says that there are new ones.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NotRequired, TypedDict

import msgspec
import structlog
from cachetools import FIFOCache

from app.accounts.models import User
from app.accounts.users import Users
from app.analytics.feed_hints import FeedHints
from app.analytics.models import Accepted
from app.analytics.store.figures import Document, FigureStore
from app.errors import ParleyError
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.storage.background import next_news
from app.storage.errors import DatabaseError
from app.streams.portions import nearest
from app.times import Clock, rfc3339

EVERY_S = 1.0
SHOWN = 50
# A node writes what it accepted within this time: a look goes back so far behind the one before.
LOOKED_BACK = timedelta(seconds=5)
READ_AT_ONCE = 500
REMEMBERED = 20_000

log = structlog.get_logger("analytics")


class Item(TypedDict):
    """The wire form of an event."""

    id: str
    event_type: str
    user_id: str | None
    user_name: NotRequired[str]
    session_id: str | None
    properties: Mapping[str, Any]
    timestamp: str


class Recent:
    """Events since the last tick: the count of each type, and the newest events."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.newest: deque[Item] = deque(maxlen=SHOWN)
        self.of_type: dict[str, deque[Item]] = {}

    def add(self, item: Item, types: Iterable[str]) -> None:
        kind = item["event_type"]
        self.counts[kind] += 1
        self.newest.append(item)
        if kind in types:
            self.of_type.setdefault(kind, deque(maxlen=SHOWN)).append(item)

    def of(self, types: frozenset[str]) -> tuple[list[Item], int]:
        """The newest events of `types` (empty: of all types), and how many more there were."""
        if not types:
            return list(self.newest), self.counts.total() - len(self.newest)
        found = [item for kind in types for item in self.of_type.get(kind, ())]
        found.sort(key=lambda item: item["timestamp"])
        return found[-SHOWN:], sum(self.counts[kind] for kind in types) - len(found[-SHOWN:])


class LiveFeed:
    """The followers, told once a second at most. Costs nothing while there are none."""

    def __init__(
        self,
        store: FigureStore,
        users: Users,
        hints: FeedHints,
        clock: Clock,
        every_s: float = EVERY_S,
    ) -> None:
        self._store = store
        self._users = users
        self._hints = hints
        self._news = hints.news
        self._clock = clock
        self._every_s = every_s
        self._followers: dict[Connection, frozenset[str]] = {}
        self._types: frozenset[str] = frozenset()
        self._is_wanted = asyncio.Event()
        self._since = self._looked_at = clock()
        self._recent = Recent()
        self._seen: FIFOCache[str, None] = FIFOCache(REMEMBERED)

    def start(self, connection: Connection, types: Sequence[str]) -> None:
        """Show events to this connection from now on; of `types` only where some are named."""
        if not self._followers:
            self._since, self._recent = self._clock(), Recent()
            self._looked_at = self._since
            self._hints.begin()
        self._followers[connection] = frozenset(types)
        self._followed()

    def stop(self, connection: Connection) -> None:
        """Show this connection no more events."""
        if self._followers.pop(connection, None) is not None:
            self._followed()
            if not self._followers:
                self._hints.end()

    def _followed(self) -> None:
        self._types = frozenset().union(*self._followers.values())
        if self._followers:
            self._is_wanted.set()
        else:
            self._is_wanted.clear()

    def accepted(self, events: Sequence[Accepted]) -> None:
        """Take accepted events; called by the intake."""
        if not self._followers:
            return
        for event in events:
            self._take(item_of(event))
        self._news.set()

    def _take(self, item: Item) -> None:
        if item["id"] in self._seen:
            return
        self._seen[item["id"]] = None
        self._recent.add(item, self._types)

    async def run(self) -> None:
        """Show what has come, at once and then that of each second, for ever."""
        while True:
            await self._is_wanted.wait()
            await next_news(self._news, self._hints.patience_s)
            try:
                if self._hints.take_due():
                    await self._look_elsewhere()
                await self._tell()
            except (DatabaseError, ParleyError) as error:
                self._hints.look_soon()
                log.warning("feed waits", reason=type(error).__name__)
            self._hints.remind()
            await asyncio.sleep(self._every_s)

    async def _look_elsewhere(self) -> None:
        """Read what other nodes have written. A node with too many events of its own skips this: it
        could not tell them from the stored ones."""
        if self._recent.counts.total() > REMEMBERED // 10:
            return
        since, now = max(self._since, self._looked_at - LOOKED_BACK), self._clock()
        for document in reversed(await self._store.arrived(since, READ_AT_ONCE)):
            self._take(item_from(document))
        self._looked_at = now

    async def _tell(self) -> None:
        recent, self._recent = self._recent, Recent()
        told: dict[frozenset[str], Event | None] = {}
        for connection, types in list(self._followers.items()):
            if types not in told:
                told[types] = await self._event(*recent.of(types))
            # Checked last, right before sending: the role may have ended meanwhile.
            if not (await self._users.get(connection.user_id)).is_acting_admin:
                self.stop(connection)
            elif event := told[types]:
                connection.send(event)

    async def _event(self, items: list[Item], skipped: int) -> Event | None:
        if not items:
            return None
        ids = {item["user_id"] for item in items if item["user_id"] is not None}
        people = await self._users.many(ids)
        named = [_named(item, people) for item in items]
        kept = nearest(named, size, is_forward=False)
        return Event("events", {"items": kept, "skipped": skipped + len(named) - len(kept)})


def _named(item: Item, people: Mapping[str, User]) -> Item:
    user = people.get(item["user_id"] or "")
    return {**item, "user_name": user.name} if user else item


def size(item: Item) -> int:
    """How many bytes an event takes in JSON."""
    return len(msgspec.json.encode(item))


def item_from(document: Document) -> Item:
    """The wire form of a stored event."""
    return {
        "id": document["id"],
        "event_type": document["type"],
        "user_id": document.get("user"),
        "session_id": document.get("session"),
        "properties": {p["k"]: msgspec.json.decode(p["v"]) for p in document["properties"]},
        "timestamp": rfc3339(document["timestamp"]),
    }


def item_of(event: Accepted) -> Item:
    """The wire form of an accepted event."""
    return {
        "id": event.id,
        "event_type": event.event_type,
        "user_id": event.user_id,
        "session_id": event.session_id,
        "properties": event.properties,
        "timestamp": rfc3339(event.timestamp),
    }
