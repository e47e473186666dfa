"""A full pool: people who signed in get in, whatever strangers hold of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import aiohttp
import pytest

from app.realtime.sse import routes as sse
from app.realtime.websocket import gateway, message_loop
from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house
from tests.harness.listener import Listener
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain
from tests.realtime.raw import Poller, Raw

SIZE = 20
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
POLLING = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
async def small(database: Database) -> AsyncIterator[House]:
    async with open_house(database, websocket_max_connections=SIZE) as house:
        yield house


class Strangers:
    """One address that opens whatever it is given, and keeps it open."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Strangers":
        connector = aiohttp.TCPConnector(limit=0, force_close=False)
        session = aiohttp.ClientSession(connector=connector)
        self._session = await self._stack.enter_async_context(session)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def listens(self) -> int:
        return await self._opens("/api/events")

    async def echoes(self) -> int:
        return await self._opens("/ws/echo", UPGRADE)

    async def waits_on_ws(self) -> int:
        return await self._opens("/ws", UPGRADE)

    async def waits_on_socketio(self) -> int:
        return await self._opens("/socket.io/?EIO=4&transport=websocket", UPGRADE)

    async def polls(self) -> int:
        async with self._session.get(self._address + POLLING) as answer:
            await answer.read()
            return answer.status

    async def _opens(self, path: str, headers: dict[str, str] | None = None) -> int:
        asked = self._session.get(self._address + path, headers=headers)
        answer = await self._stack.enter_async_context(asked)
        return answer.status


Way = Callable[[Strangers], Awaitable[int]]
WAYS: dict[str, Way] = {
    "event streams": Strangers.listens,
    "echo": Strangers.echoes,
    "silent /ws": Strangers.waits_on_ws,
    "silent Socket.IO": Strangers.waits_on_socketio,
    "silent polling": Strangers.polls,
}


async def gets_in_everywhere(house: House, member: Member) -> None:
    token = await house.services.tokens.create(member.id)
    async with Raw(house.address, token), Poller(house.address, token):
        pass
    async with Plain(house.address, token) as plain:
        assert plain.ready["user"]["username"] == member.user.username
    async with Listener(house.address, token, "chat:hallway") as reader:
        await reader.opens()


@pytest.mark.parametrize("way", WAYS)
async def test_people_get_in_whatever_one_address_holds(small: House, way: str) -> None:
    ana = await small.welcomes("ana", role="admin")
    async with Strangers(small.address) as strangers:
        for _ in range(SIZE + 5):
            assert await WAYS[way](strangers) in (101, 200, 429, 503)
        ben = await small.welcomes("ben")
        await gets_in_everywhere(small, ben)
        assert ana.client.connected
        await ana.sends("still here")


async def test_strangers_of_all_kinds_at_once_keep_nobody_out(small: House) -> None:
    ana = await small.welcomes("ana", role="admin")
    async with Strangers(small.address) as strangers:
        for _ in range(12):
            await strangers.listens()
        for _ in range(8):
            await strangers.echoes()
        for way in (Strangers.waits_on_ws, Strangers.polls, Strangers.waits_on_socketio):
            for _ in range(8):
                await way(strangers)
        await gets_in_everywhere(small, ana)


