"""The two servers that the official protocol suites expect, made by our factories alone.

`python -m tests.conformance.servers engine|socket [PORT]` serves one on localhost, by default on
port 3000. `scripts/conformance` runs the suites against them.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio
from aiohttp import web

from app.realtime.socketio.engineio_server import StrictEngine, make_engine
from app.realtime.socketio.server import SocketServer, make_server
from app.telemetry.tasks import Tasks

PING_INTERVAL_MS, PING_TIMEOUT_MS, MAX_PAYLOAD = 300, 200, 1_000_000
TIMES = {
    "heartbeat_interval": PING_INTERVAL_MS / 1000,
    "connection_timeout": (PING_INTERVAL_MS + PING_TIMEOUT_MS) / 1000,
}


class Mirror(socketio.AsyncNamespace):
    """Tells what one signed in with, and gives back what one says."""

    async def on_connect(self, sid: str, _: dict[str, Any], auth: object = None) -> None:
        # It follows the answer to the handshake.
        self.server.spawn(self.emit("auth", auth or {}, to=sid), "tell auth")

    async def on_message(self, sid: str, *arguments: object) -> None:
        await self.emit("message-back", arguments, to=sid)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        # A method's name has no hyphen.
        if event == "message-with-ack":
            return args[1:]
        return await super().trigger_event(event, *args)


def engine_server(tasks: Tasks, *, writes_straight: bool = True) -> StrictEngine:
    """Engine.IO that gives back each message."""
    engine = make_engine(
        **TIMES, tasks=tasks, max_packet_bytes=MAX_PAYLOAD, writes_straight=writes_straight
    )

    async def on_message(sid: str, data: object) -> None:
        await engine.send(sid, data)

    engine.on("message", on_message)
    return engine


def socket_server(tasks: Tasks, *, writes_straight: bool = True) -> SocketServer:
    """Socket.IO with the namespaces `/` and `/custom`."""
    server = make_server(
        **TIMES, tasks=tasks, max_packet_bytes=MAX_PAYLOAD, writes_straight=writes_straight
    )
    server.register_namespace(Mirror("/"))
    server.register_namespace(Mirror("/custom"))
    return server


SERVERS = {"engine": engine_server, "socket": socket_server}


@asynccontextmanager
async def serving(
    server: StrictEngine | SocketServer, tasks: Tasks, host: str, port: int
) -> AsyncIterator[str]:
    """Serve it alone, and nothing else; yields the address."""
    application = web.Application()
    server.attach(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await tasks.close()
        await runner.cleanup()


async def _main(kind: str, port: int) -> None:
    tasks = Tasks()
    async with serving(SERVERS[kind](tasks), tasks, "localhost", port) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3000))
