"""Readiness: whether this process can commit, no task has crashed, and clients may stay."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from app.storage.errors import DatabaseError, is_out_of_descriptors
from app.storage.mongo import Database
from app.telemetry.tasks import Tasks
from app.times import now

Check = Callable[[], Awaitable[None]]

FRESH_S = 1.0
COMMIT_WITHIN_S = 3.0


class Readiness:
    """Answers `/readyz`. Requests within FRESH_S seconds share one trial commit."""

    def __init__(
        self,
        commit: Check,
        owners: Iterable[Tasks],
        clock: Callable[[], float],
        is_draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._commit = commit
        self._owners = list(owners)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._checked_at: float | None = None
        self._problem: str | None = None
        self._is_draining = is_draining
        self.is_stopping = False

    async def problem(self) -> str | None:
        """Why this process is not ready, as a sentence; None when it is."""
        if self.is_stopping:
            return "The server is stopping."
        if self._is_draining():
            return "This node is being taken out."
        if crashed := [name for owner in self._owners for name in owner.crashed]:
            return f"A background task has crashed: {crashed[0]}."
        return await self._found_lately()

    async def _found_lately(self) -> str | None:
        async with self._lock:
            if self._checked_at is None or self._clock() - self._checked_at > FRESH_S:
                self._problem = await self._try()
                self._checked_at = self._clock()
            return self._problem

    async def _try(self) -> str | None:
        try:
            async with asyncio.timeout(COMMIT_WITHIN_S):
                await self._commit()
        except (DatabaseError, TimeoutError) as error:
            if is_out_of_descriptors(error):
                return "This process can open no more files."
            return "The database does not take a commit."
        return None


def health_commit(database: Database) -> Check:
    """A small majority-journaled write, to one document: what every acknowledgement needs."""

    async def commit() -> None:
        await database.collection("health").update_one(
            {"_id": "commit"}, {"$set": {"at": now()}}, upsert=True
        )

    return commit
