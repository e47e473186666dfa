"""AccountServices on a real database: two processes, two people, two browsers."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient

from app.accounts.account_services import AccountServices
from app.accounts.models import Revoked, User
from app.accounts.store import INDEXES
from app.storage.migrations import migrate
from app.storage.mongo import Database
from tests.accounts.world import PASSWORD, Clock, build, visit


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def accounts(database: Database, clock: Clock) -> AsyncIterator[AccountServices]:
    await migrate(database, [INDEXES], [])
    accounts = build(database, clock)
    await accounts.start()
    yield accounts
    await accounts.stop()


@pytest.fixture
async def elsewhere(
    database: Database, clock: Clock, accounts: AccountServices
) -> AsyncIterator[AccountServices]:
    """A second process on the same database."""
    second = build(database, clock)
    await second.start()
    yield second
    await second.stop()


@pytest.fixture
async def ana(accounts: AccountServices) -> User:
    """The admin."""
    return await accounts.users.create("ana", PASSWORD, "Ana", "admin")


@pytest.fixture
async def ben(accounts: AccountServices, ana: User) -> User:
    return await accounts.users.create("ben", PASSWORD, "Ben")


@pytest.fixture
def revoked(accounts: AccountServices) -> list[Revoked]:
    """The revocations so far, in order."""
    told: list[Revoked] = []
    accounts.revocations.listen(told.append)
    return told


@pytest.fixture
async def browser(accounts: AccountServices) -> AsyncIterator[TestClient]:
    client = await visit(accounts)
    yield client
    await client.close()


@pytest.fixture
async def other_browser(accounts: AccountServices) -> AsyncIterator[TestClient]:
    client = await visit(accounts)
    yield client
    await client.close()
