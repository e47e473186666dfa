"""Compares a chart over 90 days with the same chart over 24 hours, with 1,000 event types.

    python -m bench.chart [--types 1000] [--rounds 15]

Fills the roll-ups as the writer writes them: every type in every hour of 90 days, and in every
tenth minute of the last 31 hours. Then asks in turns for the points of one type, of all events
together and of people, and for the figures of all types, each over 90 days and over 24 hours.
Prints the medians in milliseconds, how they relate, and how much of the index the database read for
each document that it returned; a query that reads without an index ends the benchmark.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any
from urllib.parse import quote

import aiohttp
import datasketches
import pymongo
from pymongo.database import Database

from bench.parley import started
from tests.harness.town import Town

ROLLUPS = "analytics_rollups"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = 90
VISITORS = 500
BATCH = 10_000
MINUTES_APART = 10
WRITTEN_AFTER_S = 2.0
MINUTES_FOR_H = 31
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
SPANS = {"day": DAY, "quarter": DAYS * DAY}


def sketch(first: int) -> bytes:
    """The people of one bucket."""
    people = datasketches.hll_sketch(14, datasketches.tgt_hll_type.HLL_4)
    for number in range(first, first + VISITORS):
        people.update(f"u:{number}")
    return bytes(people.serialize_compact())


def buckets(now: datetime) -> Iterator[tuple[str, datetime]]:
    """The buckets that a server that ran for 90 days has written."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    yield "all", EPOCH
    for n in range(DAYS + 1):
        yield "day", day - n * DAY
    for n in range(DAYS * 24):
        yield "hour", hour - n * HOUR
    minute = now.replace(second=0, microsecond=0)
    for n in range(0, MINUTES_FOR_H * 60, MINUTES_APART):
        yield "minute", minute - n * MINUTE


def documents(now: datetime, types: int) -> Iterator[dict[str, Any]]:
    people = sketch(0)
    for step, at in buckets(now):
        bucket = {"step": step, "at": at}
        for number in range(types):
            yield {"series": f"event:type-{number}", **bucket, "n": number + 1}
        yield {"series": "events", **bucket, "n": types * (types + 1) // 2}
        yield {"series": "page_views", **bucket, "n": 100}
        yield {"series": "visitors", **bucket, "hll": people}
        yield {"series": "sessions", **bucket, "hll": people}


def fill(database: Database[Any], now: datetime, types: int) -> int:
    # Roll-ups that the server wrote stand where these go; it counts nothing more now.
    database[ROLLUPS].delete_many({})
    every = documents(now, types)
    count = 0
    while batch := list(islice(every, BATCH)):
        database[ROLLUPS].insert_many(batch, ordered=False)
        count += len(batch)
    return count


def questions(now: datetime, span: timedelta) -> dict[str, str]:
    """The requests over one span, by name."""
    start, end = (quote(at.isoformat().replace("+00:00", "Z")) for at in (now - span, now))
    within = f"from={start}&to={end}"
    return {
        "one_type": f"/api/analytics/series?metric=event:type-7&{within}",
        "all_events": f"/api/analytics/series?metric=events&{within}",
        "visitors": f"/api/analytics/series?metric=unique_visitors&{within}",
        "figures": f"/api/analytics/metrics?{within}",
    }


async def ask(session: aiohttp.ClientSession, address: str) -> float:
    """Milliseconds until the answer is there."""
    began = time.perf_counter()
    async with session.get(address) as answer:
        assert answer.status == 200, await answer.text()
        await answer.read()
    return (time.perf_counter() - began) * 1000


def looked_at(database: Database[Any], since: datetime) -> dict[str, int]:
    """The queries on roll-ups since then, as the database's profiler recorded them."""
    seen = list(
        database["system.profile"].find(
            {
                "ns": f"{database.name}.{ROLLUPS}",
                "ts": {"$gte": since},
                "op": {"$in": ["query", "command", "getmore"]},
            }
        )
    )
    plans = {str(each.get("planSummary", "")) for each in seen} - {""}
    assert seen, "the database was not asked"
    assert all(plan.startswith("IXSCAN") for plan in plans), plans
    return {
        "queries": len(seen),
        "keys": sum(each.get("keysExamined", 0) for each in seen),
        "documents": sum(each.get("docsExamined", 0) for each in seen),
        "returned": sum(each.get("nreturned", 0) for each in seen),
    }


async def compare(town: Town, types: int, rounds: int) -> dict[str, Any]:
    database = pymongo.MongoClient((await town.server.runs("db", "url"))["url"], tz_aware=True)[
        "parley"
    ]
    now = datetime.now(UTC)
    filled = await asyncio.to_thread(fill, database, now, types)
    headers = {"Authorization": f"Bearer {town.tokens['ana']}"}
    found: dict[str, Any] = {"types": types, "documents": filled}
    async with aiohttp.ClientSession(town.server.url, headers=headers) as session:
        asked = {span: questions(now, length) for span, length in SPANS.items()}
        for name in asked["day"]:
            times: dict[str, list[float]] = {span: [] for span in SPANS}
            for number in range(rounds + 2):
                for span in SPANS:
                    took = await ask(session, asked[span][name])
                    if number >= 2:  # The first ones warm the caches of both.
                        times[span].append(took)
            found[name] = {f"{span}_ms": round(median(took), 1) for span, took in times.items()}
            ratio = median(times["quarter"]) / median(times["day"])
            found[name]["ratio"] = round(ratio, 2)
            for span in SPANS:
                since = datetime.now(UTC)
                database.command("profile", 2)
                await ask(session, asked[span][name])
                database.command("profile", 0)
                found[name][f"{span}_reads"] = looked_at(database, since)
    return found


async def measure(types: int, rounds: int) -> dict[str, Any]:
    async with started() as server:
        town = Town(server)
        await town.is_founded()
        await asyncio.sleep(WRITTEN_AFTER_S)
        return await compare(town, types, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--types", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.types, options.rounds))))


if __name__ == "__main__":
    main()
