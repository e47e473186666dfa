"""The load generator of the benchmarks counts what arrives, and notices what is wrong with it."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from bench.generator import Generator, LoadFailedError, NoCompilerError, Outcome, Peer, built
from bench.rivals import rival

ROOM = "hallway"
SEND = re.compile(r'42(\d+)\["send",\{"room":"hallway","text":"([^"]*)"\}\]')

Echo = Callable[[int, str], list[str]]


@pytest.fixture(autouse=True)
def _compiler() -> None:
    try:
        built("load/load.c")
    except NoCompilerError as error:
        pytest.skip(str(error))


@asynccontextmanager
async def serving(echo: Echo) -> AsyncIterator[int]:
    """A server with one room whose members get `echo(number, text)` for what is said; its port."""
    sockets: list[web.WebSocketResponse] = []
    said = 0

    async def visit(request: web.Request) -> web.WebSocketResponse:
        nonlocal said
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str('0{"sid":"-"}')
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            if message.data == "40":
                await socket.send_str('40{"sid":"-"}')
            elif message.data.startswith("421["):
                sockets.append(socket)
                await socket.send_str('431[{"ok":true}]')
            elif found := SEND.fullmatch(message.data):
                said += 1
                for text in echo(said, found[2]):
                    for member in sockets:
                        await member.send_str(f'42["message",{{"text":"{text}"}}]')
                await socket.send_str(f'43{found[1]}[{{"ok":true}}]')
        return socket

    application = web.Application()
    application.add_routes([web.get("/socket.io/", visit)])
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def run(port: int, members: int = 3, senders: int = 1, window: int = 2) -> Outcome:
    peers = [Peer("echo", ROOM, sends=number < senders) for number in range(members)]
    options = {"warm_ms": 20, "seconds_ms": 150, "drain_ms": 500, "window": window}
    async with Generator(port, peers, **options) as generator:
        await generator.connects()
        return await generator.runs()


async def test_counts_what_each_member_gets() -> None:
    async with rival("floor") as floor:
        outcome = await run(floor.port, members=10, senders=2, window=2)
    found = outcome.found
    assert found["messages"] > 0
    # Each counts what falls into the seconds measured; what is under way at their edges may differ.
    under_way = 10 * 2 * 2
    assert abs(found["deliveries"] - 10 * found["messages"]) <= under_way
    assert found["p50_ms"] > 0


async def test_honest_server_passes() -> None:
    async with serving(lambda _, text: [text]) as port:
        outcome = await run(port)
    assert outcome.found["deliveries"] > 0


async def test_notices_a_message_that_is_missing() -> None:
    async with serving(lambda number, text: [text] if number != 5 else []) as port:
        with pytest.raises(LoadFailedError, match=r"'misordered': [1-9]"):
            await run(port)


async def test_notices_that_the_end_is_missing() -> None:
    async with serving(lambda number, text: [text] if number < 5 else []) as port:
        with pytest.raises(LoadFailedError, match=r"'missing': [1-9]"):
            await run(port)


async def test_notices_a_message_that_comes_twice() -> None:
    async with serving(lambda number, text: [text, text] if number == 5 else [text]) as port:
        with pytest.raises(LoadFailedError, match=r"'misordered': [1-9]"):
            await run(port)


async def test_notices_one_byte_that_is_wrong() -> None:
    def echo(number: int, text: str) -> list[str]:
        return [text] if number != 5 else [text[:-1] + "#"]

    async with serving(echo) as port:
        with pytest.raises(LoadFailedError, match=r"'wrong': [1-9]"):
            await run(port)


async def test_notices_what_was_swapped() -> None:
    held: list[str] = []

    def echo(number: int, text: str) -> list[str]:
        if number == 5:
            held.append(text)
            return []
        return [text, held.pop()] if held else [text]

    async with serving(echo) as port:
        with pytest.raises(LoadFailedError, match=r"'misordered': [1-9]"):
            await run(port)
