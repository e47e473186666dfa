"""Everybody comes back at once after a restart, while some talk already."""

import asyncio
from dataclasses import dataclass, replace

from bench.field import at_most, note, pids_of, ratio, times
from bench.generator import Generator, Outcome, Peer
from bench.history import fill, fill_rival
from bench.machine import processor_s
from bench.parley import pinned
from bench.people import settlement
from bench.report import Comparison, Section, Target
from bench.rivals import FORMS, durable, rival
from tests.harness.server import Server

PEOPLE, AT_ONCE, MISSED = 10_000, 2_000, 20
MEMBERS, SENDERS = 20, 2
SECONDS_MS = 2_000
TEXT = (
    f"A room of {MEMBERS} talks, {SENDERS} of them one message at a time, on a server that was "
    f"started a moment ago: first alone, then while {PEOPLE:,} others, each a person of their "
    f"own, come in as fast as they can, {AT_ONCE:,} of them under way at any time. Those then ask "
    f"all in the same moment for the {MISSED} messages that they missed; each is checked at each. "
    "The Node that keeps nothing knows no person and has nothing to give them."
)
COLUMNS = (
    "",
    "all are in after s",
    "µs of a core each",
    "ack p99 ms alone",
    "in the storm",
    "all have what they missed after s",
)
TITLES = {"parley": "Parley", "node": "Node, keeps nothing", **FORMS}


@dataclass(frozen=True)
class Storm:
    """The figures of one server; `resumed` is None where there is nothing to resume."""

    alone: Outcome
    beside: Outcome
    came_in_s: float
    cpu_us: float
    was_over: bool
    resumed: Outcome | None

    @property
    def p99_ms(self) -> float:
        """The ack p99 of those who talk meanwhile."""
        return float(self.beside.found["ack_p99_ms"])


@dataclass(frozen=True)
class Plan:
    """Those who talk and those who come back."""

    few: list[Peer]
    many: list[Peer]

    def on(self, kind: str, *, cursor: int | None = None) -> "Plan":
        """The same people on a server of another kind."""
        few = [replace(peer, kind=kind) for peer in self.few]
        return Plan(few, [replace(peer, kind=kind, cursor=cursor) for peer in self.many])


async def measure(server: Server) -> Section:
    """The server is restarted."""
    plan = await people_of(server)
    note("a storm: restart")
    await server.stops()
    await server.starts()
    pinned(server)
    found = {"parley": await storm(server.port, plan, pids_of(server))}
    async with rival("node") as node:
        found["node"] = await storm(node.port, plan.on("echo"), {"server": node.pid})
    url = (await server.runs("db", "url"))["url"]
    for form in FORMS:
        async with durable(url, form) as other:
            pids = {"server": other.pid, "mongod": server.mongod_pid}
            found[form] = await storm(other.port, plan.on("rival", cursor=0), pids)
    return section(found)


async def people_of(server: Server) -> Plan:
    async with settlement(server) as people:
        talkers = await people.people(MEMBERS)
        talk = await people.room(talkers)
        crowd = await people.people(PEOPLE)
        home = await people.room(crowd)
        head = fill(people.database, home, crowd[0].id, MISSED)
        fill_rival(people.database.client["rival"], home, crowd[0].id, MISSED)
    few = [Peer("chat", talk, h.token, sends=n < SENDERS) for n, h in enumerate(talkers)]
    return Plan(few, [Peer("chat", home, human.token, cursor=head) for human in crowd])


async def storm(port: int, plan: Plan, pids: dict[str, int]) -> Storm:
    note(f"a storm: {PEOPLE:,} come back on port {port}")
    resumes = plan.many[0].kind != "echo"
    async with (
        Generator(port, plan.few, seconds_ms=SECONDS_MS) as talkers,
        Generator(port, plan.many, missed=MISSED, at_once=AT_ONCE) as crowd,
    ):
        await talkers.connects()
        alone = await talkers.runs(**pids)
        used = processor_s(pids["server"])
        coming = asyncio.create_task(crowd.connects())
        beside = await talkers.runs(**pids)
        was_over = coming.done()
        ready = await coming
        # The messages of those who talk are part of it.
        cpu_us = (processor_s(pids["server"]) - used) / PEOPLE * 1e6
        resumed = await crowd.runs(**pids) if resumes else None
    assert resumed is None or resumed.found["deliveries"] == PEOPLE * MISSED, resumed.found
    return Storm(alone, beside, ready["took_s"], cpu_us, was_over, resumed)


def section(found: dict[str, Storm]) -> Section:
    made = Section("A storm of reconnections", TEXT, COLUMNS)
    for name, each in found.items():
        resumed_s = each.resumed.took_s if each.resumed else None
        alone_ms = each.alone.found["ack_p99_ms"]
        made.rows.append(
            (TITLES[name], each.came_in_s, each.cpu_us, alone_ms, each.p99_ms, resumed_s)
        )
        if each.was_over:
            made.notes.append(f"{TITLES[name]}: all were in before those who talk were measured.")
    mine, node = found["parley"], found["node"]
    took = ratio(mine.came_in_s, node.came_in_s)
    name = f"{PEOPLE:,} come back after a restart"
    made.targets = [
        Target(4, f"{name}: at most 2 × the time of Node's", times(took), at_most(took, 2.0)),
        Target(
            4,
            f"ack p99 of those who talk while {PEOPLE:,} come back: at most 100 ms",
            f"{mine.p99_ms:.0f} ms",
            at_most(mine.p99_ms, 100.0),
        ),
    ]
    came_in = {form: found[form].came_in_s for form in FORMS}
    p99 = {form: found[form].p99_ms for form in FORMS}
    resumed = {form: each.took_s for form in FORMS if (each := found[form].resumed)}
    assert mine.resumed is not None
    made.comparisons = [
        Comparison(name, "s", mine.came_in_s, came_in, node.came_in_s, is_more_better=False),
        Comparison("ack p99 meanwhile", "ms", mine.p99_ms, p99, node.p99_ms, is_more_better=False),
        Comparison(
            f"all have the {MISSED} that they missed",
            "s",
            mine.resumed.took_s,
            resumed,
            is_more_better=False,
        ),
    ]
    return made
