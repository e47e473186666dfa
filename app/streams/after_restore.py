"""Makes every stream jump ahead after a restore, so that cursors from before it are refused.

Called while the collections are loaded but not yet in place.
"""

import secrets
from collections.abc import Callable
from typing import Any

from pymongo import InsertOne, UpdateOne

from app.ids import new_id
from app.storage.mongo import Database
from app.streams.models import MARK
from app.streams.store import ENTRIES, STREAMS
from app.times import now

JUMP = 2**32

# The jump is random: after two restores of one file, the streams must not reach the same revs, or a
# cursor of the first would look valid in the second. A jump is at most 2^40, and JavaScript's
# integers go up to 2^53.
JUMPS_AT_MOST = 256
BATCH = 500


async def mark_restored(
    database: Database,
    prefix: str,
    choose: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Append to each loaded stream an entry far above its head, and raise its floor to below it."""
    jump = JUMP * (1 + choose(JUMPS_AT_MOST))
    present = await _heads(database, ENTRIES)
    restored = await _heads(database, prefix + ENTRIES)
    marks = {stream: max(head, present.get(stream, 0)) + jump for stream, head in restored.items()}
    await _write(database, prefix + ENTRIES, [_mark(s, rev) for s, rev in marks.items()])
    await _write(database, prefix + STREAMS, [_floor(s, rev - 1) for s, rev in marks.items()])


async def _heads(database: Database, entries: str) -> dict[str, int]:
    """The head of every stream, one index lookup each."""
    pipeline: list[dict[str, Any]] = [
        {"$sort": {"stream": 1, "rev": -1}},
        {"$group": {"_id": "$stream", "head": {"$first": "$rev"}}},
    ]
    found = database.collection(entries).aggregate(pipeline, allowDiskUse=True)
    return {group["_id"]: group["head"] async for group in found}


def _mark(stream: str, rev: int) -> InsertOne[dict[str, Any]]:
    return InsertOne(
        {
            "_id": new_id(),
            "stream": stream,
            "rev": rev,
            "kind": MARK,
            "sender": "",
            "client_id": new_id(),
            "fingerprint": b"",
            "at": now(),
        }
    )


def _floor(stream: str, floor: int) -> UpdateOne:
    return UpdateOne({"_id": stream}, {"$set": {"floor": floor}}, upsert=True)


async def _write(database: Database, name: str, operations: list[Any]) -> None:
    for start in range(0, len(operations), BATCH):
        await database.collection(name).bulk_write(operations[start : start + BATCH])
