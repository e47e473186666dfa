"""The one-time links: set-up, invites and password resets. Their codes are stored as hashes."""

from datetime import datetime

import msgspec
from pymongo import DESCENDING, ReturnDocument

from app.accounts.models import Invite, Reset
from app.accounts.store.users import GUARDS
from app.storage.documents import document_of, record_from
from app.storage.mongo import Database
from app.storage.transactions import Transaction

INVITES = "invites"
RESETS = "resets"
# Each start of a server prints a code; those of a few earlier starts and other nodes stay good.
SETUP_CODES = 10


class SetupStore:
    """The codes that make the first admin: one document, so that one use ends them all."""

    def __init__(self, database: Database) -> None:
        self._guards = database.collection(GUARDS)

    async def add(self, key: str) -> None:
        await self._guards.update_one(
            {"_id": "setup"},
            {"$push": {"keys": {"$each": [key], "$slice": -SETUP_CODES}}},
            upsert=True,
        )

    async def holds(self, key: str) -> bool:
        return await self._guards.find_one({"_id": "setup", "keys": key}, {"_id": 1}) is not None

    async def spend(self, key: str, within: Transaction) -> bool:
        """Use up the codes; False when this isn't one (any more)."""
        gone = await self._guards.delete_one({"_id": "setup", "keys": key}, session=within)
        return bool(gone.deleted_count)

    async def close(self) -> None:
        await self._guards.delete_one({"_id": "setup"})


class InviteStore:
    """Queries on the invites."""

    def __init__(self, database: Database) -> None:
        self._invites = database.collection(INVITES)

    async def insert(self, invite: Invite, key: str, within: Transaction) -> None:
        await self._invites.insert_one({**document_of(invite), "key": key}, session=within)

    async def by_key(self, key: str, now: datetime) -> Invite | None:
        found = await self._invites.find_one(_usable(key, now))
        return record_from(found, Invite) if found else None

    async def spend(self, key: str, now: datetime, within: Transaction) -> Invite | None:
        """Use the invite once; None when it has ended or is used up."""
        found = await self._invites.find_one_and_update(
            _usable(key, now),
            {"$inc": {"left": -1}},
            return_document=ReturnDocument.AFTER,
            session=within,
        )
        return record_from(found, Invite) if found else None

    async def open(self, now: datetime, limit: int) -> list[Invite]:
        """The newest `limit` invites that can still be used."""
        found = await self._invites.find(
            {"ends": {"$gt": now}, "left": {"$gt": 0}}, sort=[("_id", DESCENDING)], limit=limit
        ).to_list(None)
        return [record_from(document, Invite) for document in found]

    async def delete(self, invite_id: str) -> bool:
        return bool((await self._invites.delete_one({"_id": invite_id})).deleted_count)

    async def delete_by(self, user_id: str, within: Transaction) -> None:
        """Remove those that this person made."""
        await self._invites.delete_many({"by": user_id}, session=within)


class ResetStore:
    """Queries on the reset links. A person has at most one.

    A link without `by` is from before makers were remembered; it is never found.
    """

    def __init__(self, database: Database) -> None:
        self._resets = database.collection(RESETS)

    async def put(self, reset: Reset, key: str, ends: datetime, within: Transaction) -> None:
        """The link of this person from now on; an earlier one stops working."""
        document = {"user": reset.user, "by": reset.by, "key": key, "ends": ends}
        await self._resets.replace_one({"_id": reset.user}, document, upsert=True, session=within)

    async def by_key(self, key: str, now: datetime) -> Reset | None:
        found = await self._resets.find_one(_living(key, now))
        return msgspec.convert(found, Reset) if found else None

    async def spend(self, key: str, now: datetime, within: Transaction) -> Reset | None:
        """Use the link up; None when it has ended or was used."""
        found = await self._resets.find_one_and_delete(_living(key, now), session=within)
        return msgspec.convert(found, Reset) if found else None

    async def delete_by(self, user_id: str, within: Transaction) -> None:
        """Remove those that this person made, for themselves and for others."""
        await self._resets.delete_many({"by": user_id}, session=within)

    async def delete_of(self, user_id: str, within: Transaction) -> None:
        """Remove the one that was made for this person."""
        await self._resets.delete_one({"_id": user_id}, session=within)


def _usable(key: str, now: datetime) -> dict[str, object]:
    return {"key": key, "ends": {"$gt": now}, "left": {"$gt": 0}}


def _living(key: str, now: datetime) -> dict[str, object]:
    return {"key": key, "ends": {"$gt": now}, "by": {"$exists": True}}
