"""Refusals on sockets are logged with address, place and reason, and without secrets."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from app.realtime import http_connections
from app.realtime.socketio import transport
from app.realtime.websocket import message_loop
from app.storage.mongo import Database
from tests.chat.house import House, Member, open_house
from tests.harness.waiting import WITHIN_S, eventually
from tests.realtime.plain import Plain
from tests.realtime.raw import Raw

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def logged() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def named(lines: Lines, event: str) -> Lines:
    return [line for line in lines if line["event"] == event]


async def test_what_somebody_may_not_do_is_logged(house: House, ana: Member, logged: Lines) -> None:
    mallory = await house.welcomes("mallory")
    for room, code in (("no-such-room", "not_found"), ("hallway", "forbidden"), (7, "invalid")):
        answer = await mallory.call("room:archive", room=room)
        assert answer["error"]["code"] == code
    found = [(line["place"], line["error"], line["user"]) for line in named(logged, "refused")]
    assert found == [
        ("room:archive", "not_found", mallory.id),
        ("room:archive", "forbidden", mallory.id),
        ("room:archive", "invalid", mallory.id),
    ]
    assert {line["address"] for line in named(logged, "refused")} == {"127.0.0.1"}


async def test_a_stranger_on_socketio_is_logged_without_the_token(
    house: House, logged: Lines
) -> None:
    async with Raw(house.address) as stranger:
        await stranger.say('40/chat,{"token":"parley_nonsense"}')
        await stranger.frame()
    (line,) = named(logged, "connection_refused")
    assert (line["place"], line["error"]) == ("/chat", "unauthenticated")
    assert line["address"] == "127.0.0.1"
    assert "parley_nonsense" not in json.dumps(logged, default=str)


async def test_a_stranger_on_a_plain_websocket_is_logged_without_the_token(
    house: House, logged: Lines
) -> None:
    async with Plain(house.address) as plain:
        await plain.socket.send_str('{"type":"auth","token":"parley_nonsense"}')
        assert await plain.closes() == 4401
    (line,) = named(logged, "connection_refused")
    assert (line["place"], line["error"]) == ("/ws", "unauthenticated")
    assert line["address"] == "127.0.0.1"
    assert "parley_nonsense" not in json.dumps(logged, default=str)


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&transport=polling", "/ws", "/api/events"])
async def test_another_origin_is_logged(house: House, path: str, logged: Lines) -> None:
    async with aiohttp.ClientSession() as browser:
        foreign = {"Origin": "https://elsewhere.example"}
        async with browser.get(house.address + path, headers=foreign) as response:
            assert response.status == 403
    (line,) = named(logged, "origin_refused")
    assert line["origin"] == "https://elsewhere.example"
    (line,) = named(logged, "request")
    assert line["status"] == 403


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&transport=polling", "/ws", "/api/me"])
async def test_no_other_origin_is_invited_to_read(house: House, path: str) -> None:
    asked = {"Origin": house.address, "Access-Control-Request-Method": "POST"}
    async with aiohttp.ClientSession(headers=asked) as browser:
        for method in ("GET", "OPTIONS"):
            async with browser.request(method, house.address + path) as response:
                assert [n for n in response.headers if n.startswith("Access-Control-")] == []


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts for slow clients."""
    monkeypatch.setattr(transport, "SIGN_IN_WITHIN_S", 0.2)
    monkeypatch.setattr(message_loop, "AUTH_WITHIN_S", 0.2)
    monkeypatch.setattr(http_connections, "FIRST_REQUEST_WITHIN_S", 0.2)
    monkeypatch.setattr(http_connections, "LOOKS_EVERY_S", 0.05)


async def test_slow_handshakes_are_ended_and_logged(
    database: Database, hurry: None, logged: Lines
) -> None:
    async with open_house(database) as house, Raw(house.address) as raw:
        async with Plain(house.address) as plain:
            assert await plain.closes() == 4401
        await raw.is_closed()
        host, port = house.address.removeprefix("http://").split(":")
        for begun in (b"", b"GET /ws HTTP/1.1\r\nHost: x\r\nCookie: parley_session=secret"):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(begun)
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""
            writer.close()
        # One that has asked for something may be quiet.
        async with Raw(house.address, await a_token(house)) as ana:
            clock = asyncio.get_running_loop().time
            later = clock() + 2 * transport.SIGN_IN_WITHIN_S
            await eventually(lambda: clock() > later, "others would have been ended")
            await ana.say('42/chat,1["rooms:list",{}]')
            assert (await ana.answer(1))["ok"]
    slow = [(line["place"], line["error"]) for line in named(logged, "slow_handshake")]
    assert slow == [("/socket.io/", "request_timeout"), *[("connection", "request_timeout")] * 2]
    (line,) = named(logged, "connection_refused")
    assert (line["place"], line["error"]) == ("/ws", "unauthenticated")
    assert {line["address"] for line in logged if "address" in line} == {"127.0.0.1"}
    assert "secret" not in json.dumps(logged, default=str)


async def a_token(house: House) -> str:
    return await house.services.tokens.create((await house.invites("ana")).id)
