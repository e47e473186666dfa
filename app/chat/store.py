"""Queries and writes of rooms and memberships. Messages are entries of the streams."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, convert, to_builtins
from pymongo import ASCENDING, IndexModel, InsertOne, ReturnDocument, UpdateOne

from app.chat.models import Membership, Reading, Room
from app.name_keys import name_keys
from app.storage.batched_lookup import BatchedLookup
from app.storage.mongo import Database
from app.storage.name_lookup import NameLookup, name_indexes
from app.streams.models import Write
from app.text_checks import comparable

ROOMS = "rooms"
MEMBERSHIPS = "memberships"
# Between portions others have their turn.
MEMBERS_AT_ONCE = 2_000
MEMBER_FIELDS = {"_id": False, "room": True, "user": True, "read_seq": True, "unread_marks": True}

INDEXES: dict[str, list[IndexModel]] = {
    ROOMS: [
        IndexModel([("slug", ASCENDING)], unique=True, name="slug"),
        # Only among open rooms: a conflict would reveal that a private room has the name.
        IndexModel(
            [("name_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"kind": "open", "name_key": {"$exists": True}},
            name="open name",
        ),
        IndexModel([("owner", ASCENDING), ("archived", ASCENDING)], name="owned"),
        IndexModel(
            [("direct_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"direct_key": {"$exists": True}},
            name="direct",
        ),
        IndexModel(
            [("kind", ASCENDING), ("archived", ASCENDING), ("name", ASCENDING)], name="browse"
        ),
        *name_indexes({"kind": "open"}),
    ],
    MEMBERSHIPS: [
        IndexModel([("room", ASCENDING), ("is_in", ASCENDING)], name="members"),
        IndexModel([("user", ASCENDING), ("is_in", ASCENDING)], name="rooms"),
    ],
}


class RoomCounts(Struct, frozen=True, kw_only=True):
    """How many rooms a person is in; how many of these others added them to, and how many one
    certain other person did."""

    all: int = 0
    by_others: int = 0
    by_one: int = 0


class ChatStore:
    """Reads rooms and memberships. The functions below make writes to commit with an entry."""

    def __init__(self, database: Database) -> None:
        self._rooms = database.collection(ROOMS)
        self._memberships = database.collection(MEMBERSHIPS)
        self._gathered = BatchedLookup(self._readings)
        self._by_name = NameLookup(self._rooms, {"kind": "open"})

    async def room(self, reference: str) -> Room | None:
        """The room with this id or slug."""
        found = await self._rooms.find_one({"$or": [{"_id": reference}, {"slug": reference}]})
        return convert(found, Room) if found else None

    async def rooms(self, ids: Collection[str]) -> list[Room]:
        """The rooms with these ids."""
        if not ids:
            return []
        found = await self._rooms.find({"_id": {"$in": list(ids)}}).to_list(None)
        return convert(found, list[Room])

    async def rooms_at(self, references: Collection[str]) -> list[Room]:
        """The rooms with these ids or slugs."""
        if not references:
            return []
        wanted = list(references)
        found = self._rooms.find({"$or": [{"_id": {"$in": wanted}}, {"slug": {"$in": wanted}}]})
        return convert(await found.to_list(None), list[Room])

    async def direct(self, key: str) -> Room | None:
        """The direct room of two people; `key` is their ids in order, with a colon between."""
        found = await self._rooms.find_one({"direct_key": key})
        return convert(found, Room) if found else None

    async def open_rooms(self, limit: int) -> list[Room]:
        """Up to `limit` open rooms by name, without archived ones."""
        found = self._rooms.find({"kind": "open", "archived": False}).sort("name", ASCENDING)
        return convert(await found.limit(limit).to_list(None), list[Room])

    async def search_open_rooms(self, query: str, archived: bool, at_most: int) -> list[Room]:
        """Up to `at_most` open rooms whose name contains each word of `query`, the best first."""
        found = await self._by_name.find(query, at_most, {"archived": archived})
        return convert(found, list[Room])

    async def open_rooms_page(self, archived: bool, skip: int, limit: int) -> list[Room]:
        """Open rooms by name, in the order that knows no case."""
        found = self._rooms.find(
            {"kind": "open", "archived": archived, "name_key": {"$exists": True}},
            sort=[("name_key", ASCENDING)],
            hint="open name",
            skip=skip,
            limit=limit,
        )
        return convert(await found.to_list(None), list[Room])

    async def members(self, room_ids: Collection[str]) -> dict[str, list[Membership]]:
        """The memberships of each of these rooms, by room."""
        members: dict[str, list[Membership]] = {room_id: [] for room_id in room_ids}
        query = {"room": {"$in": list(room_ids)}, "is_in": True}
        cursor = self._memberships.find(query, MEMBER_FIELDS)
        while found := await cursor.to_list(MEMBERS_AT_ONCE):
            for document in found:
                members[document["room"]].append(convert(document, Membership))
        return members

    async def readings(self, user_id: str) -> dict[str, Reading | None]:
        """By id, the rooms that this person is or was in: how far they have read, None where they
        have left."""
        return await self._gathered.get(user_id) or {}

    async def _readings(self, users: list[str]) -> dict[str, dict[str, Reading | None]]:
        found: dict[str, dict[str, Reading | None]] = {}
        for d in await self._memberships.find({"user": {"$in": users}}).to_list(None):
            reading = Reading(d.get("unread_marks", 0), d.get("read_seq", 0))
            found.setdefault(d["user"], {})[d["room"]] = reading if d["is_in"] else None
        return found

    async def member_counts(self, room_ids: Sequence[str]) -> dict[str, int]:
        """How many people are in each room."""
        counts = self._memberships.aggregate(
            [
                {"$match": {"room": {"$in": list(room_ids)}, "is_in": True}},
                {"$group": {"_id": "$room", "count": {"$sum": 1}}},
            ]
        )
        return {d["_id"]: d["count"] async for d in counts}

    async def places(self, user_ids: Sequence[str], by: str = "") -> dict[str, RoomCounts]:
        """How many rooms each of these people is in, by their ids; `by` is the id of the person
        whose additions are counted as `by_one`."""
        counts = self._memberships.aggregate(
            [
                {"$match": {"user": {"$in": list(user_ids)}, "is_in": True}},
                {
                    "$group": {
                        "_id": "$user",
                        "all": {"$sum": 1},
                        "by_others": {"$sum": {"$cond": [{"$gt": ["$by", None]}, 1, 0]}},
                        "by_one": {"$sum": {"$cond": [{"$eq": ["$by", by]}, 1, 0]}},
                    }
                },
            ]
        )
        return {
            d["_id"]: RoomCounts(all=d["all"], by_others=d["by_others"], by_one=d["by_one"])
            async for d in counts
        }

    async def owned(self, user_id: str) -> int:
        """How many rooms this person owns, without archived and direct ones."""
        return await self._rooms.count_documents(
            {"owner": user_id, "archived": False, "kind": {"$ne": "direct"}}
        )

    async def is_named(self, key: str, private: Sequence[str], besides: str | None) -> bool:
        """Whether an open room other than `besides` has this name, or one of the `private` ones."""
        other: dict[str, Any] = {"name_key": key, "_id": {"$ne": besides}}
        if await self._rooms.find_one({**other, "kind": "open"}, {"_id": 1}):
            return True
        mine = [room_id for room_id in private if room_id != besides]
        query: dict[str, Any] = {"_id": {"$in": mine}, "name_key": key, "kind": "private"}
        return await self._rooms.find_one(query, {"_id": 1}) is not None

    async def slugs_like(self, base: str) -> set[str]:
        """The slugs that are `base`, or `base` with a number behind it."""
        pattern = f"^{re.escape(base)}(-[0-9]+)?$"
        found = self._rooms.find({"slug": {"$regex": pattern}}, {"slug": 1, "_id": 0})
        return {document["slug"] async for document in found}

    async def mark_read(self, room_id: str, user_id: str, seq: int) -> None:
        """Store that this person has read up to `seq`; never backwards."""
        await self._memberships.update_one(
            {"_id": membership_id(room_id, user_id)}, {"$max": {"read_seq": seq}}
        )

    async def mark_unread(self, room_id: str, user_id: str, seq: int) -> Reading | None:
        """Store that this person wants to have read up to `seq` only, and count that; None where
        they have not read further."""
        document = await self._memberships.find_one_and_update(
            {"_id": membership_id(room_id, user_id), "read_seq": {"$gt": seq}},
            {"$set": {"read_seq": seq}, "$inc": {"unread_marks": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return None
        return Reading(document["unread_marks"], document["read_seq"])


def membership_id(room_id: str, user_id: str) -> str:
    return f"{room_id}:{user_id}"


def adds_room(room: Room, at: datetime, direct_key: str | None = None) -> Write:
    """Creates a room."""
    document = {**to_builtins(room), "created_at": at}
    if room.kind != "direct":
        document |= {"name_key": comparable(room.name), **name_keys(room.name)}
    if direct_key is not None:
        document["direct_key"] = direct_key
    return Write(
        collection=ROOMS,
        operation=InsertOne(document),
        conflict="There is a room with this name or address already.",
        field="name",
    )


def changes_room(room_id: str, **fields: Any) -> Write:
    """Sets fields of a room."""
    return Write(collection=ROOMS, operation=UpdateOne({"_id": room_id}, {"$set": fields}))


def renames_room(room_id: str, name: str) -> Write:
    """Renames a room; its slug stays."""
    fields = {"name": name, "name_key": comparable(name), **name_keys(name)}
    return Write(
        collection=ROOMS,
        operation=UpdateOne({"_id": room_id}, {"$set": fields}),
        conflict="There is a room with this name already. Choose another name.",
        field="name",
    )


def adds_member(
    room_id: str, user_id: str, at: datetime, read_seq: int = 0, by: str | None = None
) -> Write:
    """Makes a person a member who has read up to `read_seq`. `by` is the id of the person who added
    them, None where they joined by themselves."""
    update: dict[str, Any] = {
        "$set": {"is_in": True, "joined_at": at} | ({"by": by} if by else {}),
        "$max": {"read_seq": read_seq},
    }
    return _membership(room_id, user_id, update if by else {**update, "$unset": {"by": ""}})


def removes_member(room_id: str, user_id: str) -> Write:
    """Ends a membership; the document keeps how far the person has read, but not how often they
    marked messages as unread: all nodes count that from nothing when they come again."""
    return _membership(room_id, user_id, {"$set": {"is_in": False}, "$unset": {"unread_marks": ""}})


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
