"""Changes of stored rooms that came with later versions of Parley."""

from collections.abc import AsyncIterator

from app.chat.store import ROOMS
from app.name_keys import name_keys
from app.storage.documents import set_fields
from app.storage.migrations import Migration
from app.storage.mongo import Database
from app.text_checks import comparable


async def key_names(database: Database) -> None:
    """Give each room the form of its name that is compared. Of open rooms that already share a
    name the oldest has it; another one keeps its name until somebody renames it."""
    await set_fields(database.collection(ROOMS), _keys(database))


async def _keys(database: Database) -> AsyncIterator[tuple[str, dict[str, str]]]:
    taken: set[str] = set()
    async for room in database.collection(ROOMS).find(
        {"kind": {"$in": ["open", "private"]}},
        {"name": 1, "kind": 1, "name_key": 1},
        sort=[("created_at", 1), ("_id", 1)],
    ):
        key = room.get("name_key") or comparable(room["name"])
        if room["kind"] == "open" and key in taken:
            # No name that is typed has a line break.
            key = f"{key}\n{room['_id']}"
        taken |= {key} if room["kind"] == "open" else set()
        yield room["_id"], {"name_key": key}


async def index_names(database: Database) -> None:
    """Give each room the keys by which any part of its name is found."""
    rooms = database.collection(ROOMS)
    found = rooms.find({"kind": {"$ne": "direct"}}, {"name": 1})
    await set_fields(rooms, ((room["_id"], name_keys(room["name"])) async for room in found))


NAME_KEYS = Migration(number=1, name="keys of room names", run=key_names)
ROOM_SEARCH = Migration(number=3, name="search keys of rooms", run=index_names)
