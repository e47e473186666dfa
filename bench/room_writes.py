"""Measures how many durable messages a second the nodes of one machine take, in one room or many.

    python -m bench.room_writes --workers 2 --rooms 1

docs/CLUSTER.md counts with it. 64 people post over HTTP, each one message after the other. With
fewer cores than the workers, mongod and the load need, the processor time of a message counts and
not the rate.
"""

import argparse
import asyncio
import json
from typing import Any

from bench.generator import Generator, Peer
from bench.machine import allow_many_files
from bench.parley import SETTINGS, started
from bench.people import settlement

PEOPLE = 64
SECONDS = 4
ROUNDS = 3


async def measure(workers: int, rooms: int) -> dict[str, Any]:
    """On a server of its own with `workers` processes."""
    async with started(**SETTINGS, PARLEY_WORKERS=str(workers)) as server:
        async with settlement(server) as settled:
            people = await settled.people(PEOPLE)
            made = [await settled.room(people) for _ in range(rooms)]
        peers = [
            Peer("post", f"/api/rooms/{made[n % rooms]}/messages", person.token, sends=True)
            for n, person in enumerate(people)
        ]
        nodes = server.workers or {server.process.pid}
        pids = {f"node{n}": pid for n, pid in enumerate(sorted(nodes))}
        async with Generator(server.port, peers, seconds_ms=SECONDS * 1_000) as generator:
            await generator.connects()
            found = [await generator.runs(mongod=server.mongod_pid, **pids) for _ in range(ROUNDS)]
    best = max(found, key=lambda each: each.messages_per_s)
    messages = best.messages_per_s * best.took_s
    return {
        "workers": workers,
        "rooms": rooms,
        "messages_per_s": round(best.messages_per_s),
        "nodes_us_each": round(sum(best.cpu_s[name] for name in pids) / messages * 1e6),
        "mongod_us_each": round(best.cpu_s["mongod"] / messages * 1e6),
        "ack_p50_ms": best.found["ack_p50_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rooms", type=int, default=1)
    options = parser.parse_args()
    allow_many_files()
    print(json.dumps(asyncio.run(measure(options.workers, options.rooms))))


if __name__ == "__main__":
    main()
