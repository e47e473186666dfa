"""A change that is not on disk yet, and those who wait for that. No I/O."""

import asyncio

from app.streams.models import Change, Committed


class Pending:
    """One submitted change; repeated submissions wait for the same result."""

    __slots__ = ("_waiting", "change")

    def __init__(self, change: Change) -> None:
        self.change = change
        self._waiting: list[asyncio.Future[Committed]] = []

    def result(self) -> "asyncio.Future[Committed]":
        """A future of the result for one caller, who may cancel it."""
        # Hot path: one future for all, behind a shield for each caller, costs twice as much.
        waiter: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        return waiter

    def settle(self, committed: Committed) -> None:
        """Tell all who wait that the change is on disk."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(committed)

    def refuse(self, error: Exception) -> None:
        """Tell all who wait that the change is not on disk and never will be."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)
                waiter.exception()  # Retrieved, as its caller may be gone: asyncio would log it.
