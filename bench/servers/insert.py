"""The least that a durable message can cost: one insert, acknowledged by a majority's journals.

    python -m bench.servers.insert MONGODB_URL COUNT PAUSE_MS

Inserts one document after the other with a pause between them, and prints the latencies as JSON.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern

DATABASE = "bench"
FIRST_ONES = 20


def collection_at(url: str) -> Any:
    """A collection of its own, with the write concern of Parley."""
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(url)
    concern = WriteConcern(w="majority", j=True, wtimeout=5_000)
    return client[DATABASE].get_collection("messages", write_concern=concern)


async def measure(url: str, count: int, pause_ms: float) -> dict[str, float]:
    collection = collection_at(url)
    took: list[float] = []
    for number in range(count + FIRST_ONES):
        began = time.perf_counter()
        await collection.insert_one({"text": f"Message {number}", "at": datetime.now(UTC)})
        if number >= FIRST_ONES:  # The first ones open connections.
            took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(pause_ms / 1000)
    return {"p50_ms": median(took), "p99_ms": quantiles(took, n=100)[98]}


def main() -> None:
    url, count, pause_ms = sys.argv[1:]
    print(json.dumps(uvloop.run(measure(url, int(count), float(pause_ms)))))


if __name__ == "__main__":
    main()
