"""A node is restarted again and again under load, as in an upgrade, and nobody may notice it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from tests.checker.history import Acked, History, Refused, Send
from tests.faults.conftest import Visit
from tests.harness.delivery import assert_kept
from tests.harness.node_person import NodePerson
from tests.harness.person import Person
from tests.harness.plain_wire import PlainWire
from tests.harness.server import Server
from tests.harness.waiting import eventually
from tests.harness.wire import PollingWire

PAUSE_S = 0.05
# A header of all answers of Parley, and of none that a proxy gives by itself.
PARLEYS_OWN = "Content-Security-Policy"
# No claim about speed: a message whose connection is moved is sent again within a second.
ANSWERED_WITHIN_S = 15.0
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
        self.times_without_node = 0

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
        """A program that posts and reads over HTTP."""
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
                said = await self._asks(http, "POST", url, json=body)
                acked = Acked(said["id"], said["seq"], said["rev"])
                send.tried(acked, began, time.monotonic())
                await self._asks(http, "GET", f"{url}?limit=1")
                await asyncio.sleep(PAUSE_S)

    async def _asks(
        self, http: aiohttp.ClientSession, method: str, url: str, **more: Any
    ) -> dict[str, Any]:
        """The JSON answer to a request, which must succeed.

        A proxy that finds no node at all says so itself. On a machine that is so busy that even the
        node that stays does not answer its checks in time, that is no fault of the restart.
        """
        while True:
            async with http.request(method, url, **more) as answer:
                if answer.status == 503 and PARLEYS_OWN not in answer.headers:
                    self.times_without_node += 1
                    await asyncio.sleep(PAUSE_S)
                    continue
                assert answer.status in (200, 201), await answer.text()
                found: dict[str, Any] = await answer.json()
                return found


def assert_no_error(history: History) -> None:
    """Nothing was refused, and nothing took long.

    A message whose connection was moved is sent again by the client, as its program does by itself.
    """
    for send in history.sends:
        refused = [t.outcome for t in send.tries if isinstance(t.outcome, Refused)]
        assert refused == [], send
        took_s = (send.acked_at or 0.0) - send.began_at
        assert took_s <= ANSWERED_WITHIN_S, f"{took_s:.1f} s: {send}"
