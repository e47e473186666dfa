"""Coming back: many clients at once who missed a lot."""

from bench.field import Found, note, pids_of
from bench.generator import Generator, Outcome, Peer
from bench.history import fill
from bench.people import settlement
from bench.report import Section
from tests.harness.server import Server

CLIENTS, MISSED = 1_000, 1_000


async def measure(server: Server) -> Section:
    """All of them have connected and ask in the same moment for what they missed."""
    note(f"resume of {CLIENTS:,} clients that missed {MISSED:,} messages")
    async with settlement(server) as people:
        humans = await people.people(CLIENTS)
        room = await people.room(humans)
        head = fill(people.database, room, humans[0].id, MISSED)
    peers = [Peer("chat", room, human.token, cursor=head) for human in humans]
    async with Generator(server.port, peers, missed=MISSED) as generator:
        await generator.connects()
        outcome = await generator.runs(**pids_of(server))
    return section(outcome)


def section(outcome: Outcome) -> Section:
    found: Found = outcome.found
    assert found["deliveries"] == CLIENTS * MISSED, found
    return Section(
        "Coming back",
        f"{CLIENTS:,} clients are connected and ask in the same moment for the {MISSED:,} messages "
        "of a room that each of them missed. Every message is checked at every client.",
        (
            *("", "all have all after s", "messages/s", "half of them within s"),
            *("MB", "server cores", "mongod cores", "load cores"),
        ),
        rows=[
            (
                f"{CLIENTS:,} × {MISSED:,}",
                outcome.took_s,
                outcome.per_s,
                found["p50_ms"] / 1000,
                found["bytes"] / 1e6,
                outcome.share("server"),
                outcome.share("mongod"),
                outcome.load_share,
            )
        ],
    )
