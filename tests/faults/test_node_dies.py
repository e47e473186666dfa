"""A node dies with its clients: they come back to the others at once, and nobody floods these."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
import pytest

from bench.people import Human, settlement
from tests.faults.conftest import Visit
from tests.harness.person import Person
from tests.harness.room_crowd import Returns, Seat, room_crowd
from tests.harness.server import Server
from tests.harness.waiting import eventually

ROOMS = 20
BACK_WITHIN_S = 5.0
GONE_WITHIN_S = 7.0
# A lease goes on for three seconds after a kill at least; those who are back by then, and half of
# that on a busy machine, are seen elsewhere before it ends.
UNNOTICED_S = 1.5
# A machine that runs other tests meanwhile is so much late.
BUSY_S = 5.0
# One in so many stays away.
STAYS_AWAY = 10
PROFILED_BYTES = 64 * 1024 * 1024


@contextmanager
def history_reads(server: Server) -> Iterator[list[dict[str, Any]]]:
    """The queries for what cursors have missed, as the database saw them; filled at the end."""
    reads: list[dict[str, Any]] = []
    with pymongo.MongoClient[dict[str, Any]](server.database_url) as client:
        database = client["parley"]
        database.command("profile", 0)
        database.drop_collection("system.profile")
        database.create_collection("system.profile", capped=True, size=PROFILED_BYTES)
        # Heads are found by the same index, with a limit of one.
        wanted = {"command.hint": "claims", "command.limit": {"$gt": 1}}
        database.command("profile", 1, filter={"op": "query", "ns": "parley.entries", **wanted})
        try:
            yield reads
        finally:
            database.command("profile", 0)
            of_rooms = {"command.filter.stream": {"$regex": "^room:"}}
            reads += (each["command"] for each in database["system.profile"].find(of_rooms))


class Watcher:
    """Somebody with all rooms open, and the presence of the others as they are told of it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.states: dict[str, str] = {}
        self.gone_at: dict[str, float] = {}
        person.wire.on("presence", self._hears)

    def _hears(self, payload: dict[str, Any]) -> None:
        for user in payload["users"]:
            self.states[user["id"]] = user["state"]
            if user["state"] == "offline":
                self.gone_at.setdefault(user["id"], time.monotonic())

    def online(self, seats: list[Seat]) -> int:
        return sum(self.states.get(seat.user) == "online" for seat in seats)

    async def shown(self, room: str) -> dict[str, str]:
        """The states of the members of a room, as its node tells one who joins now."""
        answer = await self.person.asks("room:join", {"room": room})
        return {member["id"]: member["state"] for member in answer["members"]}


async def settled(visit: Visit, size: int) -> list[Seat]:
    """`size` people in 20 rooms, of whom most come back when their node dies."""
    async with settlement(visit.town.server) as town:
        humans = await town.people(size, in_hallway=False)
        among: dict[str, list[Human]] = {}
        for n in range(ROOMS):
            members = humans[n::ROOMS]
            among[await town.room(members)] = members
    return [
        Seat(human.id, human.token, room, returns=n % STAYS_AWAY != 0)
        for room, members in among.items()
        for n, human in enumerate(members)
    ]


async def says(person: Person, rooms: list[str], text: str) -> None:
    await asyncio.gather(*(person.sends(text, room) for room in rooms))


async def both_have_all(visit: Visit, people: list[Person], rooms: list[str]) -> dict[str, int]:
    """The ends of the rooms, once both nodes have them."""
    acks = [(send.room, ack.rev) for send in visit.history.sends for ack in send.acks]
    heads = {room: max(rev for of, rev in acks if of == room) for room in rooms}
    for person in people:
        for room, head in heads.items():
            await person.reaches(head, room)
    return heads


async def dies(visit: Visit, dying: Server, other: Server, size: int) -> None:
    """A node dies with `size` clients, nine of ten of whom come back to two others."""
    seats = await settled(visit, size)
    rooms = sorted({seat.room for seat in seats})
    staying = [visit.town.server, other]
    watchers = [
        Watcher(await visit.arrives(name, rooms[0], node))
        for name, node in zip(("ana", "ben"), staying, strict=True)
    ]
    for watcher in watchers:
        for room in rooms[1:]:
            await watcher.person.joins(room)
    async with room_crowd(dying.url, [node.url for node in staying], seats) as people:
        for watcher in watchers:
            await eventually(lambda: watcher.online(seats) == size, "all are seen", 60)  # noqa: B023
            watcher.gone_at.clear()
        await says(watchers[0].person, rooms, "before")
        dying.is_killed()
        killed = time.monotonic()
        for n in range(3):
            await says(watchers[n % 2].person, rooms, f"meanwhile {n}")
        heads = await both_have_all(visit, [watcher.person for watcher in watchers], rooms)
        with history_reads(visit.town.server) as reads:
            back = await people.returns(heads)
        figures(back, reads, killed)
        assert len(back.came) == sum(seat.returns for seat in seats)
        assert max(each.caught_up_s for each in back.came) <= BACK_WITHIN_S + BUSY_S
        assert len(reads) <= ROOMS * len(staying)
        await seen_once(visit, back)
        await presence_is_exact(watchers, seats, back, killed)


def figures(back: Returns, reads: list[dict[str, Any]], killed: float) -> None:
    """Shown where the test fails, or with `-s`."""
    caught = sorted(each.caught_up_s for each in back.came)
    sys.stderr.write(
        f"\n{len(caught)} back; from their reconnect until they had all: median "
        f"{caught[len(caught) // 2]:.2f} s, last {caught[-1]:.2f} s; the last was in "
        f"{max(each.entered_at for each in back.came) - killed:.2f} s after the kill; "
        f"{len(reads)} reads of history\n"
    )


async def seen_once(visit: Visit, back: Returns) -> None:
    """Everybody has read each message of their room once and in order."""
    for room, variants in back.seen.items():
        said = [shown.seq for shown in await visit.town.history(room)]
        for seqs, count in variants:
            assert seqs == said[len(said) - len(seqs) :], f"{count} people in {room}"
            assert len(seqs) >= 4


async def presence_is_exact(
    watchers: list[Watcher], seats: list[Seat], back: Returns, killed: float
) -> None:
    """Those who stay away are away in time, and the others were never shown as away."""
    away = {seat.user for seat in seats if not seat.returns}
    moved = {each.user for each in back.came if each.entered_at <= killed + UNNOTICED_S}
    for watcher in watchers:
        await eventually(lambda: away <= watcher.gone_at.keys(), "those who died are away")  # noqa: B023
        assert max(watcher.gone_at[user] for user in away) <= killed + GONE_WITHIN_S + BUSY_S
        assert not moved & watcher.gone_at.keys()
        wanted = {seat.user: "online" if seat.returns else "offline" for seat in seats}
        await eventually(lambda: watcher.states == watcher.states | wanted, "all are shown")  # noqa: B023
        shown = [await watcher.shown(room) for room in sorted({seat.room for seat in seats})]
        assert {u: state for each in shown for u, state in each.items() if u in wanted} == wanted


async def test_clients_of_a_dead_node_come_back_to_the_others(
    visit: Visit, other_server: Server, leaving_server: Server
) -> None:
    await dies(visit, leaving_server, other_server, 200)


@pytest.mark.slow
async def test_thousands_of_clients_of_a_dead_node_come_back(
    visit: Visit, other_server: Server, leaving_server: Server
) -> None:
    await dies(visit, leaving_server, other_server, 2_000)
