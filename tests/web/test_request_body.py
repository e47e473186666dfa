"""A body that doesn't come in time ends its request; one that comes slowly has its time."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler

from app.loop_pacing import Pace
from app.web import request_body
from tests.harness.waiting import WITHIN_S
from tests.web.site import site

HEAD = (
    b"POST /api/note HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ana\r\n"
    b"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n"
)


@asynccontextmanager
async def line(
    client: TestClient,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which every byte is ours."""
    assert client.server is not None
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_WITHIN_S", 0.2)
    async with site() as client, line(client) as (reader, writer):
        writer.write(HEAD + b'{"text"')
        async with asyncio.timeout(WITHIN_S):
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readuntil(b"}}")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["error"] == {
        "code": "invalid",
        "message": "The request did not arrive in time.",
    }


async def test_what_takes_long_once_the_body_is_there_is_let_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_body, "BODY_WITHIN_S", 0.2)
    gate = asyncio.Event()
    async with site(gate=gate) as client, line(client) as (reader, writer):
        # Long enough for the limit, had it not been lifted when the rest came.
        asyncio.get_running_loop().call_later(0.4, gate.set)
        writer.write(HEAD.replace(b"/api/note", b"/api/slow"))
        await writer.drain()
        writer.write(b'{"text": "hi" }')
        async with asyncio.timeout(WITHIN_S):
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 201 ")


async def test_a_body_waits_for_its_turn_by_its_bytes() -> None:
    taken: list[int] = []

    class Noted(Pace):
        async def turn(self, pieces: int = 1) -> None:
            taken.append(pieces)

    @web.middleware
    async def paced(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[request_body.PACE] = Noted(at_once=1)
        return await handler(request)

    async def note(request: web.Request) -> web.Response:
        return web.Response(body=await request_body.body(request, 100))

    application = web.Application(middlewares=[paced])
    application.add_routes([web.post("/", note)])
    async with TestClient(TestServer(application)) as client:
        assert await (await client.post("/", data=b"hello")).read() == b"hello"
    assert taken == [5]
