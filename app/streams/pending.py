"""A submitted change that is not on disk yet, and the future of its result."""

import asyncio

from app.streams.models import Change, Committed


class Pending:
    """One submitted change; repeated submissions wait for the same result."""

    __slots__ = ("change", "result")

    def __init__(self, change: Change) -> None:
        self.change = change
        self.result: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()

    def settle(self, committed: Committed) -> None:
        if not self.result.done():
            self.result.set_result(committed)

    def refuse(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)
            self.result.exception()  # Retrieved, as its sender may be gone: asyncio would log it.
