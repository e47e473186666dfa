"""The queries of webhooks: both kinds, and who delivers an outgoing one at present."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, IndexModel, ReturnDocument

from app.accounts.secrets import fingerprint
from app.hooks.models import AT_MOST, Held, IncomingHook, OutgoingHook
from app.storage.documents import document_of
from app.storage.mongo import Database

INCOMING = "incoming_hooks"
OUTGOING = "outgoing_hooks"

INDEXES: dict[str, list[IndexModel]] = {
    INCOMING: [IndexModel([("key", ASCENDING)], unique=True, name="key")],
    OUTGOING: [],
}

FAILING = ("failures", "failing_since", "retry_at", "reason")


class IncomingStore:
    """Those that post here: of a secret only its hash is kept."""

    def __init__(self, database: Database) -> None:
        self._hooks = database.collection(INCOMING)

    async def insert(self, hook: IncomingHook, secret: str) -> None:
        await self._hooks.insert_one({**document_of(hook), "key": fingerprint(secret)})

    async def by_secret(self, secret: str) -> IncomingHook | None:
        found = await self._hooks.find_one({"key": fingerprint(secret)})
        return _incoming(found) if found else None

    async def get(self, hook_id: str) -> IncomingHook | None:
        found = await self._hooks.find_one({"_id": hook_id})
        return _incoming(found) if found else None

    async def all(self) -> list[IncomingHook]:
        """In the order in which they were made."""
        found = await self._hooks.find(sort=[("_id", ASCENDING)]).to_list(2 * AT_MOST)
        return [_incoming(document) for document in found]

    async def count(self) -> int:
        return await self._hooks.count_documents({})

    async def used(self, hook_id: str, now: datetime) -> None:
        await self._hooks.update_one({"_id": hook_id}, {"$set": {"used": now}})

    async def switch(self, hook_id: str, *, off: bool) -> None:
        await self._hooks.update_one({"_id": hook_id}, {"$set": {"off": off}})

    async def delete(self, hook_id: str) -> None:
        await self._hooks.delete_one({"_id": hook_id})


class OutgoingStore:
    """Those that Parley posts to. Their secret is kept as it is: it has to sign with it.

    What a delivery changes is only changed for who holds the hook: whoever slept, and was taken
    for dead, moves no cursor any more.
    """

    def __init__(self, database: Database) -> None:
        self._hooks = database.collection(OUTGOING)

    async def insert(self, hook: OutgoingHook) -> None:
        await self._hooks.insert_one(document_of(hook))

    async def get(self, hook_id: str) -> OutgoingHook | None:
        found = await self._hooks.find_one({"_id": hook_id})
        return _outgoing(found) if found else None

    async def all(self) -> list[OutgoingHook]:
        """In the order in which they were made."""
        found = await self._hooks.find(sort=[("_id", ASCENDING)]).to_list(2 * AT_MOST)
        return [_outgoing(document) for document in found]

    async def count(self) -> int:
        return await self._hooks.count_documents({})

    async def claim(
        self, hook_id: str, behind: int, held: Held, now: datetime
    ) -> OutgoingHook | None:
        """The hook, held from now on, where it is `behind` that rev, due and nobody else's."""
        found = await self._hooks.find_one_and_update(
            {
                "_id": hook_id,
                "off": False,
                "cursor": {"$lt": behind},
                "$and": [
                    {"$or": [{"retry_at": None}, {"retry_at": {"$lte": now}}]},
                    {"$or": [{"held": None}, {"held.by": held.by}, {"held.until": {"$lte": now}}]},
                ],
            },
            {"$set": {"held": msgspec.to_builtins(held, builtin_types=(datetime,))}},
            return_document=ReturnDocument.AFTER,
        )
        return _outgoing(found) if found else None

    async def free(self, hook_id: str, holder: str) -> None:
        """`holder` holds it no more."""
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder}, {"$unset": {"held": True}}
        )

    async def begin(self, hook_id: str, holder: str, pending: int) -> bool:
        """Note where the delivery ends that begins now; False where another one holds the hook."""
        done = await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder, "off": False}, {"$set": {"pending": pending}}
        )
        return bool(done.matched_count)

    async def delivered(self, hook_id: str, holder: str, rev: int, now: datetime) -> None:
        """Everything up to `rev` was taken; the hook is free."""
        gone = dict.fromkeys(("pending", "held", *FAILING), True)
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder},
            {"$set": {"cursor": rev, "worked": now}, "$unset": gone},
        )

    async def failed(
        self, hook_id: str, holder: str, reason: str, now: datetime, retry_at: datetime
    ) -> None:
        """One more failure in a row; the hook is free."""
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder},
            {
                "$inc": {"failures": 1},
                "$set": {"retry_at": retry_at, "failed": now, "reason": reason},
                # The first of them stands.
                "$min": {"failing_since": now},
                "$unset": {"held": True},
            },
        )

    async def give_up(self, hook_id: str, holder: str, reason: str, now: datetime) -> None:
        """Off, until an admin turns it on again."""
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder},
            {"$set": {"off": True, "failed": now, "reason": reason}, "$unset": {"held": True}},
        )

    async def switch(self, hook_id: str, *, off: bool) -> None:
        """On, it goes on where it stopped, with a clean slate."""
        change: dict[str, Any] = {"$set": {"off": off}}
        if not off:
            change["$unset"] = dict.fromkeys(FAILING, True)
        await self._hooks.update_one({"_id": hook_id}, change)

    async def delete(self, hook_id: str) -> None:
        await self._hooks.delete_one({"_id": hook_id})


def _incoming(document: Mapping[str, Any]) -> IncomingHook:
    return msgspec.convert({"id": document["_id"], **document}, IncomingHook)


def _outgoing(document: Mapping[str, Any]) -> OutgoingHook:
    return msgspec.convert({"id": document["_id"], **document}, OutgoingHook)
