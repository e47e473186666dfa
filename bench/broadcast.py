"""Measures what a notification to many costs, and what other people notice of it.

    python -m bench.broadcast [--people 10000] [--senders 4] [--quiet 10]

One server. Some people chat at a steady pace, first alone, then while everybody is notified; prints
as JSON how long the send took to be acknowledged and to reach the last inbox, the server's memory,
the database's commits in that time (the chat's too: both share them), and the 99th percentile of
the message acks quiet, during, and their ratio.
"""

import argparse
import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

import pymongo
from pymongo.database import Database

from bench.machine import resident_mb
from bench.parley import started
from bench.people import account, insert
from tests.checker.history import History
from tests.harness.person import Person
from tests.harness.town import NAMES, Town

ROOM = "hallway"
PACE_S = 0.02
LOOK_EVERY_S = 0.25
COMMANDS = ("insert", "update", "delete", "commitTransaction")


def settle(database: Database[Any], people: int) -> list[str]:
    """Accounts without passwords, as fast as the database takes them; their ids."""
    ids = [secrets.token_hex(12) for _ in range(people)]
    at = datetime.now(UTC)
    insert(database, "users", [account(i, f"person-{n}", at) for n, i in enumerate(ids)])
    return ids


def commits(database: Database[Any]) -> int:
    """Writing commands that the database has answered so far."""
    done = database.client.admin.command("serverStatus")["metrics"]["commands"]
    return sum(int(done[name]["total"]) for name in COMMANDS if name in done)


class Chatter:
    """People who send at a steady pace; how long their acks took, in milliseconds."""

    def __init__(self, people: list[Person]) -> None:
        self._people = people
        self.acks_ms: list[float] = []

    @asynccontextmanager
    async def goes_on(self) -> AsyncIterator[None]:
        """Chat while the block runs."""
        self.acks_ms = []
        tasks = [asyncio.create_task(self._talks(person)) for person in self._people]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _talks(self, person: Person) -> None:
        number = 0
        while True:
            began = time.perf_counter()
            message = {"room": ROOM, "text": f"{person.username} says {number}"}
            answer = await person.asks("message:send", message)
            assert answer["ok"], answer
            self.acks_ms.append((time.perf_counter() - began) * 1000)
            number += 1
            await asyncio.sleep(PACE_S)

    def p99(self) -> float:
        return round(quantiles(self.acks_ms, n=100)[98], 2)


async def measure(people: int, senders: int, quiet_s: float) -> dict[str, Any]:
    async with started() as server:
        town = Town(server)
        await town.is_founded()
        return await compare(town, people, senders, quiet_s)


async def compare(town: Town, people: int, senders: int, quiet_s: float) -> dict[str, Any]:
    url = (await town.server.runs("db", "url"))["url"]
    database = pymongo.MongoClient(url)["parley"]
    ids = await asyncio.to_thread(settle, database, people)
    talkers = [town.person(name, History()) for name in NAMES[:senders]]
    for person in talkers:
        await person.connects()
        await person.joins(ROOM)
    chatter = Chatter(talkers)
    async with chatter.goes_on():
        await asyncio.sleep(quiet_s / 5)  # The first ones warm the caches.
        chatter.acks_ms.clear()
        await asyncio.sleep(quiet_s)
    quiet = {"quiet_messages": len(chatter.acks_ms), "quiet_p99_ms": chatter.p99()}
    async with chatter.goes_on():
        found = await broadcast(town, database, ids)
    for person in talkers:
        await person.leaves()
    ratio = round(chatter.p99() / quiet["quiet_p99_ms"], 2)
    during = {"during_messages": len(chatter.acks_ms), "during_p99_ms": chatter.p99()}
    return {"people": people, **found, **quiet, **during, "p99_ratio": ratio}


async def broadcast(town: Town, database: Database[Any], ids: list[str]) -> dict[str, Any]:
    """Send to all of `ids` and wait for the last inbox."""
    pid = town.server.process.pid
    memory, written = resident_mb(pid), await asyncio.to_thread(commits, database)
    began = time.perf_counter()
    body = {"title": "To everybody", "category": "announcement", "user_ids": ids}
    status, answer = await town.calls("POST", "/api/notifications", by="ana", json=body)
    assert status == 201, answer
    acked_s = time.perf_counter() - began
    peak = memory
    last = {"_id": answer["ids"][-1]}
    while not await asyncio.to_thread(database["entries"].find_one, last):
        peak = max(peak, resident_mb(pid))
        await asyncio.sleep(LOOK_EVERY_S)
    reached_s = time.perf_counter() - began
    after = await asyncio.to_thread(commits, database)
    inboxes = {"stream": {"$regex": "^inbox:"}, "kind": "item"}
    assert database["entries"].count_documents(inboxes) == len(ids)
    return {
        "acked_s": round(acked_s, 2),
        "reached_all_s": round(reached_s, 2),
        "memory_before_mb": round(memory, 1),
        "memory_peak_mb": round(peak, 1),
        "commits": after - written,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=len(NAMES))
    parser.add_argument("--quiet", type=float, default=10.0, metavar="SECONDS")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.people, options.senders, options.quiet))))


if __name__ == "__main__":
    main()
