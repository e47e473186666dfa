"""Database queries of webhooks, and the leases of processes that deliver outgoing ones."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateMany

from app.accounts.secrets import fingerprint
from app.hooks.models import IN_ALL, Held, Hook, IncomingHook, OutgoingHook, StopReason
from app.outbound.retry_policy import FAILING_FIELDS, Outcome, recording_failure
from app.storage.documents import document_of, record_from
from app.storage.errors import CommandRefused
from app.storage.mongo import Database, Transaction, connected_processes
from app.streams.models import Write

INCOMING = "incoming_hooks"
OUTGOING = "outgoing_hooks"

INDEXES: dict[str, list[IndexModel]] = {
    INCOMING: [IndexModel([("key", ASCENDING)], unique=True, name="key")],
    OUTGOING: [],
}

FAILING = (*FAILING_FIELDS, "reason")
# A hook that may act. `None` also finds documents from before hooks could stop.
ON = {"off": False, "stopped": None}

Kept = TypeVar("Kept", bound=Hook)


class HookStore(Generic[Kept]):
    """The queries of both kinds; `kind` is the struct of a document."""

    # Fields that are removed when a hook is turned on or adopted.
    _forgotten: tuple[str, ...] = ()

    def __init__(self, database: Database, collection: str, kind: type[Kept]) -> None:
        self._name = collection
        self._hooks = database.collection(collection)
        self._kind = kind

    async def _one(self, query: Mapping[str, Any]) -> Kept | None:
        found = await self._hooks.find_one(query)
        return record_from(found, self._kind) if found else None

    async def get(self, hook_id: str) -> Kept | None:
        return await self._one({"_id": hook_id})

    async def all(self, query: Mapping[str, Any] | None = None) -> list[Kept]:
        """The hooks that match, in the order in which they were made."""
        found = self._hooks.find(query or {}, sort=[("_id", ASCENDING)])
        return [record_from(document, self._kind) for document in await found.to_list(2 * IN_ALL)]

    async def counts(self, by: str) -> tuple[int, int]:
        """The number of hooks that this person has made, and of all hooks."""
        return (
            await self._hooks.count_documents({"by": by}),
            await self._hooks.count_documents({}),
        )

    async def stop(self, hook: Kept, reason: StopReason, now: datetime) -> None:
        """Stop a hook whose maker lacks a right, unless it was adopted meanwhile."""
        await self._hooks.update_one(
            {"_id": hook.id, "by": hook.by, "stopped": None}, _stopping(reason, now)
        )

    async def stop_all_of(
        self, by: str, reason: StopReason, now: datetime, within: Transaction
    ) -> None:
        """Stop all hooks of this person, in the transaction in which they lose their rights."""
        await self._hooks.update_many(
            {"by": by, "stopped": None}, _stopping(reason, now), session=within
        )

    def stopping_in(self, room: str, by: str, now: datetime) -> Write:
        """The write that stops this person's hooks of a room, in the transaction of leaving it."""
        found = {"by": by, "place.kind": "room", "place.id": room, "stopped": None}
        return Write(collection=self._name, operation=UpdateMany(found, _stopping("outside", now)))

    async def adopt(self, hook_id: str, by: str) -> bool:
        """Make `by` the maker of a stopped hook; False if it has not stopped any more."""
        gone = dict.fromkeys(("stopped", "stopped_at", *self._forgotten), True)
        done = await self._hooks.update_one(
            {"_id": hook_id, "stopped": {"$ne": None}}, {"$set": {"by": by}, "$unset": gone}
        )
        return bool(done.matched_count)

    async def switch(self, hook_id: str, *, off: bool) -> None:
        """Turn a hook off or on; an outgoing one continues from its cursor without failures."""
        change: dict[str, Any] = {"$set": {"off": off}}
        if not off and self._forgotten:
            change["$unset"] = dict.fromkeys(self._forgotten, True)
        await self._hooks.update_one({"_id": hook_id}, change)

    async def delete(self, hook_id: str) -> None:
        await self._hooks.delete_one({"_id": hook_id})


