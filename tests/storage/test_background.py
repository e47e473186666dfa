"""Background work: rounds that outlive an outage of the database, and waiting for news."""

import asyncio
from collections import deque
from contextlib import suppress

from app.storage.background import every, next_news
from app.storage.errors import DatabaseError


async def test_a_round_that_meets_an_outage_is_followed_by_the_next() -> None:
    outcomes = deque([DatabaseError("away"), None, KeyError("a defect")])

    async def work() -> None:
        if outcome := outcomes.popleft():
            raise outcome

    with suppress(KeyError):
        await every(0, work, "work")
    assert not outcomes


async def test_news_end_the_wait_and_are_cleared() -> None:
    news = asyncio.Event()
    news.set()
    await next_news(news, None)
    assert not news.is_set()


async def test_without_news_the_wait_ends_in_time() -> None:
    await next_news(asyncio.Event(), 0.001)
