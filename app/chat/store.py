"""Chat's own documents: rooms and memberships. Messages live in the streams."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, InsertOne, UpdateOne

from app.chat.models import Membership, Room, room_document, room_from
from app.storage.gathered import Gathered
from app.storage.mongo import Database
from app.streams.models import Write

ROOMS = "rooms"
MEMBERSHIPS = "memberships"

INDEXES: dict[str, list[IndexModel]] = {
    ROOMS: [
        IndexModel([("slug", ASCENDING)], unique=True, name="slug"),
        IndexModel(
            [("direct_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"direct_key": {"$exists": True}},
            name="direct",
        ),
        IndexModel(
            [("kind", ASCENDING), ("archived", ASCENDING), ("name", ASCENDING)], name="browse"
        ),
    ],
    MEMBERSHIPS: [
        IndexModel([("room", ASCENDING), ("is_in", ASCENDING)], name="members"),
        IndexModel([("user", ASCENDING), ("is_in", ASCENDING)], name="rooms"),
    ],
}


class ChatStore:
    """Queries and writes; those that change a membership or a room travel with their entry."""

    def __init__(self, database: Database) -> None:
        self._rooms = database.collection(ROOMS)
        self._memberships = database.collection(MEMBERSHIPS)
        self._gathered = Gathered(self._read_seqs)

    async def room(self, reference: str) -> Room | None:
        """The room with this id or slug."""
        found = await self._rooms.find_one({"$or": [{"_id": reference}, {"slug": reference}]})
        return room_from(found) if found else None

    async def rooms(self, ids: Collection[str]) -> list[Room]:
        """The rooms with these ids."""
        if not ids:
            return []
        found = await self._rooms.find({"_id": {"$in": list(ids)}}).to_list(None)
        return [room_from(document) for document in found]

    async def direct(self, key: str) -> Room | None:
        """The direct room of the two people that `key` names."""
        found = await self._rooms.find_one({"direct_key": key})
        return room_from(found) if found else None

    async def open_rooms(self, limit: int) -> list[Room]:
        """Open rooms by name, the archived left out."""
        found = self._rooms.find({"kind": "open", "archived": False}).sort("name", ASCENDING)
        return [room_from(d) for d in await found.limit(limit).to_list(None)]

    async def members(self, room_id: str) -> list[Membership]:
        """Everyone in the room."""
        found = self._memberships.find({"room": room_id, "is_in": True})
        return [
            Membership(user=d["user"], read_seq=d.get("read_seq", 0))
            for d in await found.to_list(None)
        ]

    async def read_seqs(self, user_id: str) -> dict[str, int | None]:
        """The rooms this person is or was in: how far they have read, None where they are out."""
        return await self._gathered.get(user_id) or {}

    async def _read_seqs(self, users: list[str]) -> dict[str, dict[str, int | None]]:
        seqs: dict[str, dict[str, int | None]] = {}
        for d in await self._memberships.find({"user": {"$in": users}}).to_list(None):
            read_seq = d.get("read_seq", 0) if d["is_in"] else None
            seqs.setdefault(d["user"], {})[d["room"]] = read_seq
        return seqs

    async def member_counts(self, room_ids: Sequence[str]) -> dict[str, int]:
        """How many people are in each room."""
        return await self._counts("room", room_ids)

    async def room_counts(self, user_ids: Sequence[str]) -> dict[str, int]:
        """How many rooms each of these people is in."""
        return await self._counts("user", user_ids)

    async def _counts(self, field: str, ids: Sequence[str]) -> dict[str, int]:
        counts = self._memberships.aggregate(
            [
                {"$match": {field: {"$in": list(ids)}, "is_in": True}},
                {"$group": {"_id": f"${field}", "count": {"$sum": 1}}},
            ]
        )
        return {d["_id"]: d["count"] async for d in counts}

    async def mark_read(self, room_id: str, user_id: str, seq: int) -> None:
        """Read up to `seq`; never backwards."""
        await self._memberships.update_one(
            {"_id": membership_id(room_id, user_id)}, {"$max": {"read_seq": seq}}
        )


def membership_id(room_id: str, user_id: str) -> str:
    return f"{room_id}:{user_id}"


def adds_room(room: Room, at: datetime, direct_key: str | None = None) -> Write:
    """The new room, in the transaction of its first entry."""
    return Write(
        collection=ROOMS,
        operation=InsertOne(room_document(room, at, direct_key)),
        conflict="There is a room with this name already. Choose another name.",
        field="name",
    )


def changes_room(room_id: str, **fields: Any) -> Write:
    """New values of a room's fields."""
    return Write(collection=ROOMS, operation=UpdateOne({"_id": room_id}, {"$set": fields}))


def adds_member(room_id: str, user_id: str, at: datetime, read_seq: int = 0) -> Write:
    """This person is in the room; who comes back does not find everything unread."""
    return _membership(
        room_id, user_id, {"$set": {"is_in": True, "joined_at": at}, "$max": {"read_seq": read_seq}}
    )


def removes_member(room_id: str, user_id: str) -> Write:
    """This person is not in the room any more; how far they read stays known."""
    return _membership(room_id, user_id, {"$set": {"is_in": False}})


def _membership(room_id: str, user_id: str, update: dict[str, Any]) -> Write:
    on_insert = {"room": room_id, "user": user_id}
    return Write(
        collection=MEMBERSHIPS,
        operation=UpdateOne(
            {"_id": membership_id(room_id, user_id)},
            {**update, "$setOnInsert": on_insert},
            upsert=True,
        ),
    )
