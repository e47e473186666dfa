"""A chat of forty lines on a real MongoDB, right by default, with bugs to plant.

The checker is tested with it: it must find each bug, and nothing where there is none.
"""

import asyncio
from enum import StrEnum
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from tests.checker.history import Acked, Shown


class Bug(StrEnum):
    ACK_BEFORE_COMMIT = "acknowledges before the commit"
    NO_DEDUPLICATION = "a resend becomes a second message"
    UNACKNOWLEDGED_WRITE = "writes with w: 0"
    ORDER_OF_ARRIVAL = "numbers without looking at the log"


class SmallChat:
    """One room whose entries claim their revs by a unique index."""

    def __init__(self, database: AsyncIOMotorDatabase, bug: Bug | None = None) -> None:
        w0 = bug is Bug.UNACKNOWLEDGED_WRITE
        safe = WriteConcern(w=0) if w0 else WriteConcern(w="majority", j=True)
        self._entries = database.get_collection("small_chat", write_concern=safe)
        self._bug = bug
        self._head = 0
        self._lock = asyncio.Lock()
        self._uncommitted: set[asyncio.Task[Any]] = set()

    async def prepare(self) -> None:
        indexed = self._entries.with_options(write_concern=WriteConcern(w="majority"))
        await indexed.create_index([("rev", ASCENDING)], unique=True)
        if self._bug is not Bug.NO_DEDUPLICATION:
            key = [("sender", ASCENDING), ("client_id", ASCENDING)]
            await indexed.create_index(key, unique=True)
        self._head = max((i.seq for i in await self.history()), default=0)

    async def send(self, sender: str, client_id: str, text: str) -> Acked:
        """The promise that the message is kept, with its place."""
        async with self._lock:
            self._head += 1
            rev = self._head
            if self._bug is Bug.ORDER_OF_ARRIVAL:
                rev = 1_000_000 - self._head
            entry = {"_id": f"m{rev}", "rev": rev, "sender": sender, "client_id": client_id}
            return await self._commit(entry | {"text": text})

    async def _commit(self, entry: dict[str, Any]) -> Acked:
        acked = Acked(entry["_id"], entry["rev"], entry["rev"])
        if self._bug is Bug.ACK_BEFORE_COMMIT:
            self._uncommitted.add(asyncio.create_task(self._commit_later(entry)))
            return acked
        try:
            await self._entries.insert_one(entry)
        except DuplicateKeyError:
            self._head -= 1
            key = {"sender": entry["sender"], "client_id": entry["client_id"]}
            first = await self._entries.find_one(key)
            assert first is not None
            return Acked(first["_id"], first["rev"], first["rev"])
        return acked

    async def _commit_later(self, entry: dict[str, Any]) -> None:
        await self._entries.insert_one(entry)

    async def crash(self) -> None:
        """Act like a process killed with SIGKILL: lose what is only in memory."""
        for task in self._uncommitted:
            task.cancel()
        await asyncio.gather(*self._uncommitted, return_exceptions=True)

    async def history(self) -> list[Shown]:
        found = await self._entries.find(sort=[("rev", ASCENDING)]).to_list(None)
        return [
            Shown(e["_id"], e["rev"], e["rev"], e["sender"], e["client_id"], e["text"])
            for e in found
        ]
