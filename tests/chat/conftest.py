"""The house and the people who are in most tests."""

from collections.abc import AsyncIterator

import pytest

from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """Parley on a free port, without rate limits."""
    async with open_house(database) as opened:
        yield opened


@pytest.fixture
async def ana(house: House) -> Member:
    """The admin, who was here first."""
    return await house.welcomes("ana", role="admin")


@pytest.fixture
async def ben(house: House, ana: Member) -> Member:
    """A member of the hallway."""
    return await house.welcomes("ben")


@pytest.fixture
async def cleo(house: House, ana: Member) -> Member:
    """Another one."""
    return await house.welcomes("cleo")
