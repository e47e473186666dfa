"""Connections that do nothing: what coming in costs, and what staying costs."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.field import at_most, note, ratio, times
from bench.generator import Generator, Peer
from bench.machine import processor_s, resident_kib
from bench.people import Human, settlement
from bench.report import Comparison, Section, Target
from bench.rivals import FORMS, Rival, bare, durable, rival
from tests.harness.server import Server

FIRST, MEASURED = 300, 2_000
# The third form does the same as the second one until somebody sends.
SHAKING = ("plain", "gathered")
TEXT = (
    f"{MEASURED:,} clients come in over WebSocket, 50 at a time, after {FIRST} others that warm "
    "the server up, and stay. Parley's are each a person of their own who proves who it is with "
    "a token and is told their rooms, those of Node with MongoDB too; nobody asks the others "
    "anything. Every server is freshly started."
)
COLUMNS = (
    "server",
    "connections/s",
    "µs of a core each",
    "of Node",
    "KiB each",
    "of Node",
    "mongod µs each",
)


@dataclass(frozen=True)
class Idle:
    per_s: float
    cpu_us: float
    kib: float
    mongod_us: float | None = None


async def measure(server: Server) -> Section:
    """Parley has to be freshly started, as the others are."""
    async with settlement(server) as people:
        humans = await people.people(FIRST + MEASURED)
    found = {"Parley": await ours(server, humans)}
    url = (await server.runs("db", "url"))["url"]
    for form in SHAKING:
        async with durable(url, form) as other:
            found[FORMS[form]] = await theirs(other, humans, server.mongod_pid)
    for name, title in (("node", "Node Socket.IO"), ("stock", "python-socketio")):
        note(f"idle connections: {title}")
        async with rival(name) as other:
            found[title] = await come_in(other.port, other.pid, [Peer("echo")] * MEASURED)
    note("idle connections: bare aiohttp")
    async with bare() as other:
        found["bare aiohttp WebSocket"] = await come_in(
            other.port, other.pid, [Peer("bare")] * MEASURED
        )
    node = found["Node Socket.IO"]
    section = Section("Idle connections", TEXT, COLUMNS)
    for title, each in found.items():
        cpu, kib = ratio(each.cpu_us, node.cpu_us), ratio(each.kib, node.kib)
        section.rows.append(
            (title, each.per_s, each.cpu_us, times(cpu), each.kib, times(kib), each.mongod_us)
        )
    mine = found["Parley"]
    kib, cpu = ratio(mine.kib, node.kib), ratio(mine.cpu_us, node.cpu_us)
    memory, handshake = "memory of an idle connection", "processor time of a handshake"
    section.targets = [
        Target(4, f"{memory}: at most 0.95 × Node's", times(kib), at_most(kib, 0.95)),
        Target(4, f"{handshake}: at most 1.2 × Node's", times(cpu), at_most(cpu, 1.2)),
    ]
    for case, unit, name in (
        ("a handshake", "µs of a core", "cpu_us"),
        ("an idle connection", "KiB", "kib"),
    ):
        rivals = {form: getattr(found[FORMS[form]], name) for form in SHAKING}
        of_parley, of_node = getattr(mine, name), getattr(node, name)
        comparison = Comparison(case, unit, of_parley, rivals, of_node, is_more_better=False)
        section.comparisons.append(comparison)
    return section


async def theirs(other: Rival, humans: list[Human], mongod: int) -> Idle:
    note(f"idle connections: {FORMS[other.name]}")
    peers = [Peer(other.kind, token=human.token) for human in humans]
    return await come_in(other.port, other.pid, peers[FIRST:], peers[:FIRST], mongod)


async def ours(server: Server, humans: list[Human]) -> Idle:
    note("idle connections: Parley")
    peers = [Peer("chat", token=human.token) for human in humans]
    return await come_in(
        server.port, server.process.pid, peers[FIRST:], peers[:FIRST], server.mongod_pid
    )


async def come_in(
    port: int,
    pid: int,
    peers: list[Peer],
    first: list[Peer] | None = None,
    mongod: int | None = None,
) -> Idle:
    async with AsyncExitStack() as stack:
        warm = await stack.enter_async_context(Generator(port, first or peers[:FIRST]))
        await warm.connects()
        before, memory = processor_s(pid), resident_kib(pid)
        stored = processor_s(mongod) if mongod else 0.0
        generator = await stack.enter_async_context(Generator(port, peers))
        ready = await generator.connects()
        used = processor_s(pid) - before
        return Idle(
            per_s=len(peers) / ready["took_s"],
            cpu_us=used / len(peers) * 1e6,
            kib=(resident_kib(pid) - memory) / len(peers),
            mongod_us=(processor_s(mongod) - stored) / len(peers) * 1e6 if mongod else None,
        )
