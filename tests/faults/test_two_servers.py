"""The promises hold with two server processes on one database."""

import asyncio
import random

import pytest

from tests.checker.history import Acked, Kind, Send
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.person import Person
from tests.harness.server import Server

KINDS: tuple[Kind, ...] = ("edit", "edit", "add", "add", "remove", "delete")


async def _reaches_the_end(visit: Visit, people: list[Person], room: str) -> None:
    asked = [*visit.history.sends, *visit.history.amends]
    head = max(ack.rev for each in asked for ack in each.acks)
    for person in people:
        await person.reaches(head, room)
    await assert_kept(visit.town, visit.history, room)


async def _meddles(person: Person, room: str, rounds: int, seed: int) -> None:
    """Send, and change whatever is in sight, own or not; some of it is refused."""
    dice = random.Random(seed)
    for n in range(rounds):
        await person.sends(f"{person.username} says {n}", room)
        message = dice.choice([m for m in person.room(room).messages if not m.system] or [None])
        if message is None:
            continue
        kind = dice.choice(KINDS)
        value = {"edit": f"{person.username} edits {n}", "delete": ""}.get(
            kind, dice.choice("👍🎉")
        )
        await person.amends(kind, message.id, value, room)


async def _talk_on_both(visit: Visit, other: Server, rounds: int) -> None:
    room = await visit.town.creates(f"two nodes {rounds}", "private", "ben", "cleo", "dana")
    here = [await visit.arrives(name, room) for name in ("ana", "ben")]
    there = [await visit.arrives(name, room, other) for name in ("cleo", "dana")]
    async with asyncio.TaskGroup() as group:
        for seed, person in enumerate([*here, *there]):
            group.create_task(_meddles(person, room, rounds, seed))
    await _reaches_the_end(visit, [*here, *there], room)
    acked = [send for send in visit.history.sends if send.acks]
    assert len(acked) == 4 * rounds


async def test_two_servers_keep_one_order(visit: Visit, other_server: Server) -> None:
    await _talk_on_both(visit, other_server, rounds=25)


@pytest.mark.slow
async def test_two_servers_keep_one_order_for_long(visit: Visit, other_server: Server) -> None:
    await _talk_on_both(visit, other_server, rounds=500)


async def test_two_servers_change_the_same_message_at_the_same_instant(
    visit: Visit, other_server: Server
) -> None:
    room = await visit.town.creates("same item")
    here, there = await visit.arrives("ana", room), await visit.arrives("ana", room, other_server)
    for n in range(8):
        item = _id_of(await here.sends(f"message {n}", room, client_id=f"same-{n}"))
        await asyncio.gather(
            here.amends("edit", item, f"here {n}", room),
            there.amends("edit", item, f"there {n}", room),
            here.amends("add", item, "👍", room),
            there.amends("add", item, "🎉", room),
        )
        if n % 2:
            await asyncio.gather(
                here.amends("delete", item, room=room),
                there.amends("edit", item, f"too late {n}", room),
                there.amends("delete", item, room=room),
            )
    await _reaches_the_end(visit, [here, there], room)


async def test_same_message_sent_to_both_servers_is_one(visit: Visit, other_server: Server) -> None:
    room = await visit.town.creates("same client id")
    here, there = await visit.arrives("ana", room), await visit.arrives("ana", room, other_server)
    for n in range(8):
        one, two = await asyncio.gather(
            here.sends(f"message {n}", room, client_id=f"both-{n}"),
            there.sends(f"message {n}", room, client_id=f"both-{n}"),
        )
        assert _id_of(one) == _id_of(two)
        visit.history.sends.remove(two)
    await _reaches_the_end(visit, [here, there], room)


def _id_of(send: Send) -> str:
    acked: list[Acked] = send.acks
    return acked[0].id
