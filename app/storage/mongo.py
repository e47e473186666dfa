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
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.errors import ParleyError, Unavailable
from app.storage.descriptors import is_out_of_descriptors

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

# A write of one feature takes it to stand or fall with another feature's writes.
Transaction = AsyncIOMotorClientSession

# What features catch where the database is away or refuses: they need not know the driver.
DatabaseError = PyMongoError

DEFAULT_NAME = "parley"
RETRY_AFTER_S = 2.0

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

# A server that is going down or is no longer the primary says so with these codes.
GOING_AWAY = frozenset({91, 189, 10058, 10107, 11600, 11602, 13435, 13436})


def client_name(process: int | str) -> str:
    """How a Parley process shows in MongoDB's list of connections; a restore looks for others."""
    return f"parley process {process}"


class StorageError(Exception):
    """The database can't be used as it is; the message says what to do."""


class NoAnswer(StorageError):
    """Nobody answers at the address, or not yet."""


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


def as_parley_error(error: BaseException) -> ParleyError | None:
    """`Unavailable` where the database is away or could not promise durability, or this process can
    open no connection to it; else None."""
    if isinstance(error, PyMongoError) and is_out_of_descriptors(error):
        return Unavailable(
            "The server has too many open files at the moment. Try again shortly.",
            retry_after=RETRY_AFTER_S,
        )
    if isinstance(error, PyMongoError) and _is_away(error):
        return Unavailable(
            "The database does not answer at the moment. Try again shortly.",
            retry_after=RETRY_AFTER_S,
        )
    return None


def _is_away(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        codes = {failed.get("code") for failed in details.get("writeErrors", [])}
        return bool(details.get("writeConcernErrors")) or bool(codes & GOING_AWAY)
    if isinstance(
        error,
        ConnectionFailure | AutoReconnect | WTimeoutError | WriteConcernError | ExecutionTimeout,
    ):
        return True
    return isinstance(error, OperationFailure) and error.code in GOING_AWAY
