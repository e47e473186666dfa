"""Whether the database is away, and the wait until it answers again."""

import asyncio
from collections.abc import Callable

import pymongo
import structlog
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from app.storage.errors import is_out_of_descriptors
from app.storage.mongo import Database

PROBE_S = 0.25
ANSWERS_WITHIN_S = 2.0

log = structlog.get_logger("committer")


class Outage:
    """A time without answers of the database: it `lasts` from `has_begun` to `is_over`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lasts = False

    async def has_begun(self, error: Exception) -> bool:
        """Whether `error`, raised by a commit, came because the database does not answer."""
        is_away = isinstance(error, ServerSelectionTimeoutError)
        self.lasts = is_away or not await self._answers()
        return self.lasts

    async def is_over(self, or_else: Callable[[], bool]) -> None:
        """Wait until the database answers, or until `or_else()` is true; then it still lasts."""
        while self.lasts and not or_else():
            self.lasts = not await self._answers()
            await asyncio.sleep(PROBE_S if self.lasts else 0)

    async def _answers(self) -> bool:
        try:
            with pymongo.timeout(ANSWERS_WITHIN_S):
                await self._database.client.admin.command("ping")
        except PyMongoError as error:
            if is_out_of_descriptors(error):
                log.warning("no more files can be opened", reason=type(error).__name__)
            else:
                log.warning("database is away", reason=type(error).__name__)
            return False
        return True
