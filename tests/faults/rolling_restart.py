"""A node is restarted again and again under load, as in an upgrade, and nobody may notice it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import aiohttp

from tests.checker.history import Acked, History, Refused, Send, Unknown
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.node_person import NodePerson
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.server import Server
from tests.harness.waiting import eventually
from tests.harness.wire import PollingWire

PAUSE_S = 0.05
# A message that is on its way when its connection is moved waits for the next one, which comes
# within half a second by the server's hint.
ANSWERED_WITHIN_S = 5.0
EMPTY_WITHIN_S = 60.0


class RollingRestart:
    """`node` is restarted behind the proxy at `visit.url`; `open_on` counts its connections."""

    def __init__(
        self, visit: Visit, node: Server, open_on: Callable[[Server], Awaitable[int]]
    ) -> None:
        self._visit = visit
        self._node = node
        self._open_on = open_on
        self._is_over = False
        self.statuses: list[tuple[str, int]] = []

    async def passes(self, room: str, times: int) -> None:
        """Restart the node so often, then see that nobody was told of an error or lost anything."""
        visit, history = self._visit, self._visit.history
        people = [
            await visit.arrives("ana", room, wire=PlainWire),
            await visit.arrives("ben", room, wire=PollingWire),
            await visit.arrives("cleo", room, wire=PlainWire),
            await visit.arrives_in_javascript("ben", room),
            await visit.arrives_in_javascript("cleo", room, transports="polling,websocket"),
            await visit.arrives_in_javascript("dana", room, transports="polling"),
        ]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(self._talks(person, room))
            group.create_task(self._requests(room))
            for _ in range(times):
                await self._restarts()
            self._is_over = True
        head = max(ack.rev for send in history.sends for ack in send.acks)
        for person in people:
            await person.reaches(head, room)
        await assert_kept(visit.town, history, room)
        assert_no_error(history)
        assert {status for _, status in self.statuses} <= {200, 201}, self.statuses

    async def _restarts(self) -> None:
        """As an operator would: take it out, wait until nobody is there, stop it, start it."""
        self._node.signal(signal.SIGUSR1)

        async def is_empty() -> bool:
            return await self._open_on(self._node) == 0

        await eventually(is_empty, "everybody has left the node", EMPTY_WITHIN_S)
        await self._node.stops()
        await self._node.starts()

    async def _talks(self, person: Person | NodePerson, room: str) -> None:
        n = 0
        while not self._is_over:
            n += 1
            await person.sends(f"{person.reader.name} says {n}", room)
            await asyncio.sleep(PAUSE_S)

    async def _requests(self, room: str) -> None:
        """A program that posts over HTTP, and somebody who looks at pages; on one connection each
        to the proxy."""
        town = self._visit.town
        headers = {"Authorization": f"Bearer {town.tokens['dana']}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            n = 0
            while not self._is_over:
                n += 1
                send = Send(room, town.users["dana"]["id"], f"http-{n}", f"dana posts {n}")
                self._visit.history.sends.append(send)
                body = {"text": send.text, "client_id": send.client_id}
                url = f"{self._visit.url}/api/rooms/{room}/messages"
                began = time.monotonic()
                async with http.post(url, json=body) as answer:
                    self.statuses.append(("post", answer.status))
                    said = await answer.json()
                acked = Acked(said["id"], said["seq"], said["rev"])
                send.tried(acked, began, time.monotonic())
                for path in ("/login", f"/api/rooms/{room}/messages?limit=1"):
                    async with http.get(self._visit.url + path) as answer:
                        self.statuses.append((path, answer.status))
                await asyncio.sleep(PAUSE_S)


def assert_no_error(history: History) -> None:
    """Nothing was refused, and nothing took long.

    A message whose connection was moved is sent again by the client, as its program does by itself.
    """
    for send in history.sends:
        refused = [t.outcome for t in send.tries if isinstance(t.outcome, Refused)]
        assert refused == [], send
        took_s = (send.acked_at or 0.0) - send.began_at
        assert took_s <= ANSWERED_WITHIN_S, f"{took_s:.1f} s: {send}"


def moved(history: History) -> int:
    """How many tries were cut off by the move of their connection."""
    return sum(isinstance(t.outcome, Unknown) for send in history.sends for t in send.tries)
