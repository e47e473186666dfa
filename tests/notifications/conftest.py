"""A house whose people have inboxes: ana (admin), ben and cleo."""

from collections.abc import AsyncIterator

import pytest

from app.accounts.models import User
from app.storage.mongo import Database
from tests.chat.house import House, open_house
from tests.notifications.inboxes import Inboxes


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database) as opened:
        yield opened


@pytest.fixture
async def inboxes(house: House, database: Database) -> Inboxes:
    return Inboxes(house, database)


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
