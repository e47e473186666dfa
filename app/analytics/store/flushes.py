"""The queries that write a flush: one transaction, with the raw events beside it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import UpdateOne

from app.analytics.models import Accepted
from app.analytics.store import ARRIVALS, DAYS, EVENTS, FLUSHES, NAMES, ROLLUPS
from app.analytics.time_buckets import DAY, KEPT, Key
from app.storage.mongo import Database

RAW_AT_ONCE = 1_000
FOUND_AT_ONCE = 500

Document = Mapping[str, Any]
RollupUpdate = UpdateOne


class StoredNames(msgspec.Struct, frozen=True, kw_only=True):
    """The names of one kind, each with the day (since 1970) on which it was last seen. `strangers`
    has those that only anonymous clients use."""

    names: Mapping[str, int] = {}
    strangers: Mapping[str, int] = {}


class DaySketches(msgspec.Struct, frozen=True, kw_only=True):
    """The theta sketches of a day: its visitors, and those who were anonymous before they signed
    in on that day."""

    theta: bytes
    signed_in: bytes | None = None


class NameStore:
    """The names, by kind, that are counted as themselves."""

    def __init__(self, database: Database) -> None:
        self._names = database.collection(NAMES)

    async def of(self, kind: str, today: int, session: Any) -> StoredNames:
        """The names of a kind. Version 0.1 stored no days: its names count as seen `today`."""
        found = await self._names.find_one({"_id": kind}, session=session) or {}
        old = dict.fromkeys(found.get("names", ()), today)
        return StoredNames(
            names=old | _days(found.get("used", ())), strangers=_days(found.get("strangers", ()))
        )

    async def put(self, kind: str, stored: StoredNames, session: Any) -> None:
        """Replace the names of a kind."""
        fields = {"used": _pairs(stored.names), "strangers": _pairs(stored.strangers)}
        change = {"$set": fields, "$unset": {"names": True}}
        await self._names.update_one({"_id": kind}, change, upsert=True, session=session)


# Stored as pairs: a name may have characters that the name of a field can't have.
def _pairs(days: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"name": name, "day": day} for name, day in days.items()]


def _days(pairs: Iterable[Document]) -> dict[str, int]:
    return {each["name"]: each["day"] for each in pairs}


class ArrivalStore:
    """The arrivals of visitors in the last minutes."""

    def __init__(self, database: Database) -> None:
        self._arrivals = database.collection(ARRIVALS)

    async def since(
        self, at: datetime, node: str, read: Mapping[str, int]
    ) -> AsyncIterator[tuple[str, int, int, Document]]:
        """Arrivals that other nodes than `node` wrote: `(node, seq, time in ms, document)`.

        Of the nodes in `read` all after the seq given there, however late they were committed; of
        all others those of `at` or later.
        """
        known = [{"node": other, "seq": {"$gt": seq}} for other, seq in read.items()]
        new = {"node": {"$nin": [node, *read]}, "at": {"$gte": at}}
        async for found in self._arrivals.find({"$or": [*known, new]}):
            at_ms = round(found["at"].timestamp() * 1000)
            yield found["node"], found["seq"], at_ms, found

    async def add(self, document: Document, session: Any) -> None:
        """Store the arrivals of one flush."""
        await self._arrivals.insert_one(dict(document), session=session)


class FlushStore:
    """The number of each node's last flush, so that none is counted twice."""

    def __init__(self, database: Database, node: str) -> None:
        self._flushes = database.collection(FLUSHES)
        self._node = node

    async def claim(self, seq: int, fields: Document, session: Any) -> bool:
        """Claim flush `seq` in this transaction; False where it was committed before."""
        mine = {"_id": self._node}
        done = await self._flushes.update_one(
            {**mine, "seq": {"$lt": seq}}, {"$set": {"seq": seq, **fields}}, session=session
        )
        if done.matched_count:
            return True
        if await self._flushes.find_one({**mine, "seq": {"$gte": seq}}, session=session):
            return False
        # This node's first flush, or the first after a day without any.
        await self._flushes.insert_one({**mine, "seq": seq, **fields}, session=session)
        return True

    async def shown_elsewhere(self, since: datetime, session: Any) -> Counter[str]:
        """The sums of the gauges of other nodes that have flushed since `since`."""
        total: Counter[str] = Counter()
        living = {"at": {"$gt": since}, "_id": {"$ne": self._node}}
        async for each in self._flushes.find(living, {"gauges": 1}, session=session):
            total.update(each["gauges"])
        return total


