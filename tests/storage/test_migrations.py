"""Migrations: in order, once, by two nodes at once, and never over a newer one's work."""

import asyncio

import pytest
from pymongo import IndexModel

from app.storage.errors import StorageError
from app.storage.migrations import Migration, migrate
from app.storage.mongo import Database

INDEXES = {"letters": [IndexModel([("to", 1)], name="to")], "stamps": []}


def stamping(number: int) -> Migration:
    """A step that leaves its number on the one letter there is."""

    async def run(database: Database) -> None:
        await database.collection("letters").update_one(
            {"_id": 1}, {"$addToSet": {"seen": number}, "$inc": {"runs": 1}}, upsert=True
        )

    return Migration(number=number, name=f"step {number}", run=run)


async def letter(database: Database) -> dict[str, object]:
    found = await database.collection("letters").find_one({"_id": 1})
    assert found is not None
    return found


async def test_steps_run_in_the_order_of_their_numbers(database: Database) -> None:
    await migrate(database, [INDEXES], [stamping(2), stamping(1)])
    assert (await letter(database))["seen"] == [1, 2]


async def test_a_step_runs_once(database: Database) -> None:
    await migrate(database, [INDEXES], [stamping(1)])
    await migrate(database, [INDEXES], [stamping(1), stamping(2)])
    assert (await letter(database))["runs"] == 2


async def test_a_step_that_failed_runs_again(database: Database) -> None:
    async def fail(_: Database) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        await migrate(database, [INDEXES], [Migration(number=1, name="one", run=fail)])
    await migrate(database, [INDEXES], [stamping(1)])
    assert (await letter(database))["runs"] == 1


async def test_two_nodes_that_start_together_both_arrive(mongo_url: str) -> None:
    nodes = [await Database.open(mongo_url, name="parley_together") for _ in range(4)]
    try:
        await asyncio.gather(*(migrate(node, [INDEXES], [stamping(1)]) for node in nodes))
        assert (await letter(nodes[0]))["seen"] == [1]
        assert "to" in await nodes[0].collection("letters").index_information()
        assert await nodes[0].collection("migrations").count_documents({}) == 1
    finally:
        await nodes[0].client.drop_database("parley_together")
        for node in nodes:
            await node.close()


async def test_collections_without_an_index_exist_too(database: Database) -> None:
    await migrate(database, [INDEXES])
    assert "stamps" in await database.db.list_collection_names()


async def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    await migrate(database, [INDEXES], [stamping(1), stamping(2)])
    with pytest.raises(StorageError, match="newer Parley"):
        await migrate(database, [INDEXES], [stamping(1)])
