"""The connection to MongoDB and what every read and write on it promises.

Everything above gets a `Database`; the write and read concerns are set here, once.
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

from app.storage.errors import DatabaseError as DatabaseError
from app.storage.errors import NoAnswer, StorageError

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

# A write of one feature takes it to stand or fall with another feature's writes.
Transaction = AsyncIOMotorClientSession

DEFAULT_NAME = "parley"

# On disk of a majority before anyone is told: this is what an acknowledgement means.
DURABLE = WriteConcern("majority", j=True, wtimeout=5000)
MAJORITY = ReadConcern("majority")
# For transactions: all they read is of one instant.
SNAPSHOT = ReadConcern("snapshot")


class PlainInteger(TypeDecoder):
    """Integers beyond 32 bits come as bson's own type, which no JSON encoder takes."""

    bson_type = Int64

    def transform_bson(self, value: int) -> int:
        """The same number, as Python knows it."""
        return int(value)


CODECS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, type_registry=TypeRegistry([PlainInteger()])
)


def client_name(process: int | str) -> str:
    """How a Parley process shows in MongoDB's list of connections; a restore looks for others."""
    return f"parley process {process}"


class Database:
    """One named database with Parley's promises: majority, journaled, read from the primary."""

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
        """Connect and make sure it is a replica set; StorageError says what is wrong otherwise."""
        try:
            client: AsyncIOMotorClient = AsyncIOMotorClient(
                url,
                tz_aware=True,
                # The committer settles unknown outcomes itself; a silent retry would hide them.
                retryWrites=False,
                serverSelectionTimeoutMS=2000,
                connectTimeoutMS=2000,
                socketTimeoutMS=10_000,
                readPreference="primary",
                appname=client_name(os.getpid()),
            )
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise StorageError(f"The MongoDB address can't be used: {error}.") from error
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
        """A collection with the promises of this database."""
        return self.db[name]

    async def close(self) -> None:
        """Give the connections back; nothing may use this database afterwards."""
        self.client.close()


async def _require_replica_set(client: AsyncIOMotorClient) -> None:
    try:
        hello = await client.admin.command("hello")
        # `hello` needs no password; the ping does, so a wrong one is told now and not later.
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
