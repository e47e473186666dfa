"""How far back each stream can be served, and making room below that: for features' retention.

A floor is raised first and what is below it deleted minutes later, so that nobody who was just
answered from there finds a hole. The head is never deleted: claims stay.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from app.storage.mongo import Database
from app.streams.models import CHANGE, ITEM, MARK
from app.streams.store import ENTRIES, STREAMS

# Some 1,000 small deletions take tens of milliseconds; others' commits get their turn between.
DELETED_AT_ONCE = 1_000


class Floors:
    """The stored floors, and deletion below them."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)
        self._streams = database.collection(STREAMS)

    async def raise_to(self, stream: str, floor: int, at: datetime) -> bool:
        """Refuse cursors below `floor` from now on; False where it is as high already."""
        known = await self._streams.find_one({"_id": stream}, {"floor": 1})
        if known and known.get("floor", 0) >= floor:
            return False
        await self._streams.update_one(
            {"_id": stream}, {"$max": {"floor": floor}, "$set": {"raised_at": at}}, upsert=True
        )
        return True

    async def due(self, prefix: str, before: datetime, limit: int) -> dict[str, int]:
        """Streams beginning with `prefix` whose floor was raised before `before`, longest first."""
        found = self._streams.find(
            {"raised_at": {"$lt": before}, "_id": {"$gte": prefix, "$lt": prefix + "\uffff"}},
            sort=[("raised_at", ASCENDING)],
            limit=limit,
        )
        return {d["_id"]: d["floor"] async for d in found}

    async def delete_below(self, stream: str, floor: int, expired: Mapping[str, Any]) -> int:
        """Delete the changes up to `floor`, and those items that `expired` (a filter) takes and
        that have not changed since; how many entries that were."""
        items = {"kind": ITEM, "latest": {"$lte": floor}, **expired}
        deleted = 0
        for kind in ({"kind": CHANGE}, items):
            deleted += await self._delete({"stream": stream, "rev": {"$lte": floor}, **kind})
        await self._streams.update_one(
            {"_id": stream, "floor": floor}, {"$unset": {"raised_at": True}}
        )
        return deleted

    async def empty(self, stream: str) -> None:
        """Delete everything now, for whoever left for good; the head keeps its rev only."""
        head = await self._entries.find_one(
            {"stream": stream}, {"rev": 1}, sort=[("rev", DESCENDING)], hint="claims"
        )
        if head is None:
            return
        mark = {"$set": {"kind": MARK}, "$unset": {"body": True, "latest": True, "of": True}}
        await self._entries.update_one({"_id": head["_id"]}, mark)
        await self._streams.update_one(
            {"_id": stream}, {"$max": {"floor": head["rev"]}}, upsert=True
        )
        await self._delete({"stream": stream, "rev": {"$lt": head["rev"]}})

    async def _delete(self, query: Mapping[str, Any]) -> int:
        deleted = 0
        while ids := await self._ids(query):
            deleted += (await self._entries.delete_many({"_id": {"$in": ids}})).deleted_count
        return deleted

    async def _ids(self, query: Mapping[str, Any]) -> list[str]:
        found = self._entries.find(query, {"_id": 1}, hint="claims", limit=DELETED_AT_ONCE)
        return [entry["_id"] async for entry in found]
