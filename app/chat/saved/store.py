"""The messages that people have saved for themselves."""

from datetime import datetime

from msgspec import Struct, convert
from pymongo import DESCENDING, IndexModel

from app.storage.mongo import Database

SAVED = "saved_messages"

INDEXES: dict[str, list[IndexModel]] = {
    SAVED: [IndexModel([("user", DESCENDING), ("at", DESCENDING)], name="user")],
}


class SavedMessage(Struct, frozen=True, kw_only=True):
    """A message that was saved `at` that time; `room` and `message` are ids."""

    room: str
    message: str
    at: datetime


class SavedStore:
    """Keeps which messages each person has saved."""

    def __init__(self, database: Database) -> None:
        self._saved = database.collection(SAVED)

    async def of(self, user_id: str, limit: int) -> list[SavedMessage]:
        """The newest saved messages of a person, the newest first."""
        found = self._saved.find({"user": user_id}).sort("at", DESCENDING).limit(limit)
        return convert(await found.to_list(None), list[SavedMessage])

    async def count(self, user_id: str) -> int:
        """How many messages a person has saved."""
        return await self._saved.count_documents({"user": user_id})

    async def ids(self, user_id: str) -> list[str]:
        """The ids of the messages that a person has saved."""
        found = self._saved.find({"user": user_id}, {"_id": 0, "message": 1})
        return [document["message"] for document in await found.to_list(None)]

    async def put(self, user_id: str, saved: SavedMessage) -> None:
        """Save a message; one that is saved keeps its time."""
        fields = {"user": user_id, "room": saved.room, "message": saved.message, "at": saved.at}
        key = {"_id": _id(user_id, saved.message)}
        await self._saved.update_one(key, {"$setOnInsert": fields}, upsert=True)

    async def remove(self, user_id: str, *messages: str) -> None:
        """Save these messages no longer."""
        ids = [_id(user_id, message) for message in messages]
        await self._saved.delete_many({"_id": {"$in": ids}})


def _id(user_id: str, message: str) -> str:
    return f"{user_id}:{message}"
