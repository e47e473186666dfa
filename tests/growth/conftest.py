"""A house without limits of rate: those are tested elsewhere."""

from collections.abc import AsyncIterator

import pytest

from app.security.rate_limiter import RateLimiter
from app.storage.mongo import Database
from tests.chat.house import House, open_house


@pytest.fixture
async def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(RateLimiter, "hit", lambda *_, **__: None)
    monkeypatch.setattr(RateLimiter, "must_be_free", lambda *_: None)
    async with open_house(database, registration="open") as opened:
        yield opened
