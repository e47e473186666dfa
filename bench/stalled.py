"""Measures what readers that stop reading cost the server and the other readers.

    python -m bench.stalled [--idle 1000] [--stalled 50] [--healthy 12] [--rate 500] [--seconds 30]

One server, one topic. Healthy readers follow it on all three transports beside many idle
connections, first by themselves, then while others that follow it too read nothing; afterwards
those read on. Prints as JSON the 99th percentile from publish to arrival quiet and during, their
ratio, and the memory of the server; fails where somebody does not end with what the topic serves.
"""

import argparse
import asyncio
import gc
import itertools
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from statistics import quantiles
from typing import Any

import aiohttp
import msgspec

from bench.machine import resident_mb
from bench.parley import started
from tests.harness.followers import KINDS, Follower
from tests.harness.server import Server
from tests.harness.town import Town
from tests.harness.waiting import eventually

TOPIC = "lamps"
LOOK_EVERY_S = 0.25
WARM_S = 3.0
COMES_BACK_WITHIN_S = 60.0
AT_ONCE = 50


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How many of whom, and what is published: events a second, of so many characters."""

    idle: int = 1_000
    stalled: int = 50
    healthy: int = 12
    rate: int = 500
    seconds: float = 30.0
    characters: int = 1_000
    keep: int = 100


class Publisher:
    """Publishes at a steady pace over `/ws`, whatever is answered meanwhile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, load: Load) -> None:
        self._socket = socket
        self._load = load
        self._filler = secrets.token_hex(load.characters // 2)
        self._numbers = itertools.count(1)
        self._answers = asyncio.create_task(self._hears())
        self.asked = self.done = 0

    async def _hears(self) -> None:
        async for message in self._socket:
            said = msgspec.json.decode(message.data)
            if said["type"] == "ack":
                assert said["payload"]["ok"], said
                self.done += 1

    async def publishes(self, seconds: float) -> None:
        """For so long, and until everything is acknowledged."""
        began, times = time.perf_counter(), round(seconds * self._load.rate)
        for n in range(times):
            await asyncio.sleep(began + n / self._load.rate - time.perf_counter())
            await self._says({"at": time.perf_counter(), "filler": self._filler})
        await eventually(lambda: self.done == self.asked, "everything is acknowledged", 60)

    async def _says(self, data: dict[str, Any]) -> None:
        self.asked += 1
        asked = {"type": "publish", "id": next(self._numbers)}
        payload = {"topic": TOPIC, "data": data}
        await self._socket.send_str(msgspec.json.encode(asked | {"payload": payload}).decode())


class Gathering:
    """Everybody who is connected to one server."""

    def __init__(self, town: Town, load: Load, stack: AsyncExitStack) -> None:
        self._town = town
        self._load = load
        self._stack = stack
        self._session: aiohttp.ClientSession

    async def opens(self) -> Publisher:
        """The topic is there, and who publishes in it."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=timeout)
        )
        body = {"topic": TOPIC, "keep": {"count": self._load.keep}}
        status, created = await self._town.calls("POST", "/api/topics", by="ana", json=body)
        assert status == 201, created
        url, token = self._town.server.url, self._town.tokens["ana"]
        socket = await self._stack.enter_async_context(self._session.ws_connect(f"{url}/ws"))
        await socket.send_json({"type": "auth", "token": token})
        return Publisher(socket, self._load)

    async def arrive(self, many: int, topic: str) -> list[Follower]:
        """So many readers of `topic`, in turn on each transport, all subscribed."""
        url, token = self._town.server.url, self._town.tokens["ana"]
        kinds = itertools.cycle(KINDS)
        found = [next(kinds)(self._session, url, token, topic) for _ in range(many)]
        self._stack.push_async_callback(_leave, found)
        for start in range(0, many, AT_ONCE):
            some = found[start : start + AT_ONCE]
            for each in some:
                each.begins()
            await eventually(lambda now=some: all(e.times_here for e in now), "they are here", 30)
        return found

    async def served(self) -> list[int]:
        """The seqs that the topic serves now, as HTTP tells them."""
        seqs: list[int] = []
        while True:
            path = f"/api/topics/{TOPIC}/events?after={seqs[-1] if seqs else 0}&limit=200"
            status, page = await self._town.calls("GET", path, by="ana")
            assert status == 200, page
            seqs += [item["seq"] for item in page["items"]]
            if not page["more"]:
                return seqs


@asynccontextmanager
async def peak_of(server: Server) -> AsyncIterator[list[float]]:
    """The memory of the server while the block runs, in MB, as it was seen."""
    seen = [resident_mb(server.process.pid)]

    async def look() -> None:
        while True:
            seen.append(resident_mb(server.process.pid))
            await asyncio.sleep(LOOK_EVERY_S)

    task = asyncio.create_task(look())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from holding up this process, in which the latencies are taken:
    looking through what a thousand readers hold took it up to 0.4 s, longer from time to time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def p99(followers: Iterable[Follower]) -> float:
    """The 99th percentile of the latencies since the last call, in milliseconds; clears them."""
    found: list[float] = []
    for follower in followers:
        found += follower.latencies_ms
        follower.latencies_ms = []
    return round(quantiles(found, n=100)[98], 2)


async def compare(town: Town, load: Load) -> dict[str, Any]:
    """Quiet, then with stalled readers, then all of them at the end: the figures."""
    async with AsyncExitStack() as stack:
        gathering = Gathering(town, load, stack)
        publisher = await gathering.opens()
        # They follow a topic of their own, in which nothing happens.
        await gathering.arrive(load.idle, "silence")
        healthy = await gathering.arrive(load.healthy, TOPIC)
        await publisher.publishes(min(WARM_S, load.seconds))
        p99(healthy)
        async with peak_of(town.server) as quiet_mb:
            await publisher.publishes(load.seconds)
        quiet_ms = p99(healthy)
        stalled = await gathering.arrive(load.stalled, TOPIC)
        for each in stalled:
            each.deafen()
        async with peak_of(town.server) as during_mb:
            await publisher.publishes(load.seconds)
        during_ms = p99(healthy)
        for each in stalled:
            each.listens()
        served = await gathering.served()
        for each in [*healthy, *stalled]:
            await _is_right(each, served)
        return {
            **msgspec.structs.asdict(load),
            "quiet_p99_ms": quiet_ms,
            "during_p99_ms": during_ms,
            "p99_ratio": round(during_ms / quiet_ms, 2),
            "quiet_peak_mb": round(max(quiet_mb), 1),
            "during_peak_mb": round(max(during_mb), 1),
            "mb_per_stalled": round((max(during_mb) - during_mb[0]) / max(1, load.stalled), 2),
            "were_cut_off": sum(each.times_here > 1 for each in stalled),
            "were_reset": sum(each.resets > 0 for each in stalled),
        }


async def _leave(followers: Iterable[Follower]) -> None:
    await asyncio.gather(*(follower.leaves() for follower in followers))


async def _is_right(follower: Follower, served: list[int]) -> None:
    """It holds all that is served, and between its first and its last nothing is missing."""
    name = str(follower)
    await eventually(
        lambda: (follower.cursor or 0) >= served[-1],
        f"{name} has come to the end",
        COMES_BACK_WITHIN_S,
    )
    held = follower.held()
    assert held == list(range(held[0], served[-1] + 1)), f"{name} has a hole"
    assert held[0] <= served[0] or not follower.resets, f"{name} lacks what is served"


async def measure(load: Load) -> dict[str, Any]:
    """On a server of its own."""
    async with started(PARLEY_TOPIC_EVENTS_PER_MINUTE="0") as server:
        town = Town(server)
        await town.settles("ana", "--admin")
        with uncollected():
            return await compare(town, load)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for field in msgspec.structs.fields(Load):
        parser.add_argument(f"--{field.name}", type=field.type, default=field.default)
    print(json.dumps(asyncio.run(measure(Load(**vars(parser.parse_args()))))))


if __name__ == "__main__":
    main()
