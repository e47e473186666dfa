"""A site of two whole nodes on one database, on each way of the bus."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from app.accounts.revocations import Revocations
from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house
from tests.harness.redis_server import RedisServer
from tests.harness.waiting import eventually

# Nothing is asked of the database after a while, so that only the bus can bring it.
NEVER_S = 3_600.0


@pytest.fixture(params=["redis", "change stream"])
def redis_url(request: pytest.FixtureRequest) -> str | None:
    """Both ways."""
    if request.param == "redis":
        redis: RedisServer = request.getfixturevalue("redis")
        return redis.url
    return None


class Site:
    """ana and ben with a connection to `here`, cleo and another ben with one to `there`."""

    def __init__(self, here: House, there: House) -> None:
        self.here = here
        self.there = there

    async def settle(self) -> None:
        self.ana = await self.here.welcomes("ana", role="admin")
        self.ben = await self.here.welcomes("ben")
        self.ben_there = await self.enters_there(self.ben)
        self.cleo = await self.enters_there(await self.here.welcomes("cleo"))
        for member in (self.ana, self.ben, self.ben_there, self.cleo):
            await member.joins()
        both = (self.here, self.there)
        await eventually(
            lambda: all(house.services.core.bus.others == 1 for house in both), "both are known"
        )

    async def enters_there(self, member: Member) -> Member:
        token = await self.there.services.tokens.create(member.user.id)
        entered = await self.there.enters_with(token, member.user)
        await entered.hears("welcome")
        return entered


@pytest.fixture
def no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.streams.remote_commits.CHECK_EVERY_S", NEVER_S)
    monkeypatch.setattr("app.topics.directory.EVERY_S", NEVER_S)
    monkeypatch.setitem(Revocations.__init__.__kwdefaults__, "interval_s", NEVER_S)


@pytest.fixture
async def site(database: Database, redis_url: str | None, no_polls: None) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(open_house(database, redis_url=redis_url))
        there = await stack.enter_async_context(open_house(database, redis_url=redis_url))
        site = Site(here, there)
        await site.settle()
        yield site
