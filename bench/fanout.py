"""Measures what one room of Parley delivers to members on Socket.IO, some of whom send.

    python -m bench.fanout [--members 1000] [--senders 50] [--window 1] [--seconds 5] [--rooms 1]

A delivery is one message that one member received and that was checked for content and order. Every
connection is a person of its own. Prints one line of JSON: deliveries and messages a second, the
time from send to receipt and to the acknowledgement, and how much of a core each process used.
"""

import argparse
import asyncio
import json
from typing import Any

from bench.generator import Generator, Outcome, Peer
from bench.machine import processor_s
from bench.parley import parley
from bench.people import Settlement, settlement


async def peers_of(
    people: Settlement, rooms: int, members: int, senders: int, kind: str = "chat"
) -> list[Peer]:
    """A plan: `members` in each of `rooms`; `senders` in all, spread evenly over the rooms."""
    peers: list[Peer] = []
    for number in range(rooms):
        humans = await people.people(members)
        room = await people.room(humans)
        sending = senders * (number + 1) // rooms - senders * number // rooms
        peers += [
            Peer(kind, room, human.token, sends=place < sending)
            for place, human in enumerate(humans)
        ]
    return peers


def shown(outcome: Outcome) -> dict[str, Any]:
    found = outcome.found
    return {
        "deliveries_per_s": round(outcome.per_s),
        "messages_per_s": round(outcome.messages_per_s),
        **{name: found[name] for name in ("p50_ms", "p99_ms", "ack_p50_ms", "ack_p99_ms")},
        "items_per_frame": round(found["deliveries"] / max(found["frames"], 1), 2),
        "bytes_per_frame": round(found["bytes"] / max(found["frames"], 1)),
        **{f"{name}_share": round(outcome.share(name), 2) for name in outcome.cpu_s},
        "load_share": round(outcome.load_share, 2),
    }


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    async with parley() as server:
        async with settlement(server) as people:
            peers = await peers_of(
                people, options.rooms, options.members, options.senders, options.kind
            )
        limits = {"seconds_ms": int(options.seconds * 1000), "window": options.window}
        async with Generator(server.port, peers, **limits) as generator:
            before = processor_s(server.process.pid)
            ready = await generator.connects()
            used = processor_s(server.process.pid) - before
            outcome = await generator.runs(server=server.process.pid, mongod=server.mongod_pid)
        server.assert_clean_log()
        came_in = {"came_in_s": round(ready["took_s"], 2), "came_in_server_s": round(used, 2)}
        return {**came_in, **shown(outcome)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1000, help="of each room")
    parser.add_argument("--senders", type=int, default=50, help="of all rooms together")
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--window", type=int, default=1, help="messages without an ack, each")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--kind", choices=("chat", "ws"), default="chat")
    print(json.dumps(asyncio.run(measure(parser.parse_args()))))


if __name__ == "__main__":
    main()