async def test_a_stranger_who_gave_way_is_cut_off_without_a_goodbye(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.line.client_line.CLOSES_WITHIN_S", 600.0)
    monkeypatch.setattr("app.realtime.line.aiohttp_websocket.CLOSE_WITHIN_S", 600.0)
    async with Strangers(small.address) as strangers:
        for _ in range(SIZE + 5):
            assert await strangers.waits_on_ws() == 101
        # They never answer the close frame, and hold no file for it.
        await eventually(lambda: len(small.site.gateway) == SIZE, "those who gave way are cut off")


async def test_streams_without_a_session_have_a_small_part(database: Database) -> None:
    async with (
        open_house(database, anonymous_connections=4, websocket_max_connections=9) as house,
        Strangers(house.address) as strangers,
    ):
        assert [await strangers.listens() for _ in range(2)] == [200, 200]
        assert await strangers.listens() == 429
        assert await strangers.echoes() == 429
        assert len(house.site.admission.pool) == 2


async def test_full_house_says_so_whatever_the_transports_are(database: Database) -> None:
    async with open_house(database, websocket_max_connections=2) as house:
        await house.welcomes("ana", role="admin")
        ben = await house.invites("ben")
        async with Plain(house.address, await house.services.tokens.create(ben.id)):
            for path, headers in (
                (POLLING, {}),
                ("/socket.io/?EIO=4&transport=websocket", UPGRADE),
                ("/ws", UPGRADE),
                ("/ws/echo", UPGRADE),
                ("/api/events", {}),
            ):
                status, error, retry_after = await refusal(house, path, headers)
                assert (status, error["message"]) == (503, "Maximum connections reached"), path
                assert retry_after == str(error["retry_after"]).removesuffix(".0") == "5"
        await eventually(lambda: len(house.site.admission.pool) == 1, "there is room again")
        await house.welcomes("cleo")


async def refusal(
    house: House, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, object], str | None]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(house.address + path, headers=headers) as answer,
    ):
        error = json.loads(await answer.text())["error"]
        return answer.status, error, answer.headers.get("Retry-After")


async def test_one_person_leaves_room_for_others(database: Database) -> None:
    async with open_house(database, connections_per_person=2) as house:
        ana = await house.welcomes("ana", role="admin")
        await house.again(ana, polling=True)
        token = await house.services.tokens.create(ana.id)
        async with Raw(house.address) as third:
            await third.say("40/chat," + json.dumps({"token": token}))
            refused = json.loads((await third.frame()).removeprefix("44/chat,"))
        assert refused["data"]["code"] == "rate_limited"
        assert refused["data"]["retry_after"] > 0
        async with Plain(house.address) as plain:
            await plain.says("auth", token=token)
            assert await plain.closes() == 1013
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await refusal(house, "/api/events", bearer))[0] == 429
        assert (await refusal(house, "/ws", {**UPGRADE, **bearer}))[0] == 429
        assert len(house.connections("chat")) == 2
        await house.welcomes("ben")


async def test_leaving_every_namespace_is_not_being_signed_in(small: House) -> None:
    ana = await small.welcomes("ana", role="admin")
    token = await small.services.tokens.create(ana.id)
    async with Raw(small.address, token) as raw:
        assert small.site.admission.pool.unsigned == 0
        await raw.say("41/chat,")
        await eventually(lambda: small.site.admission.pool.unsigned == 1, "nobody's again")
        await raw.say("40/chat," + json.dumps({"token": token}))
        await eventually(lambda: small.site.admission.pool.unsigned == 0, "hers again")
    await eventually(lambda: len(small.site.admission.pool) == 1, "it has left")


async def test_connections_without_a_session_end_after_a_while(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "ANONYMOUS_FOR_S", 0.2)
    monkeypatch.setattr(gateway, "ANONYMOUS_FOR_S", 0.2)
    async with Listener(small.address) as reader:
        reader.begins(again=True)
        await eventually(lambda: reader.times_opened > 1, "it ended in order and came back")
        assert reader.retry_ms is not None
    await eventually(lambda: not len(small.site.admission.pool), "it has left")
    async with Plain(small.address, path="/ws/echo") as echo:
        assert await echo.closes() == 1013


async def test_pings_do_not_put_off_signing_in(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_loop, "AUTH_WITHIN_S", 0.3)
    async with Plain(small.address) as plain:
        closing = asyncio.create_task(plain.closes())

        async def pings() -> bool:
            with suppress(ConnectionError):
                await plain.socket.ping()
            return closing.done()

        await eventually(pings, "it is closed all the same", 5)
        assert await closing == 4401
