"""Time series in backups: MongoDB can't rename them, so a restored one is created and filled."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from app.storage.mongo import Database

AT_ONCE = 1_000
# Documents are not decoded, so that every number keeps its type.
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
# The options that `create_collection` takes; MongoDB derives the others from these.
SAID = ("timeField", "metaField", "granularity")

Options = dict[str, Any]


async def series(database: Database) -> dict[str, Options]:
    """The options of all time series, by name, as `create_collection` takes them."""
    found = await database.db.list_collections(filter={"type": "timeseries"})
    return {each["name"]: _options(each["options"]) async for each in found}


def _options(known: Mapping[str, Any]) -> Options:
    said = {name: known["timeseries"][name] for name in SAID if name in known["timeseries"]}
    kept = "expireAfterSeconds"
    return {"timeseries": said} | ({kept: known[kept]} if kept in known else {})


class Description(TypedDict):
    """A collection in a backup. `options`, as `create_collection` takes them, has a time series."""

    name: str
    indexes: list[dict[str, Any]]
    options: NotRequired[Options]


async def refill(database: Database, staged: str, description: Description) -> None:
    """Copy `staged` into a new time series of this description, then drop `staged`.

    An interrupted refill begins again, because `staged` is still there; else it does nothing.
    """
    if staged not in await database.db.list_collection_names():
        return
    name = description["name"]
    await database.db.drop_collection(name)
    await database.db.create_collection(name, **description["options"])
    if description["indexes"]:
        await database.db.command("createIndexes", name, indexes=description["indexes"])
    found = database.db.get_collection(staged, codec_options=RAW).find()
    while batch := await found.to_list(AT_ONCE):
        await database.collection(name).insert_many(batch)
    await database.db.drop_collection(staged)
