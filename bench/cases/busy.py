"""Busy rooms: what all members together receive, next to the others in the same run."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.fanout import peers_of
from bench.field import (
    Effort,
    Figures,
    at_least,
    at_most,
    in_turns,
    note,
    pids_of,
    ratio,
    times,
)
from bench.generator import Generator, NoCompilerError, Peer
from bench.people import settlement
from bench.report import Cell, Chart, Comparison, Section, Target
from bench.rivals import FORMS, Rival, durable, rival
from tests.harness.server import Server

NAMES = {
    "parley": "Parley, durable",
    "node": "Node Socket.IO",
    "stock": "python-socketio",
    "floor": "C, one send() each",
    **FORMS,
}
KEEPS = {"parley", *FORMS}


@dataclass(frozen=True)
class Busy:
    """`members` are those of each room, `senders` those of all rooms together."""

    members: int
    senders: int
    rooms: int = 1
    window: int = 1

    @property
    def title(self) -> str:
        if self.rooms > 1:
            return f"{self.rooms} rooms × {self.members}, {self.senders} senders"
        return f"{self.senders} × {self.members:,}"


CASES = (
    Busy(100, 1, window=8),
    Busy(1_000, 1, window=8),
    Busy(5_000, 1, window=8),
    Busy(100, 20),
    Busy(1_000, 50),
    Busy(1_000, 200),
    Busy(20, 200, rooms=500),
)

TEXT = (
    "Senders × members of a room; every sender is a member too. One sender keeps 8 messages on the "
    "way, many keep one each. A delivery is one message at one member: its text is compared to the "
    "last byte and its number with the one before. Time is from send to receipt. `cores` is how "
    "much of a core each process used, `µs` the server's processor time for a delivery. All get "
    "the same texts of 85 bytes; the others' frames have 234 bytes, Parley's also the rendered "
    "HTML, names and revisions, and are longer. Messages of Parley and of Node with MongoDB are "
    "committed by a majority, journaled, before anybody gets them; the others keep nothing."
)
COLUMNS = (
    "senders × members",
    "server",
    "deliveries/s",
    "of Node",
    "p50 ms",
    "p99 ms",
    "ack p50 ms",
    "bytes",
    "µs",
    "server cores",
    "mongod cores",
    "load cores",
)


async def measure(server: Server, effort: Effort, largest: int) -> Section:
    """Each case on each server, in turns."""
    section = Section("Busy rooms", TEXT, COLUMNS)
    found: dict[str, dict[str, Figures]] = {}
    async with AsyncExitStack() as stack:
        rivals: dict[str, Rival] = {}
        for name in ("node", "stock", "floor"):
            try:
                rivals[name] = await stack.enter_async_context(rival(name))
            except (NoCompilerError, FileNotFoundError) as error:
                section.notes.append(f"{NAMES[name]} is left out: {error}")
        url = (await server.runs("db", "url"))["url"]
        for form in FORMS:
            rivals[form] = await stack.enter_async_context(durable(url, form))
        for case in CASES:
            if case.members > largest:
                section.notes.append(f"{case.title} is left out of this run.")
                continue
            note(f"busy rooms: {case.title}")
            found[case.title] = await one(server, rivals, case, effort)
            section.rows += rows(case.title, found[case.title])
        note("busy rooms: Node with Parley's own message")
        long = await stack.enter_async_context(rival("node", "long"))
        case = Busy(1_000, 50)
        found["long"] = await one(server, {"node": long}, case, effort)
        section.rows += rows(f"{case.title}, the same message", found["long"])
    section.targets = targets(found)
    section.comparisons = list(comparisons(found))
    section.chart = Chart(
        "busy-rooms",
        "Deliveries a second, by senders × members",
        {
            title: {NAMES[name]: round(each.per_s) for name, each in by_server.items()}
            for title, by_server in found.items()
            if title != "long"
        },
    )
    return section


async def one(
    server: Server, rivals: dict[str, Rival], case: Busy, effort: Effort
) -> dict[str, Figures]:
    async with settlement(server) as people:
        ours = await peers_of(people, case.rooms, case.members, case.senders)
    options = {**effort.options, "window": case.window}
    pids = {"parley": pids_of(server)}
    for name, each in rivals.items():
        keeps = {"mongod": server.mongod_pid} if name in KEEPS else {}
        pids[name] = {"server": each.pid, **keeps}
    async with AsyncExitStack() as stack:
        generators = {"parley": Generator(server.port, ours, **options)}
        for name, each in rivals.items():
            theirs = [Peer(each.kind, peer.room, peer.token, peer.sends) for peer in ours]
            generators[name] = Generator(each.port, theirs, **options)
        for name, generator in generators.items():
            await stack.enter_async_context(generator)
            ready = await generator.connects()
            note(f"  {name}: {ready['ready']} came in within {ready['took_s']:.1f} s")
        return await in_turns(generators, pids, effort.rounds)


def rows(title: str, found: dict[str, Figures]) -> list[tuple[Cell, ...]]:
    node = found.get("node")
    return [
        (
            title if number == 0 else "",
            NAMES[name],
            each.per_s,
            times(ratio(each.per_s, node and node.per_s)),
            each.p50_ms,
            each.p99_ms,
            each.ack_p50_ms,
            each.bytes_each,
            each.server_us,
            each.server,
            each.mongod if name in KEEPS else None,
            each.load,
        )
        for number, (name, each) in enumerate(found.items())
    ]


def targets(found: dict[str, dict[str, Figures]]) -> list[Target]:
    def figures_of(title: str, name: str) -> Figures | None:
        return found.get(title, {}).get(name)

    def rate(title: str, other: str = "node") -> float | None:
        by = found[title]
        return (
            ratio(by["parley"].per_s, by[other].per_s) if {"parley", other} <= by.keys() else None
        )

    def wait(title: str) -> float | None:
        ours, theirs = figures_of(title, "parley"), figures_of(title, "node")
        return ratio(ours and ours.p50_ms, theirs and theirs.p50_ms)

    aims = [
        (1, "50 × 1,000", "node", 10.0),
        (1, "200 × 1,000", "node", 10.0),
        (1, "20 × 100", "node", 2.5),
        (2, "1 × 100", "node", 1.5),
        (2, "1 × 1,000", "node", 1.4),
        (2, "1 × 1,000", "floor", 0.8),
        (3, "500 rooms × 20, 200 senders", "node", 1.5),
    ]
    made = []
    for number, title, other, wanted in aims:
        value = rate(title, other)
        whom = "Node's" if other == "node" else "the C floor's"
        said = f"{title}: at least {wanted:g} × {whom} deliveries/s, durable"
        made.append(Target(number, said, times(value), at_least(value, wanted)))
    for title in ("50 × 1,000", "200 × 1,000"):
        value = wait(title)
        said = f"{title}: at most 0.1 × Node's p50"
        made.append(Target(1, said, times(value), at_most(value, 0.1)))
    made.append(growth(found))
    return sorted(made, key=lambda target: target.number)


def comparisons(found: dict[str, dict[str, Figures]]) -> Iterator[Comparison]:
    """Each case beside the rivals that do the same work."""
    for case in CASES:
        by = found.get(case.title, {})
        rate = {name: each.per_s for name, each in by.items()}
        rivals = {form: rate[form] for form in FORMS if form in rate}
        parley, node = rate.get("parley"), rate.get("node")
        if rivals:
            yield Comparison(case.title, "deliveries/s", parley, rivals, node)


def growth(found: dict[str, dict[str, Figures]]) -> Target:
    """The cost of a delivery with few members and with many."""
    few, many = (found.get(title, {}).get("parley") for title in ("1 × 100", "1 × 5,000"))
    value = ratio(many and many.server_us, few and few.server_us)
    said = "cost of a delivery at 5,000 members: at most 1.2 × that at 100"
    return Target(6, said, times(value), at_most(value, 1.2))
