"""The log by which every process learns what ended or changed elsewhere.

Numbered by optimistic append like the streams: the `_id` is the claim, so whoever has seen number n
has seen all before it, and no clock is asked.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from app.accounts.models import Revoked
from app.storage.mongo import Database

REVOCATIONS = "revocations"
# A process that is further behind than this starts anew (and its connections are checked then).
KEPT = 10_000


class RevocationStore:
    """Appends and reads. An entry is either a revocation or the id of a user who changed."""

    def __init__(self, database: Database) -> None:
        self._log = database.collection(REVOCATIONS)

    async def head(self) -> int:
        newest = await self._log.find_one({}, {"_id": 1}, sort=[("_id", DESCENDING)])
        return newest["_id"] if newest else 0

    async def append(self, body: Mapping[str, str]) -> None:
        """Add an entry under the next number."""
        while True:
            number = await self.head() + 1
            try:
                await self._log.insert_one({"_id": number, **body})
            except DuplicateKeyError:
                # Somebody else's entry, which this read may see only once it is safe on disk.
                await asyncio.sleep(0.005)
                continue
            await self._log.delete_many({"_id": {"$lte": number - KEPT}})
            return

    async def since(self, number: int, limit: int) -> list[Mapping[str, Any]] | None:
        """The next entries after `number`; None when that one is gone (trimmed, restored)."""
        found: list[Mapping[str, Any]] = await self._log.find(
            {"_id": {"$gte": number}}, sort=[("_id", ASCENDING)], limit=limit + 1
        ).to_list(None)
        if number == 0:
            return found[:limit]
        return found[1:] if found and found[0]["_id"] == number else None


def body_of(revoked: Revoked) -> dict[str, str]:
    """What is stored of a revocation."""
    parts = {"user": revoked.user, "session": revoked.session, "token": revoked.token}
    everyone = {"everyone": "yes"} if revoked.everyone else {}
    return {name: value for name, value in parts.items() if value is not None} | everyone


def revoked_from(document: Mapping[str, Any]) -> Revoked:
    return Revoked(
        user=document.get("user"),
        session=document.get("session"),
        token=document.get("token"),
        everyone="everyone" in document,
    )
