"""Background work of a process: repeated at an interval, or when there is news."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from app.storage.errors import DatabaseError

log = structlog.get_logger("background")


async def every(seconds: float, work: Callable[[], Awaitable[object]], name: str) -> None:
    """Await `work()` now and then every `seconds`, until cancelled.

    Where the database is away, that is logged under `name`, and the next round tries again. Work
    that never ends by itself is begun again `seconds` after an outage.
    """
    while True:
        try:
            await work()
        except DatabaseError as error:
            log.warning("background work waits", work=name, reason=type(error).__name__)
        await asyncio.sleep(seconds)


async def next_news(news: asyncio.Event, within_s: float | None) -> None:
    """Wait until `news` is set, for at most `within_s` seconds, and clear it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await news.wait()
    news.clear()
