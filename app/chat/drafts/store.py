"""Queries and writes of drafts: at most one a person for each room, and each thread of it."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType, convert, field, to_builtins
from pymongo import ASCENDING, IndexModel

from app.storage.mongo import Database

DRAFTS = "drafts"

INDEXES: dict[str, list[IndexModel]] = {
    DRAFTS: [IndexModel([("user", ASCENDING), ("at", ASCENDING)], name="user")],
}


class Draft(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft, as it is stored and as clients get it. `at` is RFC 3339; `thread` and `reply_to` are
    ids of messages."""

    room: str
    text: str
    at: str
    thread: str | UnsetType = field(default=UNSET)
    reply_to: str | UnsetType = field(default=UNSET)


class DraftStore:
    """Keeps the drafts of people."""

    def __init__(self, database: Database) -> None:
        self._drafts = database.collection(DRAFTS)

    async def of(self, user_id: str) -> list[Draft]:
        """All drafts of a person, the newest last."""
        found = self._drafts.find({"user": user_id}).sort("at", ASCENDING)
        return convert(await found.to_list(None), list[Draft])

    async def put(self, user_id: str, draft: Draft) -> None:
        """Store a draft in the place of the one before."""
        document = {"user": user_id, **to_builtins(draft)}
        await self._drafts.replace_one({"_id": _id(user_id, draft)}, document, upsert=True)

    async def has(self, user_id: str, draft: Draft) -> bool:
        """Whether there is a draft in the same place."""
        found = await self._drafts.find_one({"_id": _id(user_id, draft)}, {"_id": 1})
        return found is not None

    async def count(self, user_id: str) -> int:
        """How many drafts a person has."""
        return await self._drafts.count_documents({"user": user_id})

    async def remove_all(self, user_id: str) -> None:
        """Forget all drafts of a person."""
        await self._drafts.delete_many({"user": user_id})

    async def remove(self, user_id: str, drafts: Sequence[Draft]) -> None:
        """Forget these drafts."""
        ids = [_id(user_id, draft) for draft in drafts]
        await self._drafts.delete_many({"_id": {"$in": ids}})


def _id(user_id: str, draft: Draft) -> str:
    return f"{user_id}:{draft.room}:{draft.thread or ''}"
