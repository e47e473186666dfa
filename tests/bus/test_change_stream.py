"""Entries that others write come along with the change stream, as they are in the log."""

from datetime import UTC, datetime
from typing import Any

from app.bus.bus import StreamAdvanced
from app.bus.store import WHOLE_BYTES
from app.storage.mongo import Database
from app.streams.store import ENTRIES
from tests.bus.conftest import MakeBus, Nodes
from tests.harness.waiting import eventually


def entry(rev: int, **more: Any) -> dict[str, Any]:
    at = datetime(2030, 1, 2, 12, 0, 0, 123000, UTC)
    return {"_id": f"{rev}", "stream": "room:1", "rev": rev, "client_id": f"{rev}", "at": at} | more


async def test_entries_of_others_come_along_and_own_ones_do_not(
    database: Database, over_mongodb: MakeBus, nodes: Nodes
) -> None:
    ana = await nodes.joins(over_mongodb, "room:1")
    moved: list[StreamAdvanced] = []
    ana.bus.advanced.listen(moved.append)
    large, long = 2**40, "x" * WHOLE_BYTES
    written = [
        entry(1, node=ana.bus.node_id),
        entry(2, node="other", body={"read": large}),
        entry(3, node="other", body={"text": long}),
        entry(4, node="other"),
    ]
    for each in written:
        await database.collection(ENTRIES).insert_one(each)
    await eventually(lambda: moved and moved[-1].rev == 4, "all has come")
    brought = [each for some in moved for each in some.entries or ()]
    assert all(each in (written[1], written[3]) for each in brought)
    assert not any(some.rev == 3 and some.entries for some in moved)
    for some in moved:
        if some.entries and some.rev == 2:
            assert type(some.entries[0]["body"]["read"]) is int
