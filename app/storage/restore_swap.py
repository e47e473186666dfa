"""Puts a whole set of restored collections in the place of the present ones, or none of them.

They are loaded beside the present ones first. A marker says «complete»; from then on the swap can
be finished by anyone: killed before it, nothing has changed; killed after it, the
next start finishes.
"""

import os
from collections.abc import Mapping
from typing import Any

from pymongo.errors import OperationFailure

from app.storage.claim import MARKER, claimed
from app.storage.mongo import Database, client_name
from app.storage.time_series import refill

STAGING = "restoring."
FINISHED_WITHIN_S = 60.0
NAMESPACE_NOT_FOUND = 26

# What belongs to the running system and not to its content.
APART = frozenset({MARKER, "health"})


async def clear_staging(database: Database) -> None:
    """Drop what a load that did not get to its end has left."""
    for name in await database.db.list_collection_names():
        if name.startswith(STAGING):
            await database.db.drop_collection(name)


async def swap_in(database: Database, remade: Mapping[str, Any]) -> None:
    """Make the staged collections the present ones, and drop all others.

    `remade` describes those that can't be renamed, by their names.
    """
    existing = await database.db.list_collection_names()
    names = [name.removeprefix(STAGING) for name in existing if name.startswith(STAGING)]
    await database.collection(MARKER).insert_one(
        {
            "_id": "swap",
            "collections": names,
            "remade": list(remade.values()),
            "by": client_name(os.getpid()),
        }
    )
    await finish_swap(database)


async def finish_swap(database: Database, within_s: float = FINISHED_WITHIN_S) -> None:
    """Finish a swap that was decided; does nothing where there is none.

    Waits while another process does it: commands reach the database of a server that restores.
    """
    if not await claimed(database, within_s):
        return
    marker = await database.collection(MARKER).find_one({"_id": "swap"})
    if marker is None:
        return
    kept = set(marker["collections"])
    remade = {each["name"]: each for each in marker.get("remade", [])}
    for name in kept:
        if name in remade:
            await refill(database, name, STAGING + name, remade[name])
        else:
            await _rename(database, name)
    for name in await database.db.list_collection_names():
        if name not in kept | APART and not name.startswith("system."):
            await database.db.drop_collection(name)
    await database.collection(MARKER).delete_one({"_id": "swap"})


async def _rename(database: Database, name: str) -> None:
    staged: Any = database.collection(STAGING + name)
    try:
        await staged.rename(name, dropTarget=True)
    except OperationFailure as error:
        # Renamed already, by a start that was killed right after.
        if error.code != NAMESPACE_NOT_FOUND:
            raise
