"""A change on its way to disk, and those who wait for it."""

import asyncio

from app.streams.models import Change, Committed


class Pending:
    """One change on its way to disk; several submissions of it wait for the same result."""

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
            self.result.exception()  # Its sender may be gone; that is no unseen crash.
