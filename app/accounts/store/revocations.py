"""The log of revocations and changed users, from which every process learns of them.

Entries are numbered by optimistic append, like the streams' entries: the `_id` is the claim. A
process that has read number n has read all before it, and no clock is compared.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from app.accounts.models import Revoked
from app.storage.mongo import Database

REVOCATIONS = "revocations"
# A process that is further behind starts at the head, and checks its connections.
KEPT = 10_000
RETRY_S = 0.005


class Entry(Struct, frozen=True, kw_only=True):
    """An entry written by the process `by`: a revocation, or the id of a user who `changed`."""

    number: int
    by: str
    revoked: Revoked | None = None
    changed: str | None = None


class RevocationStore:
    """Appends and reads entries."""

    def __init__(self, database: Database) -> None:
        self._log = database.collection(REVOCATIONS)

    async def head(self) -> int:
        """The number of the newest entry, 0 without one."""
        newest = await self._log.find_one({}, {"_id": 1}, sort=[("_id", DESCENDING)])
        return newest["_id"] if newest else 0

    async def append_revocation(self, by: str, revoked: Revoked) -> None:
        told = msgspec.structs.asdict(revoked)
        await self._append({"by": by} | {name: value for name, value in told.items() if value})

    async def append_change(self, by: str, user_id: str) -> None:
        await self._append({"by": by, "changed": user_id})

    async def since(self, number: int, limit: int) -> list[Entry] | None:
        """The next entries after `number`; None when that one is gone (trimmed, restored)."""
        found = await self._log.find(
            {"_id": {"$gte": number}}, sort=[("_id", ASCENDING)], limit=limit + 1
        ).to_list(None)
        if number > 0:
            if not found or found[0]["_id"] != number:
                return None
            found = found[1:]
        return [_entry(document) for document in found[:limit]]

    async def _append(self, body: Mapping[str, object]) -> None:
        while True:
            number = await self.head() + 1
            try:
                await self._log.insert_one({"_id": number, **body})
            except DuplicateKeyError:
                # Another process's entry, which `head` finds only once it is safe on disk.
                await asyncio.sleep(RETRY_S)
                continue
            await self._log.delete_many({"_id": {"$lte": number - KEPT}})
            return


def _entry(document: Mapping[str, Any]) -> Entry:
    number, by, changed = document["_id"], document["by"], document.get("changed")
    if changed is not None:
        return Entry(number=number, by=by, changed=changed)
    # Earlier versions stored "yes" in place of true.
    told = {**document, "everyone": "everyone" in document}
    return Entry(number=number, by=by, revoked=msgspec.convert(told, Revoked))
