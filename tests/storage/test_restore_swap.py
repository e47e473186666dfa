"""The swap of a restore: finished whoever was killed, and by one process at a time."""

import asyncio
from typing import Any

import pytest

from app.storage.errors import StorageError
from app.storage.migrations import migrate
from app.storage.mongo import Database
from app.storage.restore_swap import MARKER, STAGING, finish_swap
from tests.harness.waiting import WITHIN_S
from tests.storage.letters import INDEXES, OTHER, letters, write


async def test_a_swap_is_finished_by_one_process_at_a_time(post: Database, other: Any) -> None:
    """Two that fill one time series would drop each other's work."""
    await post.collection(STAGING + "letters").insert_one({"_id": 7})
    await post.collection(MARKER).insert_one(
        {"_id": "swap", "collections": ["letters"], "remade": [], "by": OTHER}
    )
    starting = asyncio.create_task(migrate(post, [INDEXES]))
    finished, _ = await asyncio.wait({starting}, timeout=1)
    assert not finished
    assert await letters(post) == []
    other.close()  # now it is gone, and whoever starts may finish
    await asyncio.wait_for(starting, WITHIN_S)
    assert await letters(post) == [7]


@pytest.mark.usefixtures("other")
async def test_whoever_waits_for_a_swap_too_long_is_told(post: Database) -> None:
    await post.collection(MARKER).insert_one({"_id": "swap", "collections": [], "by": OTHER})
    with pytest.raises(StorageError, match=OTHER):
        await finish_swap(post, within_s=0.3)


async def test_a_swap_that_was_cut_off_is_finished_at_the_next_start(post: Database) -> None:
    await write(post, 1, 2)
    for name, numbers in (("letters", [7]), ("stamps", [7])):
        await post.collection(STAGING + name).insert_many([{"_id": n} for n in numbers])
    await post.collection(MARKER).insert_one({"_id": "swap", "collections": ["letters", "stamps"]})
    await post.collection(STAGING + "letters").rename("letters", dropTarget=True)
    # Here the process was killed: one collection is swapped, one is not.
    await migrate(post, [INDEXES])
    assert await letters(post) == [7]
    assert await post.collection("stamps").count_documents({"_id": 7}) == 1
    assert await post.collection(MARKER).count_documents({}) == 0
