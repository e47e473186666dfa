"""Queries and writes of drafts: at most one a person for each room, and each thread of it."""

from collections.abc import Collection

from msgspec import UNSET, Struct, UnsetType, convert, field, to_builtins
from pymongo import ASCENDING, DESCENDING, IndexModel

from app.storage.mongo import Database

DRAFTS = "drafts"
# A draft may have 64 KB: at most so many are read that an answer may have no place for.
READ_AT_ONCE = 16

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

    async def newest(
        self, user_id: str, rooms: Collection[str], at_most: int
    ) -> tuple[list[Draft], bool]:
        """The newest drafts of a person in these rooms, the newest first, as many as have
        `at_most` bytes of text; and whether there are more."""
        query = {"user": user_id, "room": {"$in": list(rooms)}}
        found = self._drafts.find(query).sort("at", DESCENDING).batch_size(READ_AT_ONCE)
        drafts = list[Draft]()
        while portion := convert(await found.to_list(READ_AT_ONCE), list[Draft]):
            for draft in portion:
                at_most -= len(draft.text.encode())
                if at_most < 0:
                    await found.close()
                    return drafts, True
                drafts.append(draft)
        return drafts, False

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

    async def remove_outside(self, user_id: str, rooms: Collection[str]) -> int:
        """Forget the drafts of a person in all other rooms than these; how many there were."""
        outside = {"user": user_id, "room": {"$nin": list(rooms)}}
        return (await self._drafts.delete_many(outside)).deleted_count

    async def remove(self, user_id: str, draft: Draft) -> None:
        """Forget the draft in the same place."""
        await self._drafts.delete_one({"_id": _id(user_id, draft)})


def _id(user_id: str, draft: Draft) -> str:
    return f"{user_id}:{draft.room}:{draft.thread or ''}"
