"""Figures at a known time, of a past that each test makes up."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from app.accounts.models import User
from app.analytics.store import INDEXES, ensure_events
from app.analytics.store.figures import FigureStore
from app.storage.migrations import migrate
from app.storage.mongo import Database
from tests.analytics.clients import AnalyticsClients
from tests.analytics.past import Past, utc
from tests.chat.house import House, open_house

# Ahead of MongoDB's own clock, which removes what is old; with the calendar of 2026.
NOW = utc(2037, 11, 24, 12, 30, 15)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW


@pytest.fixture
async def past(database: Database) -> Past:
    await migrate(database, [INDEXES])
    await ensure_events(database, 30 * 86_400)
    return Past(database)


@pytest.fixture
def store(database: Database) -> FigureStore:
    return FigureStore(database)


@pytest.fixture
async def house(database: Database, past: Past) -> AsyncIterator[House]:
    async with open_house(database) as opened:
        past.tell = opened.services.analytics.feed_hints.look_soon
        yield opened


@pytest.fixture
def clients(house: House) -> AnalyticsClients:
    return AnalyticsClients(house)


@pytest.fixture
async def ana(house: House) -> User:
    """The admin."""
    return await house.invites("ana", "admin")


@pytest.fixture
async def ben(house: House, ana: User) -> User:
    return await house.invites("ben")


@pytest.fixture
async def cleo(house: House, ana: User) -> User:
    return await house.invites("cleo")
