"""Broadcasts reach each client once and in one order, on every path through the server."""

import asyncio

import pytest

from app.realtime.line.frame import Frame
from app.realtime.socketio.engineio_packets import decoded
from app.realtime.socketio.engineio_server import StrictEngine
from app.realtime.socketio.engineio_socket import StrictSocket
from tests.conformance.peer import Line, Peer
from tests.harness.waiting import eventually

pytestmark = pytest.mark.usefixtures("unhurried")

# Around the three forms of a frame's length; one character is the packet's type.
LENGTHS = (0, 1, 124, 125, 126, 65_534, 65_535, 65_536, 300_000)


async def opened(peer: Peer, engine: StrictEngine) -> tuple[Line, StrictSocket]:
    line = await peer.connects()
    assert (await line.hears()).startswith("0{")
    (socket,) = engine.sockets.values()
    return line, socket


async def test_one_packet_for_many_has_every_length(peer: Peer, engine: StrictEngine) -> None:
    line, socket = await opened(peer, engine)
    for length in LENGTHS:
        text = "é" * (length // 2) + "x" * (length % 2)
        packet = Frame(f"4{text}".encode())
        for _ in range(2):
            socket.line.write(packet)
            assert await line.hears_but_pings() == "4" + text


async def test_one_order_while_the_reader_stops_and_goes_on(
    peer: Peer, engine: StrictEngine
) -> None:
    """Straight, through the transport's buffer, from the queue, and straight again."""
    line, socket = await opened(peer, engine)
    sent = ways = 0

    async def says(size: int) -> None:
        nonlocal sent
        # Answers and events mix with what Engine.IO itself queues.
        packet = Frame(f"4{sent:06}{'x' * size}".encode())
        if sent % 3:
            socket.line.write(packet)
        else:
            await engine.send_packet(socket.sid, decoded(packet.data.decode()))
        sent += 1

    async def hears(count: int, first: int) -> None:
        for number in range(first, first + count):
            assert (await line.hears_but_pings())[1:7] == f"{number:06}"

    for _ in range(3):
        first = sent
        socket.line.write(Frame(f"4{sent:06}".encode()))
        sent += 1
        line.deafen()
        while len(socket.line.outbox) < 50 and sent - first < 5_000:
            await says(7_000)
            await asyncio.sleep(0)
        ways += bool(socket.line.outbox)
        connection = line.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.resume_reading()
        middle = sent - first
        await hears(middle // 2, first)
        for _ in range(100):
            await says(10)
        await hears(sent - first - middle // 2, first + middle // 2)
        await eventually(lambda: not socket.line.outbox, "nothing waits")
    assert ways == 3


async def test_no_task_runs_while_nothing_waits(peer: Peer, engine: StrictEngine) -> None:
    line, socket = await opened(peer, engine)
    await eventually(lambda: not socket.line.outbox, "the opening is written")
    await asyncio.sleep(0)
    before = len(asyncio.all_tasks())
    if engine.writes_straight:
        socket.line.write(Frame(b"4hello"))
        assert len(asyncio.all_tasks()) == before
        assert await line.hears() == "4hello"


async def test_closed_one_is_not_written_to(peer: Peer, engine: StrictEngine) -> None:
    """Its descriptor may be somebody else's by then."""
    _, socket = await opened(peer, engine)
    direct = socket.line._wire.direct
    assert direct is not None
    socket.line.abort()
    assert not direct.write(b"secret")


async def test_peer_that_is_gone_ends_it(peer: Peer, engine: StrictEngine) -> None:
    line, socket = await opened(peer, engine)
    connection = line.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()
    for _ in range(20):
        socket.line.write(Frame(b"4" + b"x" * 10_000))
        await asyncio.sleep(0)
    await eventually(lambda: not engine.sockets, "the session has ended")


async def test_nothing_more_is_said_to_whom_is_being_sent_away(
    peer: Peer, engine: StrictEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Features are told that somebody leaves while the connection is still open."""
    line, socket = await opened(peer, engine)

    async def departed(_: str, __: str) -> None:
        socket.line.write(Frame(b"4too late"))

    monkeypatch.setattr(engine, "departed", departed)
    await socket.close()
    assert await line.hears_but_pings() == "1"
