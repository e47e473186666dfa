"""Backs up the embedded database, also while it is in use: all collections as of one instant.

Reads in a snapshot session: https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/
"""

import re
from pathlib import Path
from typing import Any

from msgspec import Struct
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from app import __version__
from app.storage.backup_file import ArchiveWriter
from app.storage.errors import StorageError
from app.storage.migrations import MIGRATIONS
from app.storage.mongo import Database
from app.storage.restore_swap import APART, STAGING
from app.storage.restore_time_series import RAW, series
from app.times import now, rfc3339

BATCH = 1000

# How long MongoDB keeps the history that snapshots read from: during a backup, and otherwise.
LONG_HISTORY_S, SHORT_HISTORY_S = 6 * 3600, 300


class Backup(Struct, frozen=True, kw_only=True):
    """A written backup."""

    file: str
    documents: int
    size_bytes: int


async def backup(database: Database, path: Path) -> Backup:
    """Write all collections to `path`, replacing it when complete. Raises StorageError."""
    names = await _collections(database)
    await _keep_history(database, LONG_HISTORY_S)
    try:
        with ArchiveWriter(path) as archive:
            archive.begin(
                {
                    "made_at": rfc3339(now()),
                    "parley": __version__,
                    "migration": await _newest_migration(database),
                }
            )
            await _copy(database, names, archive)
            size = archive.finish()
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        await _keep_history(database, SHORT_HISTORY_S)
    return Backup(file=str(path), documents=archive.documents, size_bytes=size)


async def _collections(database: Database) -> list[str]:
    names = await database.db.list_collection_names()
    return sorted(
        name for name in names if name not in APART and not re.match(rf"system\.|{STAGING}", name)
    )


async def _copy(database: Database, names: list[str], archive: ArchiveWriter) -> None:
    # Any: motor's stubs don't know snapshot sessions.
    client: Any = database.client
    options = await series(database)
    async with await client.start_session(snapshot=True) as session:
        for name in names:
            archive.collection(name, await _indexes(database, name), options.get(name, {}))
            # An empty read concern: the session sets that of the snapshot.
            source: Any = database.db.get_collection(
                name, codec_options=RAW, read_concern=ReadConcern()
            )
            async for document in source.find({}, session=session, batch_size=BATCH):
                archive.document(document.raw)


async def _indexes(database: Database, name: str) -> list[dict[str, Any]]:
    found = await database.collection(name).list_indexes().to_list(None)
    return [dict(index) for index in found if index["name"] != "_id_"]


async def _newest_migration(database: Database) -> int:
    newest = await database.collection(MIGRATIONS).find_one({}, sort=[("_id", -1)])
    return int(newest["_id"]) if newest else 0


async def _keep_history(database: Database, seconds: int) -> None:
    try:
        await database.client.admin.command(
            "setParameter", 1, minSnapshotHistoryWindowInSeconds=seconds
        )
    except OperationFailure as error:
        raise StorageError(f"MongoDB does not allow the backup: {error}.") from error
