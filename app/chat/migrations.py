"""Changes of stored rooms that came with later versions of Parley."""

from pymongo import ASCENDING, UpdateOne

from app.chat.store import ROOMS
from app.storage.migrations import Migration
from app.storage.mongo import Database
from app.text import comparable

AT_ONCE = 500


async def key_names(database: Database) -> None:
    """Give each room the form of its name that is compared. Of open rooms that already share a
    name the oldest has it; another one keeps its name until somebody renames it."""
    rooms = database.collection(ROOMS)
    found = rooms.find(
        {"kind": {"$in": ["open", "private"]}},
        {"name": 1, "kind": 1, "name_key": 1},
        sort=[("created_at", ASCENDING), ("_id", ASCENDING)],
    )
    taken: set[str] = set()
    updates: list[UpdateOne] = []
    async for room in found:
        key = room.get("name_key") or comparable(room["name"])
        if room["kind"] == "open" and key in taken:
            # No name that is typed has a line break.
            key = f"{key}\n{room['_id']}"
        taken |= {key} if room["kind"] == "open" else set()
        updates.append(UpdateOne({"_id": room["_id"]}, {"$set": {"name_key": key}}))
        if len(updates) == AT_ONCE:
            await rooms.bulk_write(updates)
            updates = []
    if updates:
        await rooms.bulk_write(updates)


NAME_KEYS = Migration(number=1, name="keys of room names", run=key_names)
