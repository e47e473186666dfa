"""The connection to MongoDB, with the read and write concerns that all of Parley uses.

See https://www.mongodb.com/docs/manual/reference/write-concern/ and …/read-concern/.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.storage.errors import NoAnswer, StorageError
from app.storage.fresh_connections import FreshConnections

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

# A session in a transaction: stores take it, so that writes of two features succeed or fail as one.
Transaction = AsyncIOMotorClientSession

DEFAULT_NAME = "parley"

# Journaled on a majority: what an acknowledgement promises.
DURABLE = WriteConcern("majority", j=True, wtimeout=5000)
MAJORITY = ReadConcern("majority")
# For transactions: all reads see one instant.
SNAPSHOT = ReadConcern("snapshot")


class PlainInteger(TypeDecoder):
    """Decodes 64-bit integers as int instead of bson's Int64, which JSON encoders don't take."""

    bson_type = Int64

    def transform_bson(self, value: int) -> int:
        """`value` as a plain int."""
        return int(value)


CODECS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, type_registry=TypeRegistry([PlainInteger()])
)


def client_name(process: int | str) -> str:
    """The application name of a Parley process in MongoDB's list of connections."""
    return f"parley process {process}"


class Database:
    """One database: reads from the primary with majority, journaled majority writes."""

    def __init__(self, client: AsyncIOMotorClient, name: str) -> None:
        self.client = client
        self.db: AsyncIOMotorDatabase = client.get_database(
            name,
            codec_options=CODECS,
            write_concern=DURABLE,
            read_concern=MAJORITY,
        )

    @classmethod
    async def open(cls, url: str, name: str = DEFAULT_NAME) -> Database:
        """Connect. Raises NoAnswer, or StorageError for a database that can't be used as it is."""
        fresh = FreshConnections()
        try:
            client: AsyncIOMotorClient = AsyncIOMotorClient(
                url,
                event_listeners=[fresh],
                tz_aware=True,
                # The committer settles unknown outcomes itself; the driver's retry would hide them.
                retryWrites=False,
                serverSelectionTimeoutMS=2000,
                connectTimeoutMS=2000,
                socketTimeoutMS=10_000,
                readPreference="primary",
                appname=client_name(os.getpid()),
            )
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise StorageError(f"The MongoDB address can't be used: {error}.") from error
        fresh.serve(client)
        try:
            await _require_replica_set(client)
        except BaseException:
            client.close()
            raise
        return cls(client, name)

    @property
    def name(self) -> str:
        return str(self.db.name)

    def collection(self, name: str) -> AsyncIOMotorCollection:
        """A collection with the read and write concerns of this database."""
        return self.db[name]

    async def close(self) -> None:
        """Close all connections; nothing may use this database afterwards."""
        self.client.close()


async def _require_replica_set(client: AsyncIOMotorClient) -> None:
    try:
        hello = await client.admin.command("hello")
        # `hello` needs no password; this does, so that a wrong one is reported at once.
        await client[DEFAULT_NAME].list_collection_names(nameOnly=True, authorizedCollections=True)
    except ConnectionFailure as error:
        raise NoAnswer(
            "MongoDB does not answer. Start it, or correct MONGODB_URL, and try again."
        ) from error
    except OperationFailure as error:
        raise StorageError(
            "MongoDB refuses the user name or password of MONGODB_URL. Correct it and try again."
        ) from error
    if "setName" not in hello:
        raise StorageError(
            "This MongoDB is not a replica set, which transactions need. Start it with --replSet "
            "and run rs.initiate() once; a single node is enough."
        )


async def connected_processes(database: Database) -> set[str]:
    """The names (`client_name`) of all Parley processes that are connected, this one too.

    Raises CommandRefused where the user may not ask.
    """
    found = await database.client.admin.aggregate(
        [{"$currentOp": {"allUsers": True, "idleConnections": True}}, {"$project": {"appName": 1}}]
    ).to_list(None)
    names = {operation.get("appName", "") for operation in found}
    return {name for name in names if name.startswith(client_name(""))}
