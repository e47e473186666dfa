"""Engine.IO v4 over WebSocket: frames there and back, what is no packet, the end."""

import asyncio

import pytest
from aiohttp import web

from app.realtime.socketio import engineio_socket
from app.realtime.socketio.engineio_server import StrictEngine
from tests.conformance.peer import Line, Peer
from tests.harness.waiting import WITHIN_S, eventually


@pytest.fixture
async def line(peer: Peer) -> Line:
    line = await peer.connects()
    await line.hears()
    return line


async def test_it_goes_on_when_its_request_is_over(
    peer: Peer, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler of the request ends, so it does not stay in memory."""
    is_over, handle = asyncio.Event(), engine.handle_request

    async def handled(request: web.Request) -> web.StreamResponse:
        response = await handle(request)
        is_over.set()
        return response

    monkeypatch.setattr(engine, "handle_request", handled)
    line = await peer.connects()
    await line.hears()
    async with asyncio.timeout(WITHIN_S):
        await is_over.wait()
    await line.say("4there")
    assert await line.hears_but_pings() == "4there"


async def test_text_and_binary_go_there_and_back(line: Line) -> None:
    await line.say("4hello", b"\x01\x02\x03\x04", "4grüße")
    assert await line.hears_but_pings() == "4hello"
    assert await line.hears_but_pings() == b"\x01\x02\x03\x04"
    assert await line.hears_but_pings() == "4grüße"


@pytest.mark.parametrize("frame", ["abc", "", "7", "0", "2", "5", "6", "bAQID"])
async def test_what_no_client_sends_closes_it(line: Line, engine: StrictEngine, frame: str) -> None:
    await line.say(frame)
    assert await line.is_closed() == 1000
    await eventually(lambda: engine.sockets == {}, "its session has ended")


async def test_frame_of_the_most_bytes_passes_and_one_more_does_not(line: Line) -> None:
    most = "4" + "x" * 999_999
    await line.say(most)
    assert await line.hears_but_pings() == most
    await line.say(most + "x")
    assert await line.is_closed() == 1009


async def test_close_packet_of_the_client_closes_it(line: Line, engine: StrictEngine) -> None:
    await line.say("1")
    assert await line.is_closed() == 1000
    await eventually(lambda: engine.sockets == {}, "its session has ended")


async def test_server_says_what_waits_before_it_closes(line: Line, engine: StrictEngine) -> None:
    (socket,) = engine.sockets.values()
    for word in ("one", "two"):
        await engine.send(socket.sid, word)
    await socket.close()
    assert [await line.hears_but_pings() for _ in range(3)] == ["4one", "4two", "1"]
    assert await line.is_closed() == 1000


async def test_reader_that_stopped_is_cut_when_it_is_silent(
    line: Line, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer is stuck in the middle of a frame: no goodbye gets through."""
    monkeypatch.setattr(engineio_socket, "CUT_WITHIN_S", 0.05)
    line.deafen()
    (socket,) = engine.sockets.values()
    for _ in range(15):
        await engine.send(socket.sid, b"x" * 900_000)
    await eventually(lambda: socket.closed, "it was silent for too long")
    await eventually(lambda: engine.sockets == {}, "and is gone")


async def test_reader_that_stopped_is_cut_when_the_server_closes_it(
    line: Line, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engineio_socket, "CLOSES_WITHIN_S", 0.05)
    line.deafen()
    (socket,) = engine.sockets.values()
    for _ in range(15):
        await engine.send(socket.sid, b"x" * 900_000)
    await socket.close()
    await eventually(lambda: engine.sockets == {}, "it is gone")


async def test_those_who_leave_leave_nothing(peer: Peer, engine: StrictEngine) -> None:
    before = asyncio.all_tasks()
    for goodbye in ("1", "x", "4hello"):
        line = await peer.connects()
        await line.say(goodbye)
        await line.socket.close()
    await eventually(lambda: engine.sockets == {}, "all sessions have ended")
    await eventually(lambda: asyncio.all_tasks() <= before, "no task of theirs goes on")
