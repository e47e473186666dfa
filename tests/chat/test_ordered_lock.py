"""Locks are granted in the order of the first request."""

import asyncio
from typing import cast

from app.chat.ordered_lock import OrderedLocks


async def test_those_who_came_first_go_first_though_others_are_ready_before() -> None:
    locks, done, ready = OrderedLocks(), cast(list[int], []), [asyncio.Event() for _ in range(3)]

    async def take_part(n: int) -> None:
        with locks.ticket("ana") as ticket:
            await ready[n].wait()
            await ticket.acquire()
            done.append(n)

    tasks = [asyncio.create_task(take_part(n)) for n in range(3)]
    for n in (2, 1, 0):
        await asyncio.sleep(0)
        assert done == []
        ready[n].set()
    await asyncio.gather(*tasks)
    assert done == [0, 1, 2]
    assert locks._queues == {}


async def test_one_who_gives_up_lets_nobody_overtake() -> None:
    locks, done = OrderedLocks(), cast(list[str], [])
    first = locks.ticket("ana").__enter__()
    waiting = asyncio.create_task(_joins(locks, done, "second"))
    last = asyncio.create_task(_joins(locks, done, "third"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert done == []
    done.append("first")
    first.__exit__(None, None, None)
    await last
    assert done == ["first", "third"]


async def _joins(locks: OrderedLocks, done: list[str], name: str) -> None:
    with locks.ticket("ana") as ticket:
        await ticket.acquire()
        done.append(name)
