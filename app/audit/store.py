"""What was done, as it is kept: one document each, the newest first, gone after a year."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from app.storage.mongo import Database

AUDIT = "audit"
KEPT_S = 365 * 86_400

INDEXES: dict[str, list[IndexModel]] = {
    AUDIT: [
        IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S, name="old"),
        IndexModel([("user", ASCENDING), ("_id", DESCENDING)], name="by_user"),
        IndexModel([("kind", ASCENDING), ("_id", DESCENDING)], name="by_kind"),
    ],
}


class AuditStore:
    """Adds and lists; nothing of it is ever changed."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(AUDIT)

    async def add(self, entry_id: str, at: datetime, fields: Mapping[str, Any]) -> None:
        """One more."""
        await self._entries.insert_one({"_id": entry_id, "at": at, **fields})

    async def list(
        self, wanted: Mapping[str, Any], before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Those that match `wanted`, older than the entry `before`, newest first."""
        older = {"_id": {"$lt": before}} if before else {}
        found = self._entries.find({**wanted, **older}, sort=[("_id", DESCENDING)], limit=limit)
        return [dict(each) async for each in found]
