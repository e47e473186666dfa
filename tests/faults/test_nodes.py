"""Two nodes on one database: one is taken out without a loss."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from signal import SIGUSR1
from statistics import quantiles
from typing import Any

import pytest

from tests.faults.conftest import RATE, Visit
from tests.harness.delivery import assert_kept
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.relay import relay
from tests.harness.returning import returning
from tests.harness.server import Server
from tests.harness.waiting import eventually

DEFAULT_RATE = 200


def states(person: Person, of: Person) -> list[str]:
    """The states of another one that `person` was told of, in order."""
    heard = [payload for name, payload in person.wire.events if name == "presence"]
    return [user["state"] for payload in heard for user in payload["users"] if user["id"] == of.id]


async def hears(person: Person, of: Person, state: str) -> None:
    """Wait until the state of another one is this."""
    what = f"{person.username} hears that {of.username} is {state}"
    await eventually(lambda: states(person, of)[-1:] == [state], what)


async def _drain(
    visit: Visit, leaving: Server, size: int, rate: float
) -> tuple[list[float], list[float]]:
    """`size` plain WebSockets and two people move to the other node, `rate` a second, while
    somebody writes.

    Returns how many milliseconds the acks of one who stays took before and after it, and during it.
    """
    new = visit.town.server
    room = await visit.town.creates(f"moving {size}", "private", "ben", "cleo")
    ana = await visit.arrives("ana", room)
    async with (
        relay(leaving.port) as door,
        returning(leaving.url, new.url, list(visit.town.tokens.values()), size) as crowd,
    ):
        people = [
            await visit.arrives("ben", room, door),
            await visit.arrives("cleo", room, door, wire=PlainWire),
        ]
        for person in people:
            await hears(ana, person, "online")
        times = min(500, size // 20)
        quiet_ms = [await _talks(ana, people, room) for _ in range(times)]
        ana.wire.events.clear()
        door.to = new.port
        leaving.signal(SIGUSR1)
        await eventually(lambda: _is(leaving, "/readyz", 503), "it is not ready any more")
        moving = asyncio.create_task(crowd.came(size / rate + 60))
        moved_ms = [await _talks(ana, people, room) async for _ in _until(moving)]
        came = await moving
        quiet_ms += [await _talks(ana, people, room) for _ in range(times)]
        assert len(came.times) == size
        sys.stderr.write(f"\n{came.most_in_a_second():.0f} came back in the busiest second\n")
        assert came.most_in_a_second() <= 1.25 * rate
        assert await leaving.status("/healthz") == 200
        for person in people:
            assert sum(name == "welcome" for name, _ in person.wire.events) > 1
            assert "offline" not in states(ana, person)
        head = max(ack.rev for send in visit.history.sends for ack in send.acks)
        for person in (ana, *people):
            await person.reaches(head, room)
        await assert_kept(visit.town, visit.history, room)
        return quiet_ms, moved_ms


async def _talks(ana: Person, others: list[Person], room: str) -> float:
    """Everybody writes once. Returns how long ana's ack took, in milliseconds."""
    for person in others:
        await person.sends("still here", room)
    began = time.perf_counter()
    await ana.sends("me too", room)
    return (time.perf_counter() - began) * 1000


async def _until(work: asyncio.Task[Any]) -> AsyncIterator[None]:
    while not work.done():
        yield


async def _is(server: Server, path: str, status: int) -> bool:
    return await server.status(path) == status


async def test_a_drained_node_sends_all_to_another_evenly_and_nothing_is_lost(
    visit: Visit, leaving_server: Server
) -> None:
    await _drain(visit, leaving_server, 200, RATE)


@pytest.mark.slow
@pytest.mark.parametrize("leaving_server", [DEFAULT_RATE], indirect=True)
@pytest.mark.parametrize("size", [2_000, 10_000])
async def test_a_drained_node_sends_thousands_to_another(
    visit: Visit, leaving_server: Server, size: int
) -> None:
    quiet_ms, moved_ms = await _drain(visit, leaving_server, size, DEFAULT_RATE)
    sys.stderr.write(
        f"\nack p99 {p99(quiet_ms):.1f} ms when quiet, {p99(moved_ms):.1f} ms while they move\n"
    )
    # Both processes share this machine with thousands of clients.
    assert p99(moved_ms) <= 2 * max(p99(quiet_ms), 25.0)


def p99(times_ms: list[float]) -> float:
    return quantiles(times_ms, n=100)[98]
