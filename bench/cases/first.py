"""The first connection after a restart of somebody who is in many rooms."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from pymongo.database import Database

from bench.field import Effort, at_most, note
from bench.history import fill
from bench.machine import processor_s
from bench.parley import pinned
from bench.people import Human, insert, settle_in, settlement
from bench.report import Section, Target
from tests.harness.server import Server
from tests.harness.wire import Wire

ROOMS = (10, 100, 1_000)
MEMBERS, MESSAGES = 5, 10
AIM_MS = 300.0
WELCOMED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Arrival:
    """From the handshake to the welcome, with the processor time of the server and mongod."""

    took_ms: float
    server_ms: float
    mongod_ms: float


async def measure(server: Server, effort: Effort) -> Section:
    """The server is restarted for each arrival."""
    people: dict[int, Human] = {}
    async with settlement(server) as settled:
        for count in ROOMS:
            people[count], *others = await settled.people(MEMBERS)
            await asyncio.to_thread(furnish, settled.database, [people[count], *others], count)
    first: dict[int, list[Arrival]] = {count: [] for count in ROOMS}
    again: dict[int, list[Arrival]] = {count: [] for count in ROOMS}
    for _ in range(effort.rounds):
        for count in ROOMS:
            note(f"the first connection of somebody in {count:,} rooms")
            await server.stops()
            await server.starts()
            pinned(server)
            first[count].append(await arrival(server, people[count]))
            again[count].append(await arrival(server, people[count]))
    return section(first, again)


def furnish(database: Database[Any], members: list[Human], count: int) -> None:
    """So many rooms of these people, with some messages each."""
    at = datetime.now(UTC)
    for number in range(count):
        room = secrets.token_hex(12)
        name = f"Many {count} {number}"
        database["rooms"].insert_one(
            {"_id": room, "slug": room, "name": name, "kind": "private", "owner": members[0].id}
        )
        settle_in(database, room, members)
        insert(database, "entries", [begun(room, members[0].id, at)])
        fill(database, room, members[1].id, MESSAGES)


def begun(room: str, owner: str, at: datetime) -> dict[str, Any]:
    """The first entry of a room, as its maker joins it."""
    joined = {"kind": "joined", "user": owner, "read_seq": 0}
    return {
        "_id": secrets.token_hex(12),
        "stream": f"room:{room}",
        "rev": 1,
        "kind": "item",
        "sender": owner,
        "client_id": "c1",
        "fingerprint": b"",
        "at": at,
        "latest": 1,
        "body": {"text": "", "html": "", "system": joined},
    }


async def arrival(server: Server, human: Human) -> Arrival:
    """Connect, wait for the welcome, and leave."""
    pid, mongod = server.process.pid, server.mongod_pid
    wire, is_welcome = Wire(server.url, human.token), asyncio.Event()
    wire.on("welcome", lambda _: is_welcome.set())
    used, stored, began = processor_s(pid), processor_s(mongod), time.perf_counter()
    await wire.connect()
    async with asyncio.timeout(WELCOMED_WITHIN_S):
        await is_welcome.wait()
    took = time.perf_counter() - began
    found = Arrival(
        took * 1000, (processor_s(pid) - used) * 1000, (processor_s(mongod) - stored) * 1000
    )
    await wire.close()
    return found


def section(first: dict[int, list[Arrival]], again: dict[int, list[Arrival]]) -> Section:
    made = Section(
        "The first connection after a restart",
        f"Somebody comes back who is in so many rooms of {MEMBERS} people, each with {MESSAGES} "
        "messages that they have not read: from the handshake to the welcome, with its rooms and "
        "unread counts; the median of restarts. Processor times are in steps of 10 ms.",
        ("rooms", "ms", "server ms", "mongod ms", "the next time, ms"),
    )
    for count, arrivals in first.items():
        row = (
            median(each.took_ms for each in arrivals),
            median(each.server_ms for each in arrivals),
            median(each.mongod_ms for each in arrivals),
            median(each.took_ms for each in again[count]),
        )
        made.rows.append((f"{count:,}", *row))
    most = max(first)
    took = median(each.took_ms for each in first[most])
    aim = f"first connection of somebody in {most:,} rooms: at most {AIM_MS:g} ms"
    made.targets = [Target(4, aim, f"{took:.0f} ms", at_most(took, AIM_MS))]
    return made
