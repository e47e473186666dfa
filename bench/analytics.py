"""Measures what taking events costs, and what people who chat notice of it.

    python -m bench.analytics [--rounds 5] [--seconds 4] [--chat-seconds 5] [--rate 5000]

The server has one core, the database and the clients another. In turns the same requests go to
Parley and to an aiohttp handler that only parses JSON and answers (`bench.servers.plain`), as lists
of 100 events and one by one; then some people chat, alone, beside a steady stream of events, and
beside as many as go. Prints as JSON the medians of events a second and of processor time per event,
how they relate, the 99th percentile of the message acks each time, and how those relate.
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median, quantiles
from typing import Any

from bench.broadcast import ROOM, Chatter
from bench.crowd import Crowd
from bench.machine import LOAD_CORE, pin, processor_s
from bench.parley import pinned, started
from bench.rivals import bare
from tests.checker.history import History
from tests.harness.town import NAMES, Town
from tests.harness.waiting import eventually

PATH = "/api/analytics/events"
LIST = 100
CONNECTIONS = 8
WARM_UP_S = 1.0
WRITTEN_WITHIN_S = 30.0
UNLIMITED = {"PARLEY_ANALYTICS_CALLS_PER_MINUTE": "0"}


def event(number: int) -> dict[str, Any]:
    """A page view, about as long as they are."""
    return {
        "event_type": "page_view",
        "session_id": f"session-{number % 1_000}",
        "properties": {"path": f"/articles/{number % 50}", "referrer": "example.org"},
    }


LISTED = json.dumps([event(n) for n in range(LIST)]).encode()
SINGLE = json.dumps(event(0)).encode()


class Round:
    """The result of one crowd against one process."""

    def __init__(self, taken: int, refused: int, took_s: float, used_s: float) -> None:
        self.taken = taken
        self.refused = refused
        self.per_s = taken / took_s
        self.used_us = used_s / taken * 1e6 if taken else 0.0


async def run(url: str, pid: int, body: bytes, size: int, seconds: float) -> Round:
    """Send `body`, `size` events each, for so long."""
    async with Crowd(url + PATH, body, CONNECTIONS) as crowd:
        await asyncio.sleep(WARM_UP_S)
        before, used, began = crowd.answers.copy(), processor_s(pid), time.perf_counter()
        await asyncio.sleep(seconds)
        took_s = time.perf_counter() - began
        used_s = processor_s(pid) - used
        answers = crowd.answers - before
    unforeseen = set(answers) - {202, 503}
    assert not unforeseen, answers
    return Round(answers[202] * size, answers[503] * size, took_s, used_s)


async def intake(town: Town, rounds: int, seconds: float) -> dict[str, Any]:
    """Parley and the plain handler in turns, with lists and with single events."""
    found: dict[str, Any] = {}
    server = town.server
    async with bare(name="plain") as rival:
        url = f"http://127.0.0.1:{rival.port}"
        for kind, body, size in (("lists", LISTED, LIST), ("single", SINGLE, 1)):
            ours: list[Round] = []
            theirs: list[Round] = []
            for _ in range(rounds):
                theirs.append(await run(url, rival.pid, body, size, seconds))
                ours.append(await run(server.url, server.process.pid, body, size, seconds))
            found[kind] = compared(ours, theirs)
    return found


def compared(ours: list[Round], theirs: list[Round]) -> dict[str, Any]:
    rate, plain_rate = (median(r.per_s for r in each) for each in (ours, theirs))
    used, plain_used = (median(r.used_us for r in each) for each in (ours, theirs))
    return {
        "events_per_s": round(rate),
        "plain_events_per_s": round(plain_rate),
        "rate_ratio": round(rate / plain_rate, 3),
        "cpu_us_per_event": round(used, 1),
        "plain_cpu_us_per_event": round(plain_used, 1),
        "cpu_ratio": round(used / plain_used, 2),
        "refused_share": round(
            sum(r.refused for r in ours) / sum(r.refused + r.taken for r in ours), 3
        ),
    }


async def counted(town: Town) -> int:
    _, metrics = await town.calls("GET", "/api/analytics/metrics", by="ana")
    views: int = metrics["page_views"]
    return views


async def is_written(town: Town) -> None:
    """Wait till what was taken is on disk: the next part begins with an empty buffer."""
    last = -1

    async def stands_still() -> bool:
        nonlocal last
        before, last = last, await counted(town)
        await asyncio.sleep(1)
        return before == last

    await eventually(stands_still, "all events are counted", WRITTEN_WITHIN_S)


KINDS = ("alone", "steady", "most")


async def chat(town: Town, rounds: int, seconds: float, rate: int) -> dict[str, Any]:
    """The acks of people who chat: alone, beside `rate` events a second, beside all that go."""
    people = [town.person(name, History()) for name in NAMES]
    for person in people:
        await person.connects()
        await person.joins(ROOM)
    chatter = Chatter(people)
    loads = {"alone": 0.0, "steady": rate / LIST, "most": None}
    acks: dict[str, list[float]] = {kind: [] for kind in KINDS}
    taken: dict[str, int] = dict.fromkeys(KINDS, 0)
    for _ in range(rounds):
        for kind, per_s in loads.items():
            async with chatter.goes_on(), load(town, per_s) as answers:
                await asyncio.sleep(WARM_UP_S)
                chatter.acks_ms.clear()
                before = answers.copy()
                await asyncio.sleep(seconds)
                taken[kind] += (answers - before)[202] * LIST
                acks[kind] += chatter.acks_ms
            await is_written(town)
    for person in people:
        await person.leaves()
    p99 = {kind: quantiles(acks[kind], n=100)[98] for kind in KINDS}
    return {
        kind: {
            "messages": len(acks[kind]),
            "events_per_s": round(taken[kind] / seconds / rounds),
            "p99_ms": round(p99[kind], 2),
            "p99_ratio": round(p99[kind] / p99["alone"], 2),
        }
        for kind in KINDS
    }


@asynccontextmanager
async def load(town: Town, per_s: float | None) -> AsyncIterator[Counter[int]]:
    """So many lists a second while the block runs, as many as go for None; counts the answers."""
    if per_s == 0:
        yield Counter()
        return
    async with Crowd(town.server.url + PATH, LISTED, CONNECTIONS, per_s) as crowd:
        yield crowd.answers


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    async with started(**UNLIMITED) as server:
        town = Town(server)
        await town.is_founded()
        pinned(server)
        pin(os.getpid(), LOAD_CORE)
        found: dict[str, Any] = {"intake": await intake(town, options.rounds, options.seconds)}
        await is_written(town)
        found["chat"] = await chat(town, options.rounds, options.chat_seconds, options.rate)
        server.assert_clean_log()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--chat-seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=int, default=5_000, metavar="EVENTS")
    print(json.dumps(asyncio.run(measure(parser.parse_args()))))


if __name__ == "__main__":
    main()
