"""The same house as for chat, and its admin at a browser."""

from collections.abc import AsyncIterator

import pytest

from tests.admin.browser import Browser
from tests.chat.conftest import ana, ben, house
from tests.chat.house import House, Member

__all__ = ["ana", "ben", "house"]


@pytest.fixture
async def browser(house: House, ana: Member) -> AsyncIterator[Browser]:
    """Signed in as ana."""
    async with Browser(house.address) as browser:
        await browser.enters("ana")
        yield browser
