"""The two servers of the official suites, served alone: no database, no application."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from app.realtime.socketio.engineio_server import StrictEngine
from app.realtime.socketio.server import SocketServer
from app.telemetry.tasks import Tasks
from tests.conformance.peer import Line, Peer
from tests.conformance.servers import engine_server, serving, socket_server


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture(params=[True, False], ids=["straight", "queued"])
def writes_straight(request: pytest.FixtureRequest) -> bool:
    """Everything holds with the short way to the sockets, and without."""
    is_straight: bool = request.param
    return is_straight


@pytest.fixture
async def engine(tasks: Tasks, writes_straight: bool) -> StrictEngine:
    return engine_server(tasks, writes_straight=writes_straight)


@pytest.fixture
async def sockets(tasks: Tasks, writes_straight: bool) -> SocketServer:
    return socket_server(tasks, writes_straight=writes_straight)


@pytest.fixture
def unhurried(engine: StrictEngine, sockets: SocketServer) -> None:
    """Raise the heartbeat's timeouts, so that a busy machine closes no connection. The suites set
    a fifth of a second, which only the tests of the heartbeat need."""
    for each in (engine, sockets.eio):
        each.ping_interval = each.ping_timeout = 60.0


@pytest.fixture
async def peer(engine: StrictEngine, tasks: Tasks) -> AsyncIterator[Peer]:
    """Somebody who speaks Engine.IO."""
    async with (
        serving(engine, tasks, "127.0.0.1", 0) as address,
        aiohttp.ClientSession() as session,
    ):
        yield Peer(f"{address}/engine.io/", session)
    assert tasks.crashed == []


@pytest.fixture
async def line(sockets: SocketServer, tasks: Tasks) -> AsyncIterator[Line]:
    """A WebSocket to the Socket.IO server, after the handshake of Engine.IO."""
    async with (
        serving(sockets, tasks, "127.0.0.1", 0) as address,
        aiohttp.ClientSession() as session,
    ):
        line = await Peer(f"{address}/socket.io/", session).connects()
        assert (await line.hears()).startswith("0{")
        yield line
    assert tasks.crashed == []


@pytest.fixture
async def entered(line: Line) -> Line:
    """The same, in the namespace `/`."""
    await line.say("40")
    assert (await line.hears()).startswith('40{"sid":')
    assert await line.hears() == '42["auth",{}]'
    return line
