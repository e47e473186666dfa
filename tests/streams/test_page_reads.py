"""One person reads a few pages at a time, whatever they ask for at once."""

import asyncio

import pytest

from app.streams.page_reads import PageReads


class Readers:
    """Reads that last until they are released."""

    def __init__(self, reads: PageReads) -> None:
        self._reads = reads
        self.now: list[str] = []
        self.released = asyncio.Event()

    async def read(self, user_id: str, name: str) -> None:
        async with self._reads.hold(user_id):
            self.now.append(name)
            await self.released.wait()
            self.now.remove(name)


async def turns(count: int = 10) -> None:
    """Let everything that can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_reads_of_one_person_wait_for_one_another_and_not_for_others() -> None:
    reads = PageReads(at_once=2)
    readers = Readers(reads)
    async with asyncio.TaskGroup() as tasks:
        for name in "abcd":
            tasks.create_task(readers.read("ana", name))
        tasks.create_task(readers.read("ben", "other"))
        await turns()
        assert readers.now == ["a", "b", "other"]
        readers.released.set()
    assert readers.now == []
    assert len(reads) == 0


async def test_a_read_that_fails_or_is_given_up_leaves_its_place() -> None:
    reads = PageReads(at_once=1)
    with pytest.raises(LookupError):
        async with reads.hold("ana"):
            raise LookupError
    readers = Readers(reads)
    first, second = [asyncio.create_task(readers.read("ana", name)) for name in "ab"]
    await turns()
    second.cancel()
    await turns()
    assert readers.now == ["a"]
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert len(reads) == 0
    async with reads.hold("ana"):
        assert len(reads) == 1
