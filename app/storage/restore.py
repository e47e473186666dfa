"""Restores a backup in place of the present content: all of it, or nothing.

For a database that nothing else uses; see `restore_request.py` for a running server.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import bson
import structlog
from bson.raw_bson import RawBSONDocument
from pymongo.write_concern import WriteConcern

from app.storage.backup_file import COLLECTION, DOCUMENT, Frame, Summary, frames, verify
from app.storage.errors import StorageError
from app.storage.migrations import NEWEST
from app.storage.mongo import Database, client_name, connected_processes
from app.storage.restore_swap import STAGING, clear_staging, swap_in
from app.storage.restore_time_series import Description

log = structlog.get_logger(__name__)

BATCH = 1000
BATCH_BYTES = 8 * 1024 * 1024

# Cheap writes: the journaled marker of the swap comes later in the oplog and covers them.
QUICK = WriteConcern(w=1)

Mark = Callable[[Database, str], Awaitable[None]]


async def checked(path: Path, newest_migration: int = NEWEST) -> Summary:
    """Verify the whole file. Raises StorageError when it is damaged or from a newer version."""
    summary = await asyncio.to_thread(verify, path)
    if summary.migration > newest_migration:
        raise StorageError(
            f"{path} was made by Parley {summary.parley}, which is newer than this one. "
            "Restore it with that version."
        )
    return summary


async def restore(database: Database, path: Path, mark: Mark) -> Summary:
    """Replace all collections by those in the file `path`.

    Once they are loaded as `prefix + name`, `mark(database, prefix)` changes in them what must not
    be restored as it was, such as sessions. Raises StorageError, and then nothing has changed.
    """
    summary = await checked(path)
    await refuse_others(database, {os.getpid()})
    await clear_staging(database)
    remade = await _load(database, path)
    await mark(database, STAGING)
    await swap_in(database, remade)
    log.info("restored", file=str(path), documents=summary.documents)
    return summary


async def refuse_others(database: Database, own: set[int]) -> None:
    """Raise StorageError while a Parley process that is not one of `own` is connected."""
    others = await connected_processes(database) - {client_name(pid) for pid in own}
    if others:
        raise StorageError(
            f"Another process uses this database: {', '.join(sorted(others))}. "
            "Stop it, then restore again."
        )


async def _load(database: Database, path: Path) -> list[Description]:
    """Load all collections beside the present ones; returns the descriptions of time series."""
    name = ""
    remade: list[Description] = []
    for tag, content in _batched(frames(path)):
        if tag == COLLECTION:
            description = cast("Description", bson.decode(content[0]))
            name = description["name"]
            if description.get("options"):
                remade.append(description)
            await _create(database, description)
        elif tag == DOCUMENT:
            await _insert(database, name, [RawBSONDocument(raw) for raw in content])
    return remade


def _batched(source: Iterable[Frame]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Consecutive frames of one tag, in batches of bounded size."""
    kind, batch, size = b"", list[bytes](), 0
    for tag, content in source:
        if batch and (tag != kind or tag != DOCUMENT or size > BATCH_BYTES or len(batch) == BATCH):
            yield kind, batch
            batch, size = [], 0
        kind = tag
        batch.append(content)
        size += len(content)
    if batch:
        yield kind, batch


async def _create(database: Database, description: Description) -> None:
    staged = STAGING + description["name"]
    options = description.get("options", {})
    # Staged as a time series: an ordinary collection would refuse repeated ids.
    await database.db.create_collection(staged, **options)
    if description["indexes"] and not options:
        await database.db.command("createIndexes", staged, indexes=description["indexes"])


async def _insert(database: Database, name: str, batch: list[RawBSONDocument]) -> None:
    target = database.db.get_collection(STAGING + name, write_concern=QUICK)
    await target.insert_many(batch, ordered=False)
