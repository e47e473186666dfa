"""A house whose hooks may post to this machine: ana (admin) and ben; a receiver beside it."""

from collections.abc import AsyncIterator

import pytest

from app.storage.mongo import Database
from tests.admin.conftest import browser
from tests.chat.house import House, Member, open_house
from tests.hooks.api_client import ApiClient
from tests.hooks.receiver import Receiver, open_receiver

__all__ = ["browser"]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database, hooks_allow_private=True, hook_posts_per_minute=20) as opened:
        yield opened


@pytest.fixture
async def ana(house: House) -> Member:
    """The admin."""
    return await house.welcomes("ana", "admin")


@pytest.fixture
async def ben(house: House, ana: Member) -> Member:
    return await house.welcomes("ben")


@pytest.fixture
async def api(house: House, ana: Member) -> AsyncIterator[ApiClient]:
    """ana at the API."""
    async with ApiClient(house.address) as api:
        yield await api.enters("ana")


@pytest.fixture
async def bens_api(house: House, ben: Member) -> AsyncIterator[ApiClient]:
    """ben at the API."""
    async with ApiClient(house.address) as api:
        yield await api.enters("ben")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as receiver:
        yield receiver
