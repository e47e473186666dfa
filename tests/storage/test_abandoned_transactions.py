"""Transactions that a killed process left open do not block others for long."""

import subprocess
import sys

from app.storage.abandoned_transactions import end_abandoned
from app.storage.mongo import Database

LEAVES_ONE_OPEN = """
import asyncio, sys
from app.storage.mongo import Database

async def leave():
    database = await Database.open(sys.argv[1], name=sys.argv[2])
    async with await database.client.start_session() as session:
        session.start_transaction()
        await database.collection("counts").update_one(
            {"_id": "a"}, {"$inc": {"n": 1}}, session=session
        )
        print("open", flush=True)
        await asyncio.sleep(60)

asyncio.run(leave())
"""


async def counts_once_more(database: Database) -> None:
    async with await database.client.start_session() as session, session.start_transaction():
        await database.collection("counts").update_one(
            {"_id": "a"}, {"$inc": {"n": 1}}, session=session
        )


async def test_a_transaction_of_a_killed_process_is_ended_at_once(
    database: Database, mongo_url: str
) -> None:
    """A restarted server may soon stop again, so it must be able to write at once."""
    await database.collection("counts").insert_one({"_id": "a", "n": 0})
    command = [sys.executable, "-c", LEAVES_ONE_OPEN, mongo_url, database.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        process.kill()
    assert await end_abandoned(database, left_for_s=60.0) == 1
    await counts_once_more(database)
    assert (await database.collection("counts").find_one({"_id": "a"}))["n"] == 1


async def test_one_in_which_nothing_is_done_is_ended_though_its_process_lives(
    database: Database,
) -> None:
    await database.collection("counts").insert_one({"_id": "a", "n": 0})
    session = await database.client.start_session()
    session.start_transaction()
    counts = database.collection("counts")
    await counts.update_one({"_id": "a"}, {"$inc": {"n": 1}}, session=session)
    assert await end_abandoned(database, 0.0) == 1
    await counts_once_more(database)
    await session.end_session()
    assert (await counts.find_one({"_id": "a"}))["n"] == 1


async def test_a_transaction_that_goes_on_is_left_alone(database: Database) -> None:
    await database.collection("counts").insert_one({"_id": "a", "n": 0})
    async with await database.client.start_session() as session, session.start_transaction():
        await database.collection("counts").update_one(
            {"_id": "a"}, {"$inc": {"n": 1}}, session=session
        )
        assert await end_abandoned(database, 5.0) == 0
    assert (await database.collection("counts").find_one({"_id": "a"}))["n"] == 1
