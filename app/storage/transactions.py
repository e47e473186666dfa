"""All of a change or none of it, for changes that touch more than one document."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.errors import Unavailable
from app.storage.mongo import DURABLE, SNAPSHOT, Database
from app.storage.mongo import Transaction as Transaction
from app.storage.uncancelled import uncancelled

T = TypeVar("T")

LONGEST_S = 10


async def transact(database: Database, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run `work` in one transaction and return its result; it runs again after a conflict.

    Raises Unavailable where that takes too long.
    """
    ends_at = asyncio.get_running_loop().time() + LONGEST_S

    async def in_time(within: Transaction) -> T:
        if asyncio.get_running_loop().time() > ends_at:
            raise Unavailable(
                "The database didn't answer in time. Try again in a moment.", retry_after=2
            )
        return await work(within)

    return await uncancelled(_transact(database, in_time))


async def _transact(database: Database, work: Callable[[Transaction], Awaitable[T]]) -> T:
    async with await database.client.start_session() as session:
        result: T = await session.with_transaction(
            work, read_concern=SNAPSHOT, write_concern=DURABLE
        )
        return result
