"""Reads that many ask for at once are done once, and kept for two seconds."""

import asyncio

import pytest

from app.chat.single_flight import FRESH_S, SingleFlightCache


class Source:
    """Counts its reads; each ends when the test lets it."""

    def __init__(self) -> None:
        self.reads = 0
        self.now = 0.0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.cache: SingleFlightCache[str, str] = SingleFlightCache(10, len, lambda: self.now)

    async def read(self) -> str:
        self.reads += 1
        await self.may_end.wait()
        return f"{self.reads}"

    async def get(self, key: str = "key") -> str:
        return await self.cache.get(key, self.read)


async def test_those_who_ask_at_once_share_a_read() -> None:
    source = Source()
    source.may_end.clear()
    first, second = asyncio.create_task(source.get()), asyncio.create_task(source.get())
    await asyncio.sleep(0)
    first.cancel()
    source.may_end.set()
    assert await second == "1"
    assert await source.get() == "1"
    assert await source.get("other") == "2"


async def test_a_result_is_as_old_as_the_beginning_of_its_read() -> None:
    source = Source()
    source.may_end.clear()
    slow = asyncio.create_task(source.get())
    while not source.reads:
        await asyncio.sleep(0)
    source.now = FRESH_S - 0.5
    source.may_end.set()
    assert await slow == await source.get() == "1"
    source.now = FRESH_S
    assert await source.get() == "2"


async def test_a_result_that_is_no_longer_good_is_read_again() -> None:
    source = Source()
    assert await source.get() == "1"
    assert await source.cache.get("key", source.read, lambda found: found != "1") == "2"
    assert await source.get() == "2"


async def test_the_weights_of_results_are_bounded() -> None:
    source = Source()

    async def heavy() -> str:
        return "x" * 6

    async def too_heavy() -> str:
        return "x" * 11

    await source.cache.get("a", heavy)
    await source.cache.get("b", heavy)
    assert await source.get("a") == "1"
    assert await source.cache.get("c", too_heavy) == "x" * 11
    assert await source.get("c") == "2"


async def test_a_read_that_fails_fails_for_all_and_is_not_kept() -> None:
    source = Source()

    async def broken() -> str:
        await asyncio.sleep(0)
        raise OSError

    asked = [source.cache.get("key", broken) for _ in range(2)]
    failed = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in failed] == [OSError, OSError]
    with pytest.raises(OSError):
        await source.cache.get("key", broken)
    assert await source.get() == "1"
