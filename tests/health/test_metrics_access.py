"""`/metrics`: for programs on this machine and for admins, whatever a proxy does or leaves out."""

import aiohttp
import pytest

from app.accounts.models import User
from app.storage.mongo import Database
from tests.chat.house import House, open_house

METRICS = ["metrics:read"]
PASSED = {"X-Forwarded-For": "203.0.113.7"}


async def asks(house: House, token: str | None = None, **headers: str) -> int:
    """The status of a request for the figures."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.address}/metrics", headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


async def cookie_of(house: House, user: User) -> dict[str, str]:
    _, cookie = await house.services.sessions.begin(user, address="", agent="")
    return {"Cookie": f"parley_session={cookie}"}


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
async def test_only_admins_read_from_elsewhere(
    database: Database, trusted: tuple[str, ...]
) -> None:
    async with open_house(database, trusted_proxies=trusted) as house:
        ana, ben = await house.invites("ana", "admin"), await house.invites("ben")
        tokens, bots = house.services.tokens, house.services.accounts.bots
        assert await asks(house) == 200
        assert await asks(house, Accept="application/json", **PASSED) == 401
        for member in (await tokens.create(ben.id), await tokens.create(ben.id, METRICS)):
            assert await asks(house, member, **PASSED) == 403
        assert await asks(house, **PASSED, **await cookie_of(house, ben)) == 403
        assert await asks(house, await tokens.create(ana.id, ["chat"]), **PASSED) == 403
        narrow = await tokens.create(ana.id, METRICS, by=ana.id)
        for admin in (narrow, await tokens.create(ana.id)):
            assert await asks(house, admin, **PASSED) == 200
        assert await asks(house, **PASSED, **await cookie_of(house, ana)) == 200
        _, whole = await bots.make("echo")
        _, reader = await bots.make("prometheus", scopes=METRICS)
        assert [await asks(house, each, **PASSED) for each in (whole, reader)] == [403, 200]
        await house.invites("cleo", "admin")
        await house.services.accounts.roles.appoint(ana.id, "member")
        assert await asks(house, narrow, **PASSED) == 403
