"""The cost of a message, and of opening a room, as the room's past grows."""

import asyncio
import json
import sys

from bench.fanout import peers_of
from bench.field import Effort, at_most, in_turns, note, pids_of, ratio, times
from bench.generator import Generator
from bench.history import fill
from bench.people import settlement
from bench.report import Section, Target
from tests.harness.server import ROOT, Server

MEMBERS, WINDOW = 20, 8
OPENED = 100_000


async def log(server: Server, effort: Effort, items: int) -> Section:
    """Messages in a new room, and in one with a long past."""
    note(f"messages in a room with {items:,} others")
    async with settlement(server) as people:
        new = await peers_of(people, 1, MEMBERS, 1)
        old = await peers_of(people, 1, MEMBERS, 1)
        # These are never sent again: any sender will do.
        await asyncio.to_thread(fill, people.database, old[0].room, "0" * 24, items)
    options = {**effort.options, "window": WINDOW}
    async with (
        Generator(server.port, new, **options) as first,
        Generator(server.port, old, **options) as second,
    ):
        generators = {"new": first, "old": second}
        for generator in generators.values():
            await generator.connects()
        pids = dict.fromkeys(generators, pids_of(server))
        found = await in_turns(generators, pids, effort.rounds)
    names = {"new": "a new room", "old": f"a room with {items:,} messages"}
    cost = {name: each.message_us for name, each in found.items()}
    value = ratio(cost.get("old"), cost.get("new"))
    section = Section(
        "A long past",
        f"One sender with {WINDOW} messages on the way, {MEMBERS} members.",
        ("", "messages/s", "server µs each", "mongod µs each", "ack p50 ms"),
    )
    for name, each in found.items():
        mongod = each.mongod * 1e6 / each.messages_per_s
        section.rows.append((names[name], each.messages_per_s, cost[name], mongod, each.ack_p50_ms))
    said = f"cost of a message after {items:,} others: at most 1.2 × that in a new room"
    section.targets = [Target(6, said, times(value), at_most(value, 1.2))]
    return section


async def opening(rounds: int) -> Section:
    """Opening a room in a browser; `bench.room_open` by itself, with a server of its own."""
    note(f"opening a room with {OPENED:,} messages in a browser")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.room_open", "--messages", str(OPENED)),
        *("--rounds", str(rounds)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    section = Section(
        "Opening a room",
        "In Chromium, from the navigation to the painted conversation with its connection up.",
        ("", "ms", "of the empty one"),
    )
    if process.returncode:
        section.notes.append("Left out: it needs the browser of the tests (`make setup-test`).")
        return section
    found = json.loads(said)
    section.rows = [
        ("an empty room", found["empty_ms"], "1"),
        (f"a room with {OPENED:,} messages", found["full_ms"], times(found["ratio"])),
    ]
    return section
