"""A committer that is cancelled in the middle of a transaction leaves all of it or none."""

import asyncio

from app.storage.mongo import Database
from app.streams.attempt import Attempt
from app.streams.log import Log
from app.streams.store import ENTRIES
from tests.harness.waiting import eventually
from tests.streams.world import Person, running

ROUNDS = 150


async def test_cancelled_transaction_is_whole_or_nothing(database: Database) -> None:
    async with running(database) as node:
        ana = Person(node, "room:interrupted", "ana")
        ids = [(await ana.sends(f"message {n}")).id for n in range(20)]
        for number in range(ROUNDS):
            log = Log(database)
            attempt = Attempt(database, log, lambda: 0.0, lambda _, __: None)
            changes = [ana.edit(i, f"text {number}", f"{number}-{i}") for i in ids]
            committing = asyncio.create_task(attempt.commit(changes))
            # Each round a little later: between the reads, the inserts, the updates, the commit.
            await asyncio.wait([committing], timeout=0.00015 * number)
            committing.cancel()
            await asyncio.wait([committing])

        async def is_whole() -> bool:
            return await torn(database, ana.stream) == []

        # A write that was under way when it was cancelled may still arrive.
        await eventually(is_whole, "every item is as the log says")


async def torn(database: Database, stream: str) -> list[str]:
    """Items whose latest rev no entry has claimed, or that miss what an entry says of them."""
    latest: dict[str, int] = {}
    async for entry in database.collection(ENTRIES).find({"stream": stream}).sort("rev"):
        latest[entry.get("of") or entry["_id"]] = entry["rev"]
    items = database.collection(ENTRIES).find({"stream": stream, "kind": "item"})
    return [item["_id"] async for item in items if item["latest"] != latest[item["_id"]]]
