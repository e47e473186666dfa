"""Decides whether a failed write of analytics is tried again, and when.

A write that can never succeed is given up, so that it does not hold up those that follow.
"""

import asyncio
from random import uniform

import structlog

from app.storage.errors import DatabaseError, is_duplicate_key
from app.streams.commit_errors import is_contention, is_unsettled

CONTENDED_PAUSE_S = 0.05
AWAY_PAUSE_S = 0.5
REFUSED_AT_MOST = 5

log = structlog.get_logger("analytics")


class Retry:
    """The retries of one write."""

    def __init__(self) -> None:
        self._refused = 0

    async def is_worthwhile_after(self, error: Exception) -> bool:
        """True, after a pause, where another try may succeed; else False, at once."""
        if is_contention(error) or is_duplicate_key(error):
            # Another node wrote the same documents; nothing of this transaction is stored. Pauses
            # of random length keep two nodes from contending again.
            await asyncio.sleep(uniform(0, CONTENDED_PAUSE_S))  # noqa: S311
            return True
        if not isinstance(error, DatabaseError):
            return False
        if not is_unsettled(error):
            self._refused += 1
            if self._refused == REFUSED_AT_MOST:
                return False
        log.warning("events wait", reason=type(error).__name__)
        await asyncio.sleep(AWAY_PAUSE_S)
        return True
