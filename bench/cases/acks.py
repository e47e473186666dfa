"""A lone message on an idle server, and many that are posted at once: what being durable costs."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack

from bench.fanout import peers_of
from bench.field import (
    Effort,
    at_least,
    at_most,
    beside,
    figures,
    note,
    pids_of,
    ratio,
    times,
)
from bench.generator import Generator, Outcome, Peer
from bench.machine import SERVER_CORE, pin
from bench.people import settlement
from bench.report import Comparison, Section, Target
from bench.rivals import FORMS, bare, durable
from tests.harness.server import ROOT, Server

PAUSE_MS, INSERTS = 20, 200
IN_FLIGHT = 64


async def lone(server: Server, effort: Effort) -> Section:
    """One person alone in a room, one message after the other with pauses."""
    note("a lone message")
    async with settlement(server) as people:
        peers = await peers_of(people, rooms=1, members=1, senders=1)
    url = (await server.runs("db", "url"))["url"]
    inserts: list[dict[str, float]] = []
    found: dict[str, list[Outcome]] = {}
    options = {**effort.options, "pause_ms": PAUSE_MS}
    async with AsyncExitStack() as stack:
        generators = {"parley": Generator(server.port, peers, **options)}
        for form in FORMS:
            other = await stack.enter_async_context(durable(url, form))
            theirs = [Peer(other.kind, peer.room, peer.token, peer.sends) for peer in peers]
            generators[form] = Generator(other.port, theirs, **options)
        for generator in generators.values():
            await stack.enter_async_context(generator)
            await generator.connects()
        for _ in range(effort.rounds):
            inserts.append(await bare_inserts(url))
            for name, generator in generators.items():
                found.setdefault(name, []).append(await generator.runs(**pids_of(server)))
    mine = figures(found["parley"])
    rivals = {form: figures(found[form]) for form in FORMS}
    alone = sorted(inserts, key=lambda each: each["p50_ms"])[len(inserts) // 2]
    value = ratio(mine.ack_p50_ms, alone["p50_ms"])
    rows = [("Parley, send to acknowledgement", mine), *((FORMS[f], rivals[f]) for f in FORMS)]
    return Section(
        "A lone message on an idle server",
        f"One person alone in a room; {PAUSE_MS} ms after each acknowledgement the next message. "
        "Next to it a program that does nothing but one majority insert, journaled, after the "
        "other, with the same pauses, on the same core and the same mongod.",
        ("", "p50 ms", "p99 ms", "of the insert"),
        rows=[
            *(
                (
                    title,
                    each.ack_p50_ms,
                    each.ack_p99_ms,
                    times(ratio(each.ack_p50_ms, alone["p50_ms"])),
                )
                for title, each in rows
            ),
            ("a bare majority insert", alone["p50_ms"], alone["p99_ms"], "1"),
        ],
        targets=[
            Target(
                5,
                "ack of a lone message: at most 1.3 × a bare majority insert",
                times(value),
                at_most(value, 1.3),
            )
        ],
        comparisons=[
            Comparison(
                "a lone message",
                "ms to its ack",
                mine.ack_p50_ms,
                {form: each.ack_p50_ms for form, each in rivals.items()},
                is_more_better=False,
            )
        ],
    )


async def bare_inserts(url: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.servers.insert", url, str(INSERTS), str(PAUSE_MS)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    pin(process.pid, SERVER_CORE)
    said, _ = await process.communicate()
    answer: dict[str, float] = json.loads(said)
    return answer


async def posts(server: Server, effort: Effort) -> Section:
    """Durable messages over HTTP."""
    note("durable posts over HTTP")
    async with settlement(server) as people:
        humans = await people.people(IN_FLIGHT)
        room = await people.room(humans)
    url = (await server.runs("db", "url"))["url"]
    path = f"/api/rooms/{room}/messages"
    ours = [Peer("post", path, human.token, sends=True) for human in humans]
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(bare(url))
        peers = {"bare": (other, [Peer("post", "/insert", sends=True)] * IN_FLIGHT)}
        for form in FORMS:
            peers[form] = (await stack.enter_async_context(durable(url, form)), ours)
        found = await beside(server, ours, peers, effort, mongod=server.mongod_pid)
    names = {
        "parley": "Parley",
        "bare": "a bare handler, one majority insert for each request",
        **FORMS,
    }
    rate = {name: each.messages_per_s for name, each in found.items()}
    value = ratio(rate.get("parley"), rate.get("bare"))
    section = Section(
        "Durable messages over HTTP",
        f"{IN_FLIGHT} connections, each of a person of their own, post one message after the "
        "other to one room; each is answered when it is committed by a majority, journaled.",
        ("", "messages/s", "of the bare one", "p50 ms", "p99 ms", "server cores", "mongod cores"),
    )
    for name, each in found.items():
        of_bare = times(ratio(each.messages_per_s, rate.get("bare")))
        latency = (each.ack_p50_ms, each.ack_p99_ms)
        section.rows.append(
            (names[name], each.messages_per_s, of_bare, *latency, each.server, each.mongod)
        )
    said = f"durable posts at {IN_FLIGHT} in flight: at least 2.5 × one insert for each request"
    section.targets = [Target(7, said, times(value), at_least(value, 2.5))]
    rivals = {form: rate[form] for form in FORMS if form in rate}
    title = f"posts over HTTP, {IN_FLIGHT} in flight"
    section.comparisons = [Comparison(title, "messages/s", rate.get("parley"), rivals)]
    return section
