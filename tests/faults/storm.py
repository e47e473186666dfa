"""Four people who talk as fast as they are answered, on both clients, while something breaks."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.node_person import NodePerson
from tests.harness.person import Person

Breaks = Callable[[int], Awaitable[None]]


class Storm:
    """`messages` in all by four senders; `breaks(n)` is awaited at `times` points on the way.

    With `plainly` two of the four are on `/ws`.
    """

    def __init__(
        self, visit: Visit, *, messages: int, times: int, breaks: Breaks, plainly: bool = False
    ) -> None:
        self._visit = visit
        self._messages = messages
        self._times = times
        self._breaks = breaks
        self._plainly = plainly
        self._said = 0
        self._moved = asyncio.Condition()

    async def passes(self, name: str) -> None:
        """Let it rage in a new room, then hold everything that was seen against the promise."""
        town, history = self._visit.town, self._visit.history
        room = await town.creates(name, "private", "ben", "cleo", "dana")
        people = await self._people(room)
        async with asyncio.timeout(600), asyncio.TaskGroup() as group:
            group.create_task(self._break())
            for person in people:
                group.create_task(self._talk(person, room))
        head = max(ack.rev for send in history.sends for ack in send.acks)
        for person in people:
            await person.reaches(head, room)
        assert sum(bool(send.acks) for send in history.sends) == self._messages
        await assert_kept(town, history, room)

    async def _people(self, room: str) -> list[Person | NodePerson]:
        visit, javascript = self._visit, self._visit.arrives_in_javascript
        second, fourth = visit.arrives, javascript
        if self._plainly:
            second = fourth = visit.arrives_plainly
        return [
            await visit.arrives("ana", room),
            await second("ben", room),
            await javascript("cleo", room),
            await fourth("dana", room),
        ]

    async def _talk(self, person: Person | NodePerson, room: str) -> None:
        for n in range(self._messages // 4):
            await person.sends(f"{person.username} says {n}", room)
            async with self._moved:
                self._said += 1
                self._moved.notify_all()

    async def _break(self) -> None:
        for n in range(self._times):
            await self._gets_to(self._messages * (n + 1) // (self._times + 1))
            await self._breaks(n)

    async def _gets_to(self, said: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._said >= said)
