"""Swaps a set of restored collections in place of the present ones: all of them, or none.

They are loaded beside the present ones; then a marker is written. A kill before the marker changes
nothing; after a kill behind it, the next start finishes the swap.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import OperationFailure

from app.storage.errors import StorageError
from app.storage.mongo import Database, client_name, connected_processes
from app.storage.restore_time_series import Description, refill

MARKER = "restore"
STAGING = "restoring."
FINISHED_WITHIN_S = 60.0
POLL_S = 0.1
NAMESPACE_NOT_FOUND = 26

# Collections of the running system, which are no content.
APART = frozenset({MARKER, "health", "bus_hints"})


async def clear_staging(database: Database) -> None:
    """Drop what an unfinished load has left."""
    for name in await database.db.list_collection_names():
        if name.startswith(STAGING):
            await database.db.drop_collection(name)


async def swap_in(database: Database, remade: Sequence[Description]) -> None:
    """Make the staged collections the present ones, and drop all others.

    `remade` has the descriptions of time series, which can't be renamed.
    """
    existing = await database.db.list_collection_names()
    names = [name.removeprefix(STAGING) for name in existing if name.startswith(STAGING)]
    await database.collection(MARKER).insert_one(
        {
            "_id": "swap",
            "collections": names,
            "remade": list(remade),
            "by": client_name(os.getpid()),
        }
    )
    await finish_swap(database)


async def finish_swap(database: Database, within_s: float = FINISHED_WITHIN_S) -> None:
    """Finish a swap whose marker is written; does nothing where there is none.

    Waits up to `within_s` seconds while another process does it. Raises StorageError.
    """
    marker = await _claimed(database, within_s)
    if marker is None:
        return
    kept = set(marker["collections"])
    remade = {each["name"]: each for each in marker.get("remade", [])}
    for name in kept:
        if name in remade:
            await refill(database, STAGING + name, remade[name])
        else:
            await _rename(database, name)
    for name in await database.db.list_collection_names():
        if name not in kept | APART and not name.startswith("system."):
            await database.db.drop_collection(name)
    await database.collection(MARKER).delete_one({"_id": "swap"})


async def _claimed(database: Database, within_s: float) -> Mapping[str, Any] | None:
    """The marker, once the swap is ours to finish; None once there is no swap any more.

    One process finishes it at a time, another only once that one is gone: a claim names its
    process, and MongoDB knows which are connected, so no claim outlives its holder.

    Raises StorageError when another process has not finished within `within_s` seconds.
    """
    marker = database.collection(MARKER)
    mine = client_name(os.getpid())
    deadline = asyncio.get_running_loop().time() + within_s
    while (found := await marker.find_one({"_id": "swap"})) is not None:
        holder = found.get("by")
        # In this order: a process that had claimed when we read is connected when we ask.
        if holder in (None, mine) or holder not in await connected_processes(database):
            taken: Mapping[str, Any] | None = await marker.find_one_and_update(
                {"_id": "swap", "by": holder}, {"$set": {"by": mine}}
            )
            if taken is not None:
                return taken
        elif asyncio.get_running_loop().time() > deadline:
            raise StorageError(f"A restore is being finished by {holder}. Try again after it.")
        await asyncio.sleep(POLL_S)
    return None


async def _rename(database: Database, name: str) -> None:
    staged: Any = database.collection(STAGING + name)
    try:
        await staged.rename(name, dropTarget=True)
    except OperationFailure as error:
        # Renamed before, by a start that was killed right after.
        if error.code != NAMESPACE_NOT_FOUND:
            raise
