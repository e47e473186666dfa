"""A house whose people publish and subscribe: ana (admin), ben and cleo."""

from collections.abc import AsyncIterator

import pytest

from app.accounts.models import User
from app.storage.mongo import Database
from tests.admin.conftest import browser
from tests.chat.house import House, open_house
from tests.topics.clients import TopicClients

__all__ = ["browser"]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """Topics serve ten events where they say nothing."""
    async with open_house(database, topic_events_kept=10) as opened:
        yield opened


@pytest.fixture
def clients(house: House) -> TopicClients:
    return TopicClients(house)


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
