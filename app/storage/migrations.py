"""Migrates a database to the form that this version of Parley reads and writes.

Nodes may start at the same time: each step is idempotent and may run twice, also concurrently, so
that no lock is needed, which a killed node could leave behind.
"""

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure

from app.storage.errors import StorageError
from app.storage.mongo import Database
from app.storage.restore_swap import finish_swap
from app.times import now

log = structlog.get_logger(__name__)

MIGRATIONS = "migrations"
NAMESPACE_EXISTS = 48
# The latest step that this version knows; backups with a later one are refused.
NEWEST = 3

Indexes = Mapping[str, Sequence[IndexModel]]


class Migration(Struct, frozen=True, kw_only=True):
    """One numbered change of stored documents. `run` must be idempotent."""

    number: int
    name: str
    run: Callable[[Database], Awaitable[None]]


async def migrate(
    database: Database, indexes: Iterable[Indexes], steps: Sequence[Migration] = ()
) -> None:
    """Run the steps that were not run yet, in order, then create missing collections and indexes.

    Raises StorageError where a newer Parley has migrated this database.
    """
    await finish_swap(database)
    done = await _done(database)
    _refuse_newer(done, steps)
    for step in sorted(steps, key=lambda step: step.number):
        if step.number not in done:
            await _run(database, step)
    existing = set(await database.db.list_collection_names())
    for declared in indexes:
        await _ensure(database, declared, existing)


async def _done(database: Database) -> set[int]:
    return {document["_id"] async for document in database.collection(MIGRATIONS).find()}


def _refuse_newer(done: set[int], steps: Sequence[Migration]) -> None:
    known = max((step.number for step in steps), default=0)
    newest = max(done, default=0)
    if newest > known:
        raise StorageError(
            f"This database was changed by a newer Parley (migration {newest}, this one knows "
            f"{known}). Start the newer version, or restore a backup from before the upgrade."
        )


async def _run(database: Database, step: Migration) -> None:
    log.info("migrating", number=step.number, name=step.name)
    await step.run(database)
    await database.collection(MIGRATIONS).update_one(
        {"_id": step.number}, {"$setOnInsert": {"name": step.name, "at": now()}}, upsert=True
    )


async def _ensure(database: Database, declared: Indexes, existing: Container[str]) -> None:
    """Create collections too: one created in a transaction makes concurrent transactions fail."""
    for name, models in declared.items():
        if name not in existing:
            await make_collection(database, name)
        if models:
            await database.collection(name).create_indexes(list(models))


async def make_collection(database: Database, name: str, **options: Any) -> None:
    """Create a collection unless it exists, also while another node does so."""
    try:
        await database.db.create_collection(name, **options)
    except CollectionInvalid:
        return  # created by another node since the driver looked
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # the same, a moment later
            raise
