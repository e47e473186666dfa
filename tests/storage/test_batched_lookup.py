"""Lookups that share queries: each gets its own answer, none from before it was asked."""

import asyncio

import pytest

from app.storage.batched_lookup import KEYS_A_QUERY, BatchedLookup
from tests.harness.waiting import eventually


class Shelf:
    """Something to look up that answers when it is let."""

    def __init__(self) -> None:
        self.holds: dict[int, str] = {}
        self.queries: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def read(self, keys: list[int]) -> dict[int, str]:
        return await self.answers(keys)

    async def answers(self, keys: list[int]) -> dict[int, str]:
        self.queries.append(keys)
        found = {key: self.holds[key] for key in keys if key in self.holds}
        await self.open.wait()
        return found


async def test_those_who_ask_at_once_share_a_query() -> None:
    shelf = Shelf()
    shelf.holds = {1: "one", 2: "two"}
    gathered = BatchedLookup(shelf.read)
    answers = await asyncio.gather(*map(gathered.get, (1, 2, 3, 1)))
    assert answers == ["one", "two", None, "one"]
    assert shelf.queries == [[1, 2, 3]]


async def test_nobody_is_answered_from_before_they_asked() -> None:
    shelf = Shelf()
    gathered = BatchedLookup(shelf.read)
    shelf.open.clear()
    early = asyncio.create_task(gathered.get(1))
    await eventually(lambda: bool(shelf.queries), "the first query runs")
    shelf.holds[1] = "came later"
    late = asyncio.create_task(gathered.get(1))
    shelf.open.set()
    assert await early is None
    assert await late == "came later"


async def test_a_failure_is_told_to_those_it_meets_and_to_nobody_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf()
    gathered = BatchedLookup(shelf.read)
    shelf.holds = {1: "one"}

    async def fail(keys: list[int]) -> dict[int, str]:
        raise OSError(str(keys))

    monkeypatch.setattr(shelf, "answers", fail)
    for answer in await asyncio.gather(*map(gathered.get, (1, 2)), return_exceptions=True):
        assert isinstance(answer, OSError)
    monkeypatch.undo()
    assert await gathered.get(1) == "one"


async def test_one_who_gives_up_takes_it_from_nobody() -> None:
    shelf = Shelf()
    shelf.holds = {1: "one"}
    shelf.open.clear()
    gathered = BatchedLookup(shelf.read)
    one, other = (asyncio.create_task(gathered.get(1)) for _ in range(2))
    await eventually(lambda: bool(shelf.queries), "the query runs")
    one.cancel()
    shelf.open.set()
    assert await other == "one"
    with pytest.raises(asyncio.CancelledError):
        await one


async def test_a_query_has_a_bounded_size() -> None:
    shelf = Shelf()
    gathered = BatchedLookup(shelf.read)
    await asyncio.gather(*map(gathered.get, range(KEYS_A_QUERY + 1)))
    assert list(map(len, shelf.queries)) == [KEYS_A_QUERY, 1]