class RollupStore:
    """Roll-ups and days, within a transaction."""

    def __init__(self, database: Database) -> None:
        self._rollups = database.collection(ROLLUPS)
        self._days = database.collection(DAYS)

    async def sketches(self, keys: Iterable[Key], session: Any) -> dict[Key, Document]:
        """The stored sketches of these roll-ups."""
        wanted = [{"series": s, "step": step, "at": at} for s, step, at in dict.fromkeys(keys)]
        found: dict[Key, Document] = {}
        for first in range(0, len(wanted), FOUND_AT_ONCE):
            some = {"$or": wanted[first : first + FOUND_AT_ONCE]}
            fields = {"series": 1, "step": 1, "at": 1, "hll": 1, "kll": 1}
            async for each in self._rollups.find(some, fields, session=session):
                found[each["series"], each["step"], each["at"]] = each
        return found

    async def days(self, days: Iterable[datetime], session: Any) -> dict[datetime, DaySketches]:
        """The stored sketches of these days."""
        found = self._days.find({"_id": {"$in": list(days)}}, session=session)
        return {each["_id"]: msgspec.convert(each, DaySketches) async for each in found}

    async def write(
        self, rollups: Sequence[Any], days: Iterable[tuple[datetime, DaySketches]], session: Any
    ) -> None:
        """Write all changes of roll-ups, and the new sketches of days."""
        if rollups:
            await self._rollups.bulk_write(list(rollups), ordered=False, session=session)
        changes = [
            UpdateOne({"_id": day}, {"$set": _stored(sketches)}, upsert=True)
            for day, sketches in days
        ]
        if changes:
            await self._days.bulk_write(changes, ordered=False, session=session)


def _stored(sketches: DaySketches) -> dict[str, bytes]:
    return {name: value for name, value in msgspec.structs.asdict(sketches).items() if value}


class RawStore:
    """The raw events: a time series, which takes part in no transaction and has no unique index."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection(EVENTS)

    async def insert(self, events: Sequence[Accepted]) -> None:
        """Insert at most RAW_AT_ONCE events."""
        documents = list(map(_raw, events))
        if documents:
            await self._events.insert_many(documents, ordered=False)

    async def missing(self, events: Sequence[Accepted]) -> list[Accepted]:
        """Those of `events` that are not stored yet."""
        times = [event.timestamp for event in events]
        wanted = {
            "type": {"$in": sorted({event.event_type for event in events})},
            "timestamp": {"$gte": min(times), "$lte": max(times)},
        }
        found = self._events.find(wanted, {"_id": 0, "id": 1}) if events else None
        stored = {each["id"] async for each in found} if found is not None else set()
        return [event for event in events if event.id not in stored]


def change(key: Key, update: Document) -> RollupUpdate:
    """The upsert of one roll-up."""
    series, step, at = key
    whole = dict(update)
    if step in KEPT:
        whole["$setOnInsert"] = {"expires": at + KEPT[step] + DAY}
    return UpdateOne({"series": series, "step": step, "at": at}, whole, upsert=True)


def _raw(event: Accepted) -> dict[str, Any]:
    return {
        "timestamp": event.timestamp,
        "type": event.event_type,
        # Without it the driver would generate one for each.
        "_id": event.id,
        "id": event.id,
        "arrived": event.arrived,
        "user": event.user_id,
        "session": event.session_id,
        "visitor": event.visitor,
        "properties": [
            {"k": name, "v": msgspec.json.encode(value).decode()}
            for name, value in event.properties.items()
        ],
    }
