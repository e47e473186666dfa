"""Coming back: many clients at once who missed a lot."""

from contextlib import AsyncExitStack

from bench.field import note, pids_of
from bench.generator import Generator, Outcome, Peer
from bench.history import fill, fill_rival
from bench.people import settlement
from bench.report import Comparison, Section
from bench.rivals import FORMS, durable
from tests.harness.server import Server

CLIENTS, MISSED = 1_000, 1_000


async def measure(server: Server) -> Section:
    """All of them have connected and ask in the same moment for what they missed."""
    note(f"resume of {CLIENTS:,} clients that missed {MISSED:,} messages")
    async with settlement(server) as people:
        humans = await people.people(CLIENTS)
        room = await people.room(humans)
        head = fill(people.database, room, humans[0].id, MISSED)
        rivals = people.database.client["rival"]
        fill_rival(rivals, room, humans[0].id, MISSED)
    peers = [Peer("chat", room, human.token, cursor=head) for human in humans]
    async with Generator(server.port, peers, missed=MISSED) as generator:
        await generator.connects()
        found = {"parley": await generator.runs(**pids_of(server))}
    url = (await server.runs("db", "url"))["url"]
    for form in FORMS:
        note(f"  {form}")
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(durable(url, form))
            theirs = [Peer(other.kind, room, human.token, cursor=0) for human in humans]
            generator = Generator(other.port, theirs, missed=MISSED)
            await stack.enter_async_context(generator)
            await generator.connects()
            found[form] = await generator.runs(server=other.pid, mongod=server.mongod_pid)
    return section(found)


def section(outcomes: dict[str, Outcome]) -> Section:
    made = Section(
        "Coming back",
        f"{CLIENTS:,} clients are connected and ask in the same moment for the {MISSED:,} messages "
        "of a room that each of them missed. Every message is checked at every client.",
        (
            *("", "all have all after s", "messages/s", "half of them within s"),
            *("MB", "server cores", "mongod cores", "load cores"),
        ),
    )
    for name, outcome in outcomes.items():
        assert outcome.found["deliveries"] == CLIENTS * MISSED, outcome.found
        made.rows.append(
            (
                FORMS.get(name, "Parley"),
                outcome.took_s,
                outcome.per_s,
                outcome.found["p50_ms"] / 1000,
                outcome.found["bytes"] / 1e6,
                outcome.share("server"),
                outcome.share("mongod"),
                outcome.load_share,
            )
        )
    rate = {name: outcome.per_s for name, outcome in outcomes.items()}
    title = f"{CLIENTS:,} come back who missed {MISSED:,}"
    parley = rate.pop("parley")
    made.comparisons = [Comparison(title, "messages/s", parley, rate)]
    return made
