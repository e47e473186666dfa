"""The connection: what it refuses, and which errors of the driver mean «away»."""

from datetime import UTC, datetime

import msgspec
import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)

from app.errors import Unavailable
from app.storage.errors import StorageError, as_parley_error
from app.storage.mongo import Database


async def test_writes_are_journaled_on_a_majority(database: Database) -> None:
    concern = database.collection("letters").write_concern
    assert concern.document["w"] == "majority"
    assert concern.document["j"] is True
    assert concern.document["wtimeout"] > 0
    assert database.collection("letters").read_concern.level == "majority"


async def test_times_come_back_with_their_zone(database: Database) -> None:
    now = datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    await database.collection("letters").insert_one({"_id": 1, "at": now})
    found = await database.collection("letters").find_one({"_id": 1})
    assert found is not None
    assert found["at"] == now


async def test_large_numbers_come_back_as_plain_integers(database: Database) -> None:
    document = {"_id": 1, "rev": 2**32, "inner": {"revs": [2**40]}}
    await database.collection("letters").insert_one(document)
    found = await database.collection("letters").find_one({"_id": 1})
    assert msgspec.json.decode(msgspec.json.encode(found)) == document


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        ConfigurationError("Sessions are not supported by this MongoDB deployment"),
        NetworkTimeout("slow"),
        NotPrimaryError("not primary"),
        ServerSelectionTimeoutError("none"),
        WTimeoutError("late", code=64),
        WriteConcernError("unsure", code=64),
        OperationFailure("interrupted", code=11600),
        BulkWriteError({"writeConcernErrors": [{"code": 64}], "writeErrors": []}),
        BulkWriteError({"writeErrors": [{"code": 91}]}),
    ],
)
def test_a_database_that_is_away_is_unavailable(error: Exception) -> None:
    translated = as_parley_error(error)
    assert isinstance(translated, Unavailable)
    assert translated.retry_after == 2


@pytest.mark.parametrize(
    "error",
    [
        DuplicateKeyError("taken", code=11000),
        BulkWriteError({"writeErrors": [{"code": 11000}]}),
        OperationFailure("bad query", code=2),
        ValueError("a bug"),
    ],
)
def test_other_errors_are_not_blamed_on_the_connection(error: Exception) -> None:
    assert as_parley_error(error) is None


async def test_a_wrong_password_is_told_at_once(mongo_url: str) -> None:
    user, _, rest = mongo_url.partition("@")
    with pytest.raises(StorageError, match="password"):
        await Database.open(f"{user[:-4]}zzzz@{rest}")


async def test_nobody_at_the_address_is_told(mongo_url: str) -> None:
    with pytest.raises(StorageError, match="does not answer"):
        await Database.open("mongodb://127.0.0.1:9/?replicaSet=parley")


async def test_nonsense_instead_of_an_address_is_told() -> None:
    with pytest.raises(StorageError, match="address"):
        await Database.open("mongodb://")
