"""Work that must not be cut in the middle, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its result; a cancellation takes effect only then.

    For transactions: the driver's thread can't be stopped. Cut off between its commands, it would
    send the rest of them outside of the transaction that was just aborted.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # Nobody is there to hear it.
        raise
