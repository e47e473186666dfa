"""Everybody comes back at once after a restart, while some talk already."""

import asyncio

from bench.field import at_most, note, pids_of, ratio, times
from bench.generator import Generator, Outcome, Peer
from bench.history import fill
from bench.parley import pinned
from bench.people import settlement
from bench.report import Section, Target
from tests.harness.server import Server

PEOPLE, AT_ONCE, MISSED = 10_000, 2_000, 20
MEMBERS, SENDERS = 20, 2
SECONDS_MS = 5_000
TEXT = (
    f"A room of {MEMBERS} talks, {SENDERS} of them one message at a time, on a server that was "
    f"restarted a moment ago: first alone, then while {PEOPLE:,} others, each a person of their "
    f"own, come in as fast as they can, {AT_ONCE:,} of them under way at any time. Those then ask "
    f"all in the same moment for the {MISSED} messages that they missed; each is checked at each."
)
COLUMNS = ("", "ack p50 ms", "ack p99 ms", "server cores", "seconds", "a second")
AIM = "ack p99 of those who talk while 10,000 come back: at most 500 ms"


async def measure(server: Server) -> Section:
    """The server is restarted."""
    async with settlement(server) as people:
        talkers = await people.people(MEMBERS)
        talk = await people.room(talkers)
        crowd = await people.people(PEOPLE)
        home = await people.room(crowd)
        head = fill(people.database, home, crowd[0].id, MISSED)
    note("a storm: restart")
    await server.stops()
    await server.starts()
    pinned(server)
    few = [Peer("chat", talk, h.token, sends=n < SENDERS) for n, h in enumerate(talkers)]
    many = [Peer("chat", home, human.token, cursor=head) for human in crowd]
    async with (
        Generator(server.port, few, seconds_ms=SECONDS_MS) as calm,
        Generator(server.port, many, missed=MISSED, at_once=AT_ONCE) as storm,
    ):
        await calm.connects()
        alone = await calm.runs(**pids_of(server))
        note(f"a storm: {PEOPLE:,} come back")
        coming = asyncio.create_task(storm.connects())
        beside = await calm.runs(**pids_of(server))
        assert not coming.done(), "they came back before those who talk were measured"
        ready = await coming
        resumed = await storm.runs(**pids_of(server))
    assert resumed.found["deliveries"] == PEOPLE * MISSED, resumed.found
    return section(alone, beside, ready["took_s"], resumed)


def section(alone: Outcome, beside: Outcome, came_in_s: float, resumed: Outcome) -> Section:
    made = Section("A storm of reconnections", TEXT, COLUMNS)
    for title, each in (("those who talk, alone", alone), ("in the storm", beside)):
        found = each.found
        made.rows.append(
            (title, found["ack_p50_ms"], found["ack_p99_ms"], each.share("server"), None, None)
        )
    arrivals = PEOPLE / came_in_s
    made.rows.append((f"{PEOPLE:,} come in", None, None, None, came_in_s, arrivals))
    made.rows.append(
        ("all have what they missed", None, None, resumed.share("server"), resumed.took_s, None)
    )
    slowed = ratio(beside.found["ack_p99_ms"], alone.found["ack_p99_ms"])
    made.notes.append(f"In the storm the p99 is {times(slowed)} that without.")
    p99 = beside.found["ack_p99_ms"]
    made.targets = [Target(4, AIM, f"{p99:.0f} ms", at_most(p99, 500.0))]
    return made
