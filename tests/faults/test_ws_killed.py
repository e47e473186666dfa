"""Programs on `/ws` lose nothing and are told nothing twice when the server dies."""

import asyncio

import pytest

from tests.checker.check import assert_consistent
from tests.checker.history import Shown, Unknown
from tests.faults.conftest import Visit
from tests.faults.storm import Storm
from tests.harness.subscriber import Subscriber, shown_event
from tests.harness.town import Town

PUBLISHERS = ("ana", "ben", "cleo")
ALL = 10_000  # The most that a topic may keep, so that no event here becomes too old.


async def _chat(visit: Visit, messages: int, times: int) -> None:
    """Two on `/ws` talk with two on Socket.IO: all are held against one order."""
    await Storm(
        visit, messages=messages, times=times, breaks=lambda _: _kill(visit), plainly=True
    ).passes(f"plain storm {messages}")
    _assert_noticed(visit)


async def _kill(visit: Visit) -> None:
    visit.town.server.is_killed()
    await visit.town.server.starts()


def _assert_noticed(visit: Visit) -> None:
    unknown = [t for s in visit.history.sends for t in s.tries if isinstance(t.outcome, Unknown)]
    assert unknown, "nobody noticed the kill, so nothing was tried"


async def _topic(visit: Visit, events: int, times: int) -> None:
    """Three publish and follow, dana only follows, while the server dies `times`."""
    town, topic = visit.town, f"lamps.{events}"
    body = {"topic": topic, "keep": {"count": ALL}}
    status, created = await town.calls("POST", "/api/topics", by="ana", json=body)
    assert status == 201, created
    people = [await visit.subscribes(name, topic) for name in (*PUBLISHERS, "dana")]
    told = asyncio.Semaphore(0)
    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        for person in people[:-1]:
            group.create_task(_publishes(person, events // len(PUBLISHERS), told))
        for _ in range(times):
            for _ in range(events // (times + 1)):
                await told.acquire()
            await _kill(visit)
    final = visit.history.final[topic] = await _all_of(town, topic)
    for person in people:
        await person.reaches(final[-1].rev)
    assert len(final) == events
    assert people[-1].wire.times_up > times, "the reader never noticed, so nothing was tried"
    _assert_noticed(visit)
    assert_consistent(visit.history)


async def _publishes(person: Subscriber, times: int, told: asyncio.Semaphore) -> None:
    for n in range(times):
        await person.publishes(f"{person.username} lights {n}")
        told.release()


async def _all_of(town: Town, topic: str) -> list[Shown]:
    found: list[Shown] = []
    while True:
        after = found[-1].seq if found else 0
        path = f"/api/topics/{topic}/events?after={after}&limit=200"
        status, page = await town.calls("GET", path, by="ana")
        assert status == 200, page
        found += map(shown_event, page["items"])
        if not page["more"]:
            return found


async def test_nothing_acknowledged_on_ws_is_lost_when_the_server_is_killed(visit: Visit) -> None:
    await _chat(visit, messages=200, times=1)


async def test_subscriber_on_ws_misses_nothing_when_the_server_is_killed(visit: Visit) -> None:
    await _topic(visit, events=150, times=1)


@pytest.mark.slow
async def test_nothing_of_2000_on_ws_is_lost_when_the_server_is_killed_three_times(
    visit: Visit,
) -> None:
    await _chat(visit, messages=2_000, times=3)


@pytest.mark.slow
async def test_subscriber_on_ws_misses_nothing_of_3000_when_the_server_is_killed_three_times(
    visit: Visit,
) -> None:
    await _topic(visit, events=3_000, times=3)
