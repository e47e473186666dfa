"""Measures the processor time of one heartbeat of a connection that only stays.

    python -m bench.heartbeats --connections 2000
    python -m bench.heartbeats --connections 2000 --proxy haproxy

The second one measures the proxy of `deploy/` too, through which they come then.
docs/CLUSTER.md counts with it. Heartbeats come each second here, so that there are many to measure;
they cost the same every thirty.
"""

import argparse
import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from bench.machine import allow_many_files, processor_s, resident_kib
from bench.parley import SETTINGS, pinned, started
from tests.harness.proxy import Proxy
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


class Measured:
    """The processor time and memory of one program, of which `pids` run."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._kib = self._resident()
        self._idle_s = 0.0

    def _used(self) -> float:
        return sum(map(processor_s, self._pids))

    def _resident(self) -> int:
        return sum(map(resident_kib, self._pids))

    async def rests(self) -> None:
        """Measure it without connections."""
        self._idle_s = await self._uses()

    async def carries(self, connections: int) -> dict[str, float]:
        """Its costs with so many."""
        kib = self._resident() - self._kib
        used_s = await self._uses()
        beats = connections * MEASURED_S / INTERVAL_S
        return {
            "cores_empty": round(self._idle_s / MEASURED_S, 4),
            "cores": round(used_s / MEASURED_S, 4),
            "us_per_heartbeat": round((used_s - self._idle_s) / beats * 1e6, 1),
            "kib_per_connection": round(kib / connections, 1),
        }

    async def _uses(self) -> float:
        before = self._used()
        await asyncio.sleep(MEASURED_S)
        return self._used() - before


async def measure(connections: int, proxy: str | None) -> dict[str, Any]:
    """On a server of its own, alone on its core."""
    settings = {
        **SETTINGS,
        "PARLEY_HEARTBEAT_INTERVAL": str(INTERVAL_S),
        "PARLEY_TRUSTED_PROXIES": "127.0.0.1",
    }
    async with started(**settings) as server, AsyncExitStack() as stack:
        pinned(server)
        town = Town(server)
        await town.settles("ana", "--admin")
        programs, url = {"parley": Measured(server.process.pid)}, server.url
        if proxy is not None:
            front = Proxy(proxy, Path(stack.enter_context(TemporaryDirectory())), [server.port])
            stack.callback(front.ends)
            await front.starts()
            programs[proxy], url = Measured(*front.pids), front.url
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        await asyncio.gather(*(each.rests() for each in programs.values()))
        tasks: list[asyncio.Task[None]] = []
        for _ in range(0, connections, AT_ONCE):
            coming = (come(session, url, town.tokens["ana"]) for _ in range(AT_ONCE))
            tasks += await asyncio.gather(*coming)
        found = await asyncio.gather(*(each.carries(len(tasks)) for each in programs.values()))
        assert not any(task.done() for task in tasks), "a connection was lost"
        for task in tasks:
            task.cancel()
    return {"connections": len(tasks), **dict(zip(programs, found, strict=True))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2_000)
    parser.add_argument("--proxy", choices=("haproxy", "nginx"))
    options = parser.parse_args()
    allow_many_files()
    print(json.dumps(asyncio.run(measure(options.connections, options.proxy))))


if __name__ == "__main__":
    main()
