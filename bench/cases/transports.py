"""The other ways in: plain WebSocket and Server-Sent Events, next to Socket.IO."""

from dataclasses import replace

from bench.fanout import peers_of
from bench.field import Effort, Figures, figures, note, pids_of, ratio, times
from bench.generator import Generator
from bench.people import settlement
from bench.report import Section
from tests.harness.server import Server

MEMBERS = 1_000
WAYS = {"chat": "Socket.IO", "ws": "plain WebSocket `/ws`", "sse": "Server-Sent Events"}


async def measure(server: Server, effort: Effort) -> Section:
    """The same rooms over each of the three."""
    section = Section(
        "The other ways in",
        f"{MEMBERS:,} members of one room. Over Server-Sent Events the senders are on Socket.IO, "
        "and receive there.",
        (
            "senders",
            "over",
            "deliveries/s",
            "of Socket.IO",
            "p50 ms",
            "p99 ms",
            "µs",
            "server cores",
        ),
    )
    for senders, window in ((1, 8), (50, 1)):
        found: dict[str, Figures] = {}
        for kind, title in WAYS.items():
            note(f"ways in: {senders} × {MEMBERS:,} over {title}")
            found[kind] = await one(server, kind, senders, window, effort)
        for kind, each in found.items():
            of_first = times(ratio(each.per_s, found["chat"].per_s))
            section.rows.append(
                (
                    senders,
                    WAYS[kind],
                    each.per_s,
                    of_first,
                    each.p50_ms,
                    each.p99_ms,
                    each.server_us,
                    each.server,
                )
            )
    return section


async def one(server: Server, kind: str, senders: int, window: int, effort: Effort) -> Figures:
    async with settlement(server) as people:
        peers = await peers_of(people, 1, MEMBERS, senders, kind)
    if kind == "sse":
        peers = [replace(peer, kind="chat") if peer.sends else peer for peer in peers]
    async with Generator(server.port, peers, window=window, **effort.options) as generator:
        await generator.connects()
        return figures([await generator.runs(**pids_of(server)) for _ in range(effort.rounds)])
