"""How long a message takes to another node, and what several nodes cost.

    python -m bench.nodes [--messages 2000] [--rate 200] [--members 200] [--rounds 3]

One person writes on node A; readers are on A, B and C. The time from the ack to the delivery is
measured: on the same node (where it may come before the ack), over Redis, and over
MongoDB's change stream, in one run. Then the processor time of all Parleys together for each
delivery, with the same people, some of whom write at a steady pace, spread over one, two and four
nodes, and on one without a bus; medians of rounds in turns. Prints tables.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median, quantiles

from bench.fanout import peers_of
from bench.generator import Generator
from bench.people import settlement
from tests.checker.history import History
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.redis_server import RedisServer
from tests.harness.server import Server
from tests.harness.town import Town

WARM_UP = 200
SETTLES_S = 4.0  # Nodes know for sure of each other.


# Starts Parley with the bus of a node that is alone, which neither sends nor hears.
WITHOUT_BUS = """
import runpy
import app.server.core as core
from app.bus.bus import Bus
core.make_bus = lambda *_: Bus()
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
OFF = "off"


class Alone(Server):
    """A server without a bus."""

    def _command(self, *arguments: str) -> list[str]:
        interpreter, _, _, *rest = super()._command(*arguments)
        return [interpreter, "-c", WITHOUT_BUS, *rest]


class Clocked:
    """When each text came to one reader."""

    def __init__(self, person: Person) -> None:
        self.at: dict[str, float] = {}
        person.wire.on("messages", self._hears)

    def _hears(self, batch: dict[str, list[dict[str, str]]]) -> None:
        now = time.perf_counter()
        for item in batch["items"]:
            self.at.setdefault(item.get("text", ""), now)


@asynccontextmanager
async def site(nodes: int, redis: str | None) -> AsyncIterator[tuple[Town, list[Server]]]:
    """`nodes` servers on one embedded database, over Redis where its address is given; for OFF
    one without a bus."""
    settings = {"REDIS_URL": redis} if redis and redis != OFF else {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-nodes-")))
        first = (Alone if redis == OFF else Server)(folder, **settings)
        stack.callback(first.ends)
        await first.starts()
        town = Town(first)
        await town.is_founded()
        servers = [first]
        for n in range(1, nodes):
            path = folder / f"node-{n}"
            path.mkdir()
            servers.append(Server(path, MONGODB_URL=first.database_url, **settings))
            stack.callback(servers[-1].ends)
            await servers[-1].starts()
        yield town, servers


async def arrives(stack: AsyncExitStack, town: Town, name: str, room: str, to: Server) -> Person:
    person = town.person(name, History(), to, wire=PlainWire)
    stack.push_async_callback(person.leaves)
    await person.connects()
    await person.joins(room)
    return person


async def writes(ana: Person, room: str, count: int, rate: float, word: str) -> dict[str, float]:
    """Send `count` messages at `rate` a second; when each was acknowledged."""
    acked: dict[str, float] = {}
    sending: set[asyncio.Task[None]] = set()

    async def send(n: int) -> None:
        text = f"{word} {n}"
        payload = {"room": room, "client_id": text, "text": text}
        answer = await ana.wire.ask("message:send", payload)
        assert answer is not None
        assert answer["ok"], answer
        acked[text] = time.perf_counter()

    began = time.perf_counter()
    for n in range(count):
        await asyncio.sleep(began + n / rate - time.perf_counter())
        task = asyncio.create_task(send(n))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)
    await asyncio.sleep(1.5)  # The last ones, also where only the position check finds them.
    return acked


async def latency(redis: str | None, count: int, rate: float) -> dict[str, list[float]]:
    """The milliseconds from ack to delivery, sorted, by the node of the reader."""
    async with site(3, redis) as (town, servers), AsyncExitStack() as stack:
        room = await town.opens("Latency")
        ana = await arrives(stack, town, "ana", room, servers[0])
        readers = {
            node: Clocked(await arrives(stack, town, name, room, server))
            for node, name, server in zip("ABC", ("ben", "cleo", "dana"), servers, strict=True)
        }
        await asyncio.sleep(SETTLES_S)
        await writes(ana, room, WARM_UP, rate, "warm")
        acked = await writes(ana, room, count, rate, "timed")
        return {
            node: sorted((clocked.at[text] - at) * 1000 for text, at in acked.items())
            for node, clocked in readers.items()
        }


async def cost(nodes: int, redis: str | None, options: argparse.Namespace) -> float:
    """The microseconds of processor of all nodes together for each delivery."""
    async with site(nodes, redis) as (_, servers):
        async with settlement(servers[0]) as people:
            peers = await peers_of(people, options.rooms, options.members, options.senders)
        limits = {"seconds_ms": int(options.seconds * 1000), "pause_ms": options.pause_ms}
        async with Generator([server.port for server in servers], peers, **limits) as generator:
            await generator.connects()
            await asyncio.sleep(SETTLES_S)
            pids = {f"node {n}": server.process.pid for n, server in enumerate(servers)}
            outcome = await generator.runs(**pids)
        return sum(outcome.cpu_s.values()) * 1e6 / outcome.found["deliveries"]


def row(name: str, times: list[float]) -> str:
    cuts = quantiles(times, n=100)
    return f"| {name} | {cuts[49]:.1f} | {cuts[98]:.1f} | {times[-1]:.1f} |"


async def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-redis-") as folder:
        redis = RedisServer(Path(folder))
        await redis.starts()
        try:
            await measure(options, redis.url)
        finally:
            redis.ends()


async def measure(options: argparse.Namespace, redis: str) -> None:
    ways = {"Redis": redis, "change stream": None}
    if not options.only_cost:
        await late(options, ways)
    await compare(options, {"off": OFF, **ways})


async def late(options: argparse.Namespace, ways: dict[str, str | None]) -> None:
    print("| from ack to delivery, ms | p50 | p99 | most |\n|---|---:|---:|---:|")
    for way, url in ways.items():
        times = await latency(url, options.messages, options.rate)
        print(row(f"same node ({way} on)", times["A"]))
        print(row(f"other node, {way}", sorted(times["B"] + times["C"])), flush=True)


async def compare(options: argparse.Namespace, ways: dict[str, str | None]) -> None:
    cases = [(way, n) for n in (1, 2, 4) for way in ways if way != "off" or n == 1]
    spent: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for _ in range(options.rounds):
        for way, nodes in cases:
            spent[way, nodes].append(await cost(nodes, ways[way], options))
    print("\n| µs of all Parleys for a delivery | 1 node | 2 nodes | 4 nodes |")
    print("|---|---:|---:|---:|")
    for way in ways:
        cells = [f"{median(spent[way, n]):.1f}" if (way, n) in spent else "" for n in (1, 2, 4)]
        print(f"| {way} | {' | '.join(cells)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--members", type=int, default=200, help="of each room")
    parser.add_argument("--senders", type=int, default=20, help="of all rooms together")
    parser.add_argument("--pause-ms", type=int, default=100, help="of a sender after an ack")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-cost", action="store_true", help="not how long it takes")
    asyncio.run(main(parser.parse_args()))
