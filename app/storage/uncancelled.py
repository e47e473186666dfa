"""Runs work that a cancellation must not interrupt."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its result; a cancellation is raised only then.

    For transactions: the driver's thread can't be stopped, and would send the remaining commands
    outside of the transaction that the cancellation has aborted.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # Retrieved, so that asyncio does not log it.
        raise
