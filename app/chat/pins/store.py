"""Which messages of a room are pinned, in the order of pinning."""

from datetime import datetime

from msgspec import Struct, convert
from pymongo import DESCENDING, DeleteOne, IndexModel, UpdateOne

from app.storage.mongo import Database
from app.streams.models import Write

PINS = "pins"

INDEXES: dict[str, list[IndexModel]] = {
    PINS: [IndexModel([("room", DESCENDING), ("at", DESCENDING)], name="room")],
}


class Pin(Struct, frozen=True, kw_only=True):
    """A message that was pinned `at` that time."""

    message: str
    at: datetime


class PinStore:
    """Reads pins. The functions below make writes to commit with a message's change."""

    def __init__(self, database: Database) -> None:
        self._pins = database.collection(PINS)

    async def of(self, room_id: str, limit: int) -> list[Pin]:
        """The pins of a room, the newest first."""
        found = self._pins.find({"room": room_id}).sort("at", DESCENDING).limit(limit)
        return convert(await found.to_list(None), list[Pin])

    async def remove(self, room_id: str, messages: list[str]) -> None:
        """Forget the pins of messages that are gone."""
        await self._pins.delete_many({"_id": {"$in": [_id(room_id, each) for each in messages]}})


def adds_pin(room_id: str, message: str, at: datetime) -> Write:
    """Pins a message; one that is pinned keeps its place."""
    fields = {"room": room_id, "message": message, "at": at}
    operation = UpdateOne({"_id": _id(room_id, message)}, {"$setOnInsert": fields}, upsert=True)
    return Write(collection=PINS, operation=operation)


def removes_pin(room_id: str, message: str) -> Write:
    """Takes a pin away."""
    return Write(collection=PINS, operation=DeleteOne({"_id": _id(room_id, message)}))


def _id(room_id: str, message: str) -> str:
    return f"{room_id}:{message}"
