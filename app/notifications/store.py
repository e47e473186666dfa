"""Database queries of notifications: unread and expired items of inboxes, preferences, cursors.

Notifications are items of the streams; the index of the unread ones is in the same collection.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from app.notifications.models import Preferences, State
from app.storage.mongo import Database
from app.streams.log import between
from app.streams.models import ITEM, Item, item_from
from app.streams.store import ENTRIES

PREFERENCES = "notification_preferences"
CURSORS = "cursors"

# Error codes of a snapshot read whose instant is not readable yet, or no longer.
NO_SUCH_INSTANT = frozenset({239, 246})
INSTANT_TRIES = 20
INSTANT_PAUSE_S = 0.05

INDEXES: dict[str, list[IndexModel]] = {
    ENTRIES: [
        IndexModel(
            [("stream", ASCENDING), ("rev", DESCENDING)],
            partialFilterExpression={"kind": ITEM, "body.unread": True},
            name="unread",
        ),
        IndexModel(
            [("body.read_at", ASCENDING)],
            partialFilterExpression={"body.read_at": {"$exists": True}},
            name="read",
        ),
    ],
    PREFERENCES: [
        IndexModel([("rooms.room", ASCENDING), ("rooms.level", ASCENDING)], name="rooms"),
    ],
    CURSORS: [],
}


class InboxStore:
    """Reads of inboxes; `stream` is always one of `inbox_of`."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self._entries = database.collection(ENTRIES)

    async def state(self, stream: str, newest: int) -> State:
        """Head, unread count and the `newest` unread items, all of one instant."""
        for _ in range(INSTANT_TRIES):
            try:
                return await self._state(stream, newest)
            except OperationFailure as error:
                if error.code not in NO_SUCH_INSTANT:
                    raise
                await asyncio.sleep(INSTANT_PAUSE_S)
        return await self._state(stream, newest)

    async def _state(self, stream: str, newest: int) -> State:
        session = self._client.start_session(snapshot=True)  # type: ignore[call-arg]  # stub's gap
        async with await session as instant:
            head = await self._entries.find_one(
                {"stream": stream},
                {"rev": 1},
                sort=[("rev", DESCENDING)],
                hint="claims",
                session=instant,
            )
            items = []
            if newest:
                found = await self._unread(stream, newest, instant).to_list(None)
                items = sorted(map(item_from, found), key=lambda i: i.rev)
            count = len(items)
            if count >= newest:  # There may be more.
                count = await self._entries.count_documents(
                    unread_of(stream), hint="unread", session=instant
                )
        return State(rev=head["rev"] if head else 0, unread=count, items=items)

    def _unread(self, stream: str, limit: int, instant: Any) -> Any:
        return self._entries.find(
            unread_of(stream),
            sort=[("rev", DESCENDING)],
            limit=limit,
            hint="unread",
            session=instant,
        )

    async def unread(self, stream: str) -> int:
        """How many are unread now."""
        count: int = await self._entries.count_documents(unread_of(stream), hint="unread")
        return count

    async def unread_ids(
        self, stream: str, limit: int, *, up_to: int | None = None, room: str | None = None
    ) -> list[str]:
        """Unread ones, newest first: with a seq of at most `up_to`, or that tell of a `room`."""
        query = unread_of(stream)
        if up_to is not None:
            query["rev"] = {"$lte": up_to}
        if room is not None:
            query["body.room"] = room
        found = self._entries.find(
            query, {"_id": 1}, sort=[("rev", DESCENDING)], limit=limit, hint="unread"
        )
        return [d["_id"] async for d in found]

    async def page(
        self,
        stream: str,
        limit: int,
        *,
        before: int | None,
        after: int | None,
        unread: bool,
        **body: object,
    ) -> tuple[list[Item], bool]:
        """Up to `limit` items between two exclusive seqs, in seq order, and whether there are more.

        The first ones after `after`; without it the last ones. `body` holds fields of the body with
        the values that they must have.
        """
        query: dict[str, Any] = {"stream": stream, "kind": ITEM, "deleted": {"$ne": True}}
        query |= {f"body.{name}": value for name, value in body.items()}
        if unread:
            query["body.unread"] = True
        query |= between(before, after)
        found = await self._entries.find(
            query,
            sort=[("rev", DESCENDING if after is None else ASCENDING)],
            limit=limit + 1,
            hint="unread" if unread else "items",
        ).to_list(None)
        return sorted(map(item_from, found[:limit]), key=lambda i: i.seq), len(found) > limit

    async def existing_in(self, stream: str, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are notifications of this inbox and not withdrawn."""
        return {i for i, its in (await self.existing(ids)).items() if its == stream}

    async def existing(self, ids: Iterable[str]) -> dict[str, str]:
        """Those of `ids` that were sent and not withdrawn: id → stream."""
        query = {"_id": {"$in": list(ids)}, "kind": ITEM, "deleted": {"$ne": True}}
        found = self._entries.find(query, {"stream": 1})
        return {d["_id"]: d["stream"] async for d in found}

    async def expired(self, before: datetime) -> dict[str, int]:
        """Inboxes that hold notifications read before `before`, with the highest rev of those."""
        found = self._entries.find(
            {"body.read_at": {"$lt": before}},
            {"_id": 0, "stream": 1, "latest": 1},
            hint="read",
        )
        highest: dict[str, int] = {}
        async for d in found:
            highest[d["stream"]] = max(d["latest"], highest.get(d["stream"], 0))
        return highest

    async def last_before(self, stream: str, before: datetime, up_to: int) -> int:
        """The seq of the newest item up to `up_to` that was sent before `before`; 0 without one."""
        found = await self._entries.find_one(
            {"stream": stream, "kind": ITEM, "rev": {"$lte": up_to}, "at": {"$lt": before}},
            {"rev": 1},
            sort=[("rev", DESCENDING)],
            hint="items",
        )
        return found["rev"] if found else 0


def unread_of(stream: str) -> dict[str, Any]:
    return {"stream": stream, "kind": ITEM, "body.unread": True}


class PreferenceStore:
    """Preferences by person. Rooms are stored as a list, so that an index finds a room's people."""

    def __init__(self, database: Database) -> None:
        self._preferences = database.collection(PREFERENCES)

    async def many(self, user_ids: Iterable[str]) -> dict[str, Preferences]:
        """User id → preferences, for those of `user_ids` who have stored any."""
        found = self._preferences.find({"_id": {"$in": list(user_ids)}})
        return {d["_id"]: _preferences_from(d) async for d in found}

    async def put(self, user_id: str, preferences: Preferences) -> None:
        """Replace the preferences of this person."""
        document = msgspec.to_builtins(preferences, builtin_types=(datetime,))
        document["rooms"] = [{"room": r, "level": v} for r, v in preferences.rooms.items()]
        await self._preferences.replace_one({"_id": user_id}, document, upsert=True)

    async def delete(self, user_id: str) -> None:
        await self._preferences.delete_one({"_id": user_id})

    async def wanting_all_of(self, room: str) -> list[str]:
        """The ids of the people who want to hear of every message of a room."""
        wanted = {"rooms": {"$elemMatch": {"room": room, "level": "all"}}}
        return [d["_id"] async for d in self._preferences.find(wanted, {"_id": 1})]


def _preferences_from(document: Mapping[str, Any]) -> Preferences:
    rooms = {each["room"]: each["level"] for each in document["rooms"]}
    return msgspec.convert({**document, "rooms": rooms}, Preferences)


class CursorStore:
    """How far a stream has been worked off: all up to `rev`, and `done` recipients of the next."""

    def __init__(self, database: Database, name: str) -> None:
        self._cursors = database.collection(CURSORS)
        self._name = name

    async def read(self) -> tuple[int, int]:
        """`(rev, done)`."""
        found = await self._cursors.find_one({"_id": self._name})
        return (found["rev"], found["done"]) if found else (0, 0)

    async def advance(self, rev: int, done: int) -> None:
        """Never backwards: another node may be ahead."""
        await self._cursors.update_one(
            {"_id": self._name}, {"$setOnInsert": {"rev": 0, "done": 0}}, upsert=True
        )
        is_behind = [{"rev": {"$lt": rev}}, {"rev": rev, "done": {"$lt": done}}]
        await self._cursors.update_one(
            {"_id": self._name, "$or": is_behind}, {"$set": {"rev": rev, "done": done}}
        )