class IncomingStore(HookStore[IncomingHook]):
    """Incoming hooks. Only the hash of a secret is stored."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, INCOMING, IncomingHook)

    async def insert(self, hook: IncomingHook, secret: str) -> None:
        await self._hooks.insert_one({**document_of(hook), "key": fingerprint(secret)})

    async def by_secret(self, secret: str) -> IncomingHook | None:
        return await self._one({"key": fingerprint(secret)})

    async def of_rooms(self, room_ids: Collection[str]) -> list[IncomingHook]:
        """The hooks that post to one of these rooms."""
        return await self.all({"place.kind": "room", "place.id": {"$in": list(room_ids)}})

    async def used(self, hook_id: str, now: datetime) -> None:
        await self._hooks.update_one({"_id": hook_id}, {"$set": {"used": now}})


class OutgoingStore(HookStore[OutgoingHook]):
    """Outgoing hooks. Their secrets are stored in the clear, because Parley signs with them.

    Only the process that holds a hook changes its cursor. One that paused for so long that another
    process took over its hook changes nothing any more.
    """

    _forgotten = FAILING

    def __init__(self, database: Database) -> None:
        super().__init__(database, OUTGOING, OutgoingHook)
        self._database = database

    async def insert(self, hook: OutgoingHook) -> None:
        await self._hooks.insert_one(document_of(hook))

    async def all_on(self) -> list[OutgoingHook]:
        """The hooks that are neither off nor stopped."""
        return await self.all(ON)

    async def claim(
        self, hook_id: str, behind: int, held: Held, now: datetime
    ) -> OutgoingHook | None:
        """Take the lease `held` on a hook whose cursor is before the rev `behind`.

        None if it is not behind, not due, off or stopped, or held by another process.
        """
        found = await self._hooks.find_one_and_update(
            {
                "_id": hook_id,
                **ON,
                "cursor": {"$lt": behind},
                "$and": [
                    {"$or": [{"retry_at": None}, {"retry_at": {"$lte": now}}]},
                    {"$or": [{"held": None}, {"held.by": held.by}, {"held.until": {"$lte": now}}]},
                ],
            },
            {"$set": {"held": msgspec.to_builtins(held, builtin_types=(datetime,))}},
            return_document=ReturnDocument.AFTER,
        )
        return record_from(found, self._kind) if found else None

    async def is_connected(self, process: str) -> bool:
        """Whether this process is connected to the database; True where that may not be asked."""
        try:
            return process in await connected_processes(self._database)
        except CommandRefused:
            return True

    async def free(self, hook_id: str, holder: str) -> None:
        """End the lease of `holder`."""
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder}, {"$unset": {"held": True}}
        )

    async def begin(self, hook_id: str, holder: str, pending: int) -> bool:
        """Record the last rev of the delivery that begins now; False if another process holds the
        hook, or it was turned off or stopped."""
        done = await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder, **ON}, {"$set": {"pending": pending}}
        )
        return bool(done.matched_count)

    async def delivered(self, hook_id: str, holder: str, rev: int, now: datetime) -> None:
        """Move the cursor to `rev` and end the lease."""
        gone = dict.fromkeys(("pending", "held", *FAILING), True)
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder},
            {"$set": {"cursor": rev, "worked": now}, "$unset": gone},
        )

    async def failed(self, hook_id: str, holder: str, outcome: Outcome) -> None:
        """Record one more failure in a row and end the lease."""
        change = recording_failure(outcome, failed=outcome.at, reason=outcome.reason)
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder}, {**change, "$unset": {"held": True}}
        )

    async def give_up(self, hook_id: str, holder: str, reason: str, now: datetime) -> None:
        """Turn the hook off, until an admin turns it on again."""
        await self._hooks.update_one(
            {"_id": hook_id, "held.by": holder},
            {"$set": {"off": True, "failed": now, "reason": reason}, "$unset": {"held": True}},
        )


def _stopping(reason: StopReason, now: datetime) -> dict[str, Any]:
    return {"$set": {"stopped": reason, "stopped_at": now}}
