"""Records as MongoDB keeps them: `id` is its `_id`, and fields that are None are left out."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct
from pymongo import UpdateOne

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection

AT_ONCE = 500

Record = TypeVar("Record")


def document_of(record: Struct) -> dict[str, Any]:
    """The document of a record that has an `id`; datetimes stay datetimes."""
    document = msgspec.to_builtins(record, builtin_types=(datetime,))
    document["_id"] = document.pop("id")
    return {name: value for name, value in document.items() if value is not None}


async def set_fields(
    collection: "AsyncIOMotorCollection", changes: AsyncIterator[tuple[str, Mapping[str, Any]]]
) -> None:
    """Set fields of many documents, in batches. `changes` gives `(_id, fields)` of each."""
    batch: list[UpdateOne] = []
    async for key, fields in changes:
        batch.append(UpdateOne({"_id": key}, {"$set": fields}))
        if len(batch) == AT_ONCE:
            await collection.bulk_write(batch)
            batch = []
    if batch:
        await collection.bulk_write(batch)


def record_from(document: Mapping[str, Any], kind: type[Record]) -> Record:
    """The record of a document: the reverse of `document_of`. Unknown fields are left out."""
    return msgspec.convert({"id": document["_id"], **document}, kind)
