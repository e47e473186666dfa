"""Readers of Server-Sent Events miss nothing and are told nothing twice when the server dies."""

import asyncio

import pytest

from tests.checker.history import Unknown
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.listener import Listener
from tests.harness.person import Person
from tests.harness.waiting import eventually

SENDERS = ("ana", "ben", "cleo")


async def _kills(visit: Visit, *, messages: int, times: int) -> None:
    """Three people write while the server dies `times`; dana only listens, to two rooms."""
    town, server = visit.town, visit.town.server
    rooms = [await town.opens(f"heard {n} of {messages}") for n in range(2)]
    people = [await visit.arrives(name, rooms[0]) for name in SENDERS]
    for person in people:
        await person.joins(rooms[1])
    streams = ",".join(["notifications", *(f"chat:{room}" for room in rooms)])
    async with Listener(server.url, town.tokens["dana"], streams) as dana:
        dana.begins(again=True)
        await dana.hears("connection")
        said = asyncio.Semaphore(0)
        async with asyncio.timeout(300), asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(_talks(person, rooms, messages // len(people), said))
            for _ in range(times):
                for _ in range(messages // (times + 1)):
                    await said.acquire()
                server.is_killed()
                await server.starts()
        for room in rooms:
            await _has_heard(dana, room, visit)
        await _was_told_of_each_mention(dana, visit)
        assert dana.times_opened > times, "the reader never noticed, so nothing was tried"
    unknown = [t for s in visit.history.sends for t in s.tries if isinstance(t.outcome, Unknown)]
    assert unknown, "nobody noticed the kill, so nothing was tried"


async def _talks(person: Person, rooms: list[str], times: int, said: asyncio.Semaphore) -> None:
    for n in range(times):
        mention = "@dana " if n % 5 == 0 else ""
        await person.sends(f"{mention}{person.username} says {n}", rooms[n % len(rooms)])
        said.release()


async def _has_heard(dana: Listener, room: str, visit: Visit) -> None:
    """Everything that is in the room, in its order, each once."""
    await assert_kept(visit.town, visit.history, room)
    sent = [s for s in visit.history.final[room] if not s.system]
    await eventually(lambda: len(_heard(dana, room)) >= len(sent), "dana has everything", 20)
    assert _heard(dana, room) == [(s.id, s.rev) for s in sent]


def _heard(dana: Listener, room: str) -> list[tuple[str, int]]:
    return [
        (item["id"], item["rev"])
        for item in dana.items()
        if item["room"] == room and "system" not in item
    ]


async def _was_told_of_each_mention(dana: Listener, visit: Visit) -> None:
    mentions = sum(send.text.startswith("@dana") for send in visit.history.sends)
    await eventually(
        lambda: len(dana.items("notifications")) >= mentions, "dana was told of each mention", 20
    )
    told = [item["id"] for item in dana.items("notifications")]
    assert len(set(told)) == len(told) == mentions


async def test_reader_misses_nothing_when_the_server_is_killed(visit: Visit) -> None:
    await _kills(visit, messages=120, times=1)


@pytest.mark.slow
async def test_reader_misses_nothing_of_1500_when_the_server_is_killed_three_times(
    visit: Visit,
) -> None:
    await _kills(visit, messages=1_500, times=3)
