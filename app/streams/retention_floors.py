"""Floors: how far back each stream can be served, and deletion below that, for retention.

A floor is raised first, and entries below it are deleted minutes later, so that a client that was
just answered from there finds no hole. The head is never deleted: its rev stays claimed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from app.storage.mongo import Database
from app.streams.models import CHANGE, ITEM, MARK
from app.streams.store import ENTRIES, STREAMS

# Deleting 1,000 small entries takes tens of milliseconds; other commits run between batches.
DELETED_AT_ONCE = 1_000


class Floors:
    """The stored floors, and deletion below them."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)
        self._streams = database.collection(STREAMS)

    async def raise_to(self, stream: str, floor: int, at: datetime) -> bool:
        """Refuse cursors below `floor` from now on; False where the floor is as high already."""
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
        """Delete the changes up to `floor`, and the items that match the filter `expired` and were
        not changed after it; returns the number of entries."""
        items = {"kind": ITEM, "latest": {"$lte": floor}, **expired}
        deleted = 0
        for kind in ({"kind": CHANGE}, items):
            deleted += await self._delete({"stream": stream, "rev": {"$lte": floor}, **kind})
        await self._streams.update_one(
            {"_id": stream, "floor": floor}, {"$unset": {"raised_at": True}}
        )
        return deleted

    async def empty(self, stream: str) -> None:
        """Delete all entries of a stream at once; the head keeps only its rev."""
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
