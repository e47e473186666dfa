"""Stores audit entries, newest first, for a year.

An allowed action has a document of its own. Refused ones that repeat share one, which counts them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.storage.mongo import Database

AUDIT = "audit"
KEPT_S = 365 * 86_400

INDEXES: dict[str, list[IndexModel]] = {
    AUDIT: [
        IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S, name="old"),
        IndexModel([("user", ASCENDING), ("_id", DESCENDING)], name="by_user"),
        IndexModel([("kind", ASCENDING), ("_id", DESCENDING)], name="by_kind"),
        IndexModel(
            [("key", ASCENDING)],
            unique=True,
            partialFilterExpression={"key": {"$exists": True}},
            name="counted",
        ),
    ],
}


class Fields(TypedDict):
    """The fields of an entry, besides its id and time. `user` and `name` are the actor's."""

    kind: str
    user: str | None
    name: str | None
    about: str | None
    address: str
    allowed: bool


class AuditStore:
    """Adds, counts and lists entries; no entry is ever removed by hand."""

    def __init__(self, database: Database, prefix: str = "") -> None:
        self._entries = database.collection(prefix + AUDIT)

    async def add(self, entry_id: str, at: datetime, fields: Fields) -> None:
        """Store one entry."""
        await self._entries.insert_one({"_id": entry_id, "at": at, **fields})

    async def count(self, key: str, entry_id: str, at: datetime, fields: Fields) -> None:
        """Add one to the entry of this `key`, which is made where there is none.

        `times`, `last` (when) and `about` tell of the latest one, the other fields of the first.
        """
        about = {"about": fields.get("about"), "last": at}
        first = {k: v for k, v in fields.items() if k != "about"}
        change = {
            "$setOnInsert": {"_id": entry_id, "at": at, **first},
            "$set": about,
            "$inc": {"times": 1},
        }
        try:
            await self._entries.update_one({"key": key}, change, upsert=True)
        except DuplicateKeyError:
            # Another request inserted it between this one's look and its insert.
            await self._entries.update_one({"key": key}, change)

    async def list(
        self, wanted: Mapping[str, Any], before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Those that match `wanted`, older than the entry `before`, newest first."""
        older = {"_id": {"$lt": before}} if before else {}
        found = self._entries.find({**wanted, **older}, sort=[("_id", DESCENDING)], limit=limit)
        return [dict(each) async for each in found]
