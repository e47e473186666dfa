"""Outgoing webhooks lose nothing when the server dies, and two servers don't deliver the same."""

import asyncio
from typing import Any

import pytest

from tests.faults.conftest import Visit
from tests.harness.person import Person
from tests.harness.server import Server
from tests.harness.waiting import eventually
from tests.hooks.receiver import Receiver, open_receiver

# A hook of a server that was killed is taken over as soon as the database has noticed that.
WITHIN_S = 20.0


async def _hooks(visit: Visit, room: str, receiver: Receiver) -> dict[str, Any]:
    town = visit.town
    # The tokens of programs make no hooks; ana signs in.
    await town.returns("ana")
    asked = {"name": "Copy", "direction": "outgoing", "room": room, "url": receiver.url}
    status, hook = await town.calls("POST", "/api/hooks", by="ana", json=asked)
    assert status == 201, hook
    made: dict[str, Any] = hook
    return made


async def _talks(person: Person, room: str, times: int, said: asyncio.Semaphore) -> None:
    for n in range(times):
        await person.sends(f"{person.username} says {n}", room)
        said.release()


async def _has_arrived(visit: Visit, room: str, receiver: Receiver, hook: dict[str, Any]) -> None:
    """Everything that is in the room, in its order; what came twice came as the same delivery."""
    wanted = [(s.id, s.rev) for s in await visit.town.history(room) if not s.system]

    def arrived() -> list[tuple[str, int]]:
        found = [(i["id"], i["rev"]) for i in receiver.items if "system" not in i]
        return list(dict.fromkeys(found))

    await eventually(lambda: len(arrived()) >= len(wanted), "everything arrives", WITHIN_S)
    assert arrived() == wanted
    assert all(each.is_signed_with(hook["secret"]) for each in receiver.tries)
    by_id = {each.id: (each.content["prev"], each.content["rev"]) for each in receiver.tries}
    ranges = {(e.content["prev"], e.content["rev"]) for e in receiver.tries}
    assert len(by_id) == len(ranges)


async def _dies_before_it_hears_the_answer(server: Server, receiver: Receiver) -> None:
    """The receiver has taken a delivery, and the server will never know."""
    receiver.may_answer.clear()
    taken = len(receiver.taken)
    await eventually(lambda: len(receiver.taken) > taken, "a delivery is under way", WITHIN_S)
    server.is_killed()
    receiver.may_answer.set()


async def _kills(visit: Visit, *, messages: int, times: int) -> None:
    server = visit.town.server
    room = await visit.town.opens(f"hooked {messages}")
    people = [await visit.arrives(name, room) for name in ("ben", "cleo")]
    async with open_receiver() as receiver:
        receiver.answers = [200, 500]
        hook = await _hooks(visit, room, receiver)
        said = asyncio.Semaphore(0)
        async with asyncio.timeout(200), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(_talks(person, room, messages // 2, said))
            for _ in range(times):
                for _ in range(messages // (times + 2)):
                    await said.acquire()
                await _dies_before_it_hears_the_answer(server, receiver)
                await server.starts()
        await _has_arrived(visit, room, receiver, hook)
        again = len(receiver.taken) - len({each.id for each in receiver.taken})
        assert again >= times, "no answer was lost, so nothing was tried"


async def test_a_hook_misses_nothing_when_the_server_is_killed(visit: Visit) -> None:
    await _kills(visit, messages=60, times=1)


@pytest.mark.slow
async def test_a_hook_misses_nothing_of_1000_when_the_server_is_killed_three_times(
    visit: Visit,
) -> None:
    await _kills(visit, messages=1_000, times=3)


@pytest.mark.slow
async def test_a_hook_of_three_servers_misses_nothing_when_one_dies_in_the_middle(
    visit: Visit, other_server: Server, leaving_server: Server
) -> None:
    room = await visit.town.opens("hooked by three")
    people = [
        await visit.arrives("ben", room),
        await visit.arrives("cleo", room, other_server),
    ]
    async with open_receiver() as receiver:
        hook = await _hooks(visit, room, receiver)
        said = asyncio.Semaphore(0)
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(_talks(person, room, 60, said))
            for _ in range(40):
                await said.acquire()
            leaving_server.is_killed()
        await _has_arrived(visit, room, receiver, hook)


async def test_two_servers_deliver_each_message_once_and_in_order(
    visit: Visit, other_server: Server
) -> None:
    room = await visit.town.opens("hooked by two")
    ben = await visit.arrives("ben", room)
    cleo = await visit.arrives("cleo", room, other_server)
    async with open_receiver() as receiver:
        hook = await _hooks(visit, room, receiver)
        said = asyncio.Semaphore(0)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for person in (ben, cleo):
                group.create_task(_talks(person, room, 40, said))
        await _has_arrived(visit, room, receiver, hook)
        assert len({each.id for each in receiver.tries}) == len(receiver.tries)
