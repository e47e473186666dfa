"""Who finishes a restore: one process at a time, and another only once that one is gone.

A claim names its process, and MongoDB knows who is connected: no claim outlives its holder.
"""

import asyncio
import os

from app.storage.mongo import Database, StorageError, client_name

MARKER = "restore"
POLL_S = 0.1


async def connected(database: Database) -> set[str]:
    """The names of all Parley processes that are connected, this one too."""
    found = await database.client.admin.aggregate(
        [{"$currentOp": {"allUsers": True, "idleConnections": True}}, {"$project": {"appName": 1}}]
    ).to_list(None)
    names = {operation.get("appName", "") for operation in found}
    return {name for name in names if name.startswith(client_name(""))}


async def claimed(database: Database, within_s: float) -> bool:
    """True once the swap is ours to finish, False once there is none any more.

    Raises StorageError when another process has not finished it within `within_s` seconds.
    """
    marker = database.collection(MARKER)
    mine = client_name(os.getpid())
    deadline = asyncio.get_running_loop().time() + within_s
    while (found := await marker.find_one({"_id": "swap"})) is not None:
        holder = found.get("by")
        # Read in this order: whoever claimed before we looked is connected when we look.
        if holder in (None, mine) or holder not in await connected(database):
            taken = await marker.update_one({"_id": "swap", "by": holder}, {"$set": {"by": mine}})
            if taken.matched_count:
                return True
        elif asyncio.get_running_loop().time() > deadline:
            raise StorageError(f"A restore is being finished by {holder}. Try again after it.")
        await asyncio.sleep(POLL_S)
    return False
