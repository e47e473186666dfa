"""`db end-access`: nobody is in any more, also where a server runs meanwhile."""

from argparse import Namespace

import aiohttp

from app.cli.database_commands import end_all_access
from app.hooks.models import NewHook
from app.storage.mongo import Database
from tests.chat.house import House, open_house, settings_of
from tests.harness.callers import in_person
from tests.harness.listener import Listener
from tests.harness.services import open_services
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain


async def status(house: House, path: str, token: str = "", **more: object) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as session:
        method = "POST" if more else "GET"
        async with session.request(method, house.address + path, **more) as answer:  # type: ignore[arg-type]
            return answer.status


async def test_all_proofs_and_connections_end(database: Database) -> None:
    async with open_house(database) as house:
        ana = await house.invites("ana", "admin")
        accounts, registry = house.services.accounts, house.services.hooks.registry
        token = await accounts.tokens.create(ana.id)
        reset = await accounts.password_changes.make_reset(ana, ana)
        invite = await accounts.invites.make(ana)
        asked = NewHook(direction="incoming", name="CI", topic="builds")
        hook = f"/api/hooks/{(await registry.make(in_person(ana), asked)).secret}"
        paths = (f"/reset/{reset}", f"/join/{invite}")
        before = [await status(house, path) for path in paths]
        assert [*before, await status(house, "/api/me", token)] == [200, 200, 200]
        assert await status(house, hook, json={"text": "done"}) == 200
        member = await house.enters_with(token, ana)
        async with (
            Plain(house.address, token) as plain,
            Listener(house.address, token, "notifications") as reader,
        ):
            await reader.opens()
            async with open_services(settings_of({}), database) as elsewhere:
                await end_all_access(Namespace(), elsewhere.features)
            await member.is_cut_off()
            await reader.is_ended()
            assert await plain.closes() == 4403
        await eventually(lambda: len(house.connections("chat")) == 0, "nobody is connected")
        after = [await status(house, path) for path in paths]
        assert [*after, await status(house, "/api/me", token)] == [404, 404, 401]
        assert await status(house, hook, json={"text": "done"}) == 403
