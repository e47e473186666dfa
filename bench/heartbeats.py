"""Measures the processor time of one heartbeat of a connection that only stays.

    python -m bench.heartbeats --connections 2000

docs/CLUSTER.md counts with it. Heartbeats come each second here, so that there are many to measure;
they cost the same every thirty.
"""

import argparse
import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from bench.machine import allow_many_files, processor_s
from bench.parley import SETTINGS, pinned, started
from tests.harness.town import Town

INTERVAL_S = 1
MEASURED_S = 20.0
AT_ONCE = 50


async def stay(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Answer the heartbeats until the connection ends."""
    async for frame in socket:
        if frame.data == "2":
            await socket.send_str("3")


async def come(session: aiohttp.ClientSession, url: str, token: str) -> asyncio.Task[None]:
    """Connect and sign in; returns the task that stays."""
    socket = await session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket")
    await socket.receive()
    await socket.send_str(f"40/chat,{json.dumps({'token': token})}")
    await socket.receive()
    return asyncio.create_task(stay(socket))


async def measure(connections: int) -> dict[str, Any]:
    """On a server of its own, alone on its core."""
    settings = {**SETTINGS, "PARLEY_HEARTBEAT_INTERVAL": str(INTERVAL_S)}
    async with started(**settings) as server, AsyncExitStack() as stack:
        pinned(server)
        town = Town(server)
        await town.settles("ana", "--admin")
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        empty_s = await _used(server.process.pid)
        tasks: list[asyncio.Task[None]] = []
        for _ in range(0, connections, AT_ONCE):
            coming = (come(session, server.url, town.tokens["ana"]) for _ in range(AT_ONCE))
            tasks += await asyncio.gather(*coming)
        full_s = await _used(server.process.pid)
        assert not any(task.done() for task in tasks), "a connection was lost"
        for task in tasks:
            task.cancel()
    beats = len(tasks) * MEASURED_S / INTERVAL_S
    return {
        "connections": len(tasks),
        "cores_empty": round(empty_s / MEASURED_S, 4),
        "cores_full": round(full_s / MEASURED_S, 4),
        "us_per_heartbeat": round((full_s - empty_s) / beats * 1e6, 1),
    }


async def _used(pid: int) -> float:
    """The processor time that a process uses within MEASURED_S."""
    before = processor_s(pid)
    await asyncio.sleep(MEASURED_S)
    return processor_s(pid) - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2_000)
    allow_many_files()
    print(json.dumps(asyncio.run(measure(parser.parse_args().connections))))


if __name__ == "__main__":
    main()
