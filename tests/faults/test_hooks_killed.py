"""Outgoing webhooks lose nothing when the server dies. Three nodes are in `test_many_nodes.py`."""

import asyncio

import pytest

from tests.faults.conftest import Visit
from tests.faults.hooked_room import WITHIN_S, has_arrived, hooked, talks
from tests.harness.server import Server
from tests.harness.waiting import eventually
from tests.hooks.receiver import Receiver, open_receiver


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
        hook = await hooked(visit, room, receiver)
        said = asyncio.Semaphore(0)
        async with asyncio.timeout(200), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(talks(person, room, messages // 2, said))
            for _ in range(times):
                for _ in range(messages // (times + 2)):
                    await said.acquire()
                await _dies_before_it_hears_the_answer(server, receiver)
                await server.starts()
        await has_arrived(visit, room, receiver, hook)
        again = len(receiver.taken) - len({each.id for each in receiver.taken})
        assert again >= times, "no answer was lost, so nothing was tried"


async def test_a_hook_misses_nothing_when_the_server_is_killed(visit: Visit) -> None:
    await _kills(visit, messages=60, times=1)


@pytest.mark.slow
async def test_a_hook_misses_nothing_of_1000_when_the_server_is_killed_three_times(
    visit: Visit,
) -> None:
    await _kills(visit, messages=1_000, times=3)
