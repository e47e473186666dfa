"""HTTP connections on which nothing happens: they end in time, and make room for others."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from app.realtime.http_connections import ConnectionLimits, HttpConnections
from app.web.http_server import Runner, Server
from tests.harness.waiting import WITHIN_S, eventually

LIMITS = ConnectionLimits(at_most=1_000, idle_per_address=0, idle_s=75.0, stalled_s=60.0)
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"x" * 50_000_000


class Client:
    """One connection, spoken on by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def asks(self, raw: bytes = REQUEST) -> int:
        """The status of the answer, which is read to its end."""
        self._writer.write(raw)
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), WITHIN_S)
        length = next(x for x in head.split(b"\r\n") if x.lower().startswith(b"content-length"))
        self.body = await self._reader.readexactly(int(length.split()[1]))
        return int(head.split()[1])

    def says(self, raw: bytes) -> None:
        self._writer.write(raw)

    async def is_ended(self) -> bool:
        """Whether the server has ended it by now."""
        try:
            async with asyncio.timeout(0.05):
                return await self._reader.read(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def leaves(self) -> None:
        self._writer.close()


class House:
    """A server that answers «ok», «/large» with much, and what was sent to «/echo»."""

    def __init__(self, connections: HttpConnections, server: Server, port: int) -> None:
        self.connections = connections
        self.server = server
        self._port = port
        self._clients: list[Client] = []

    async def comes(self, address: str = "127.0.0.1") -> Client:
        there = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(address, 0))
        self._clients.append(Client(*there))
        return self._clients[-1]

    async def asks(self, address: str = "127.0.0.1") -> Client:
        """Somebody who has asked once, and stays."""
        client = await self.comes(address)
        assert await client.asks() == 200
        return client

    async def has(self, count: int) -> None:
        await eventually(lambda: len(self.connections) == count, f"{count} are open")

    def looks(self, in_s: float) -> None:
        self.connections.look(asyncio.get_running_loop().time() + in_s)

    def ends(self) -> None:
        for client in self._clients:
            client.leaves()


async def ok(request: web.Request) -> web.Response:
    if request.path == "/large":
        return web.Response(body=LARGE)
    return web.Response(body=await request.read() if request.path == "/echo" else b"ok")


@asynccontextmanager
async def open_house(
    limits: ConnectionLimits = LIMITS, is_proxy: Callable[[str], bool] = lambda _: False
) -> AsyncIterator[House]:
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", ok)
    runner = Runner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert isinstance(runner.server, Server)
    connections = HttpConnections(runner.server, limits, is_proxy)
    runner.server.watch = connections
    house = House(connections, runner.server, runner.addresses[0][1])
    try:
        yield house
    finally:
        house.ends()
        await runner.cleanup()


def limits(**changed: float) -> ConnectionLimits:
    values = {name: getattr(LIMITS, name) for name in LIMITS.__struct_fields__}
    return ConnectionLimits(**values | changed)


async def test_idle_ones_end_after_a_while_and_a_proxys_stay() -> None:
    async with open_house(is_proxy=lambda peer: peer == "127.0.0.9") as house:
        idle, proxy = await house.asks(), await house.asks("127.0.0.9")
        house.looks(in_s=74.0)
        assert not await idle.is_ended()
        house.looks(in_s=76.0)
        assert await idle.is_ended()
        assert not await proxy.is_ended()
        await house.has(1)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a"])
async def test_one_that_never_finishes_a_request_ends_soon(begun: bytes) -> None:
    async with open_house() as house:
        slow, second = await house.comes(), await house.asks()
        slow.says(begun)
        second.says(begun)
        await house.has(2)
        house.looks(in_s=21.0)
        assert await slow.is_ended()
        assert not await second.is_ended()
        house.looks(in_s=76.0)
        assert await second.is_ended()


async def test_one_address_keeps_so_many_open() -> None:
    async with open_house(limits(idle_per_address=3)) as house:
        mine = [await house.asks() for _ in range(6)]
        other = await house.asks("127.0.0.2")
        house.looks(in_s=0.0)
        assert not await mine[0].is_ended()
        house.looks(in_s=3.0)
        assert [await each.is_ended() for each in mine] == [True] * 3 + [False] * 3
        assert not await other.is_ended()


async def test_the_longest_idle_of_the_address_with_the_most_make_room() -> None:
    async with open_house(limits(at_most=20)) as house:
        ana = await house.asks("127.0.0.2")
        flood = [await house.asks("127.0.0.3") for _ in range(40)]
        ben = await house.asks("127.0.0.4")
        assert [await each.is_ended() for each in flood] == [True] * 22 + [False] * 18
        assert not await ana.is_ended()
        assert await ben.asks() == 200
        assert len(house.connections) == 20


async def test_those_who_ask_are_not_cut_off_by_those_who_come() -> None:
    async with open_house(limits(at_most=4)) as house:
        sending = [await house.comes() for _ in range(3)]
        for client in sending:
            client.says(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
        await house.has(3)
        idle = await house.asks()
        for _ in range(3):
            assert await (await house.comes()).asks() == 200
        assert await idle.is_ended()
        for client in sending:
            assert await client.asks(b"llo") == 200
            assert client.body == b"hello"


async def test_an_unfinished_body_makes_room_where_nobody_is_idle() -> None:
    async with open_house(limits(at_most=2)) as house:
        sending = [await house.comes() for _ in range(2)]
        for client in sending:
            client.says(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
        await eventually(
            lambda: all(each._request_in_progress for each in house.server.connections), "begun"
        )
        assert await (await house.comes()).asks() == 200
        assert [await client.is_ended() for client in sending].count(True) == 1


async def test_a_newcomer_is_told_that_there_is_no_room() -> None:
    async with open_house(limits(at_most=1)) as house:
        busy = await house.comes()
        busy.says(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await eventually(
            lambda: any(each._request_in_progress for each in house.server.connections), "begun"
        )
        turned_away = await house.comes()
        assert await turned_away.asks(b"") == 503
        error = json.loads(turned_away.body)["error"]
        assert (error["code"], error["retry_after"] > 0) == ("unavailable", True)
        assert error["message"] == "Maximum connections reached"
        assert await turned_away.is_ended()
        busy.leaves()
        await house.has(0)
        assert await (await house.comes()).asks() == 200


async def test_one_that_does_not_read_its_answer_is_ended() -> None:
    async with open_house() as house:
        stalled, other = await house.comes(), await house.comes()
        stalled.says(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await eventually(
            lambda: any(
                each.transport is not None and each.transport.get_write_buffer_size()
                for each in house.server.connections
            ),
            "its answer waits",
        )
        assert await other.asks() == 200
        house.looks(in_s=0.0)
        house.looks(in_s=59.0)
        await house.has(2)
        house.looks(in_s=61.0)
        await house.has(1)
        assert await other.asks() == 200
