"""A house whose hooks may post to this machine: ana (admin) and ben; a mailbox beside it."""

from collections.abc import AsyncIterator

import pytest

from app.storage.mongo import Database
from tests.admin.conftest import browser
from tests.chat.house import House, Member, open_house
from tests.hooks.desk import Desk
from tests.hooks.mailbox import Mailbox, open_mailbox

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
async def desk(house: House, ana: Member) -> AsyncIterator[Desk]:
    """ana at the API."""
    async with Desk(house.address) as desk:
        yield await desk.enters("ana")


@pytest.fixture
async def bens(house: House, ben: Member) -> AsyncIterator[Desk]:
    """ben at the API."""
    async with Desk(house.address) as desk:
        yield await desk.enters("ben")


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox
