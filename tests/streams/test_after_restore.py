"""The jump of streams after a restore: beyond every rev that any client has seen."""

from typing import Any

from app.storage.mongo import Database
from app.streams.after_restore import JUMP, mark_restored

PREFIX = "restored_for_a_test."


def entry(rev: int) -> dict[str, Any]:
    return {
        "_id": f"e{rev}",
        "stream": "room:a",
        "rev": rev,
        "sender": "ana",
        "client_id": f"{rev}",
    }


async def test_a_stream_jumps_from_the_later_of_its_two_heads(database: Database) -> None:
    await database.collection("entries").insert_one(entry(10))
    restored = database.collection(f"{PREFIX}entries")
    await restored.insert_one(entry(3))
    try:
        await mark_restored(database, PREFIX, choose=lambda _: 0)
        newest = await restored.find_one({}, sort=[("rev", -1)])
        floor = await database.collection(f"{PREFIX}streams").find_one({"_id": "room:a"})
        assert newest is not None
        assert floor is not None
        assert (newest["rev"], floor["floor"]) == (10 + JUMP, 9 + JUMP)
    finally:
        for name in ("entries", "streams"):
            await database.db.drop_collection(PREFIX + name)
