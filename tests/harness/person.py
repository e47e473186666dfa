"""A person at a program: sends through an outbox, reads by cursor, comes back by themselves."""

import asyncio
import time
from typing import Any

from tests.checker.history import (
    Acked,
    Amend,
    History,
    Kind,
    Outcome,
    Reader,
    Refused,
    Send,
    Unknown,
)
from tests.harness.plain_wire import PlainWire
from tests.harness.room import RoomCopy
from tests.harness.waiting import RESUMED_WITHIN_S, eventually
from tests.harness.wire import Answer, Wire

EVENT_OF: dict[Kind, str] = {
    "edit": "message:edit",
    "delete": "message:delete",
    "add": "reaction:add",
    "remove": "reaction:remove",
}
TRIES_AT_MOST = 200


class Person:
    """One connection of somebody. Everything asked and shown goes into `history`."""

    def __init__(
        self,
        user: dict[str, Any],
        url: str,
        token: str,
        history: History,
        wire: type[Wire] | type[PlainWire] = Wire,
    ) -> None:
        self.id: str = user["id"]
        self.username: str = user["username"]
        self.token = token
        self.wire = wire(url, token)
        self.history = history
        self.node = url
        self.reader = Reader(f"{self.username} ({wire.__name__})", self.id, node=url)
        history.readers.append(self.reader)
        self.rooms: dict[str, RoomCopy] = {}
        self._names: dict[str, str] = {}
        self._early: dict[str, list[dict[str, Any]]] = {}
        self._sent = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.wire.on("messages", self._hears)
        self.wire.on_return(self._comes_back)

    async def connects(self) -> None:
        """Open the connection; from now on it is kept open."""
        await self.wire.connect()

    async def leaves(self) -> None:
        """Close the connection for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.wire.close()

    async def asks(self, event: str, payload: Any) -> Answer:
        """One question that has to be answered."""
        answer = await self.wire.ask(event, payload)
        assert answer is not None, f"{self.username}'s {event} was not answered"
        return answer

    async def joins(self, room: str = "hallway") -> RoomCopy:
        """Open a room: its newest messages now, what comes later by itself."""
        answer = await self.asks("room:join", {"room": room})
        assert answer["ok"], answer
        copy = RoomCopy(answer["room"]["id"], self.reader)
        self.rooms[copy.id] = copy
        self._names[room] = self._names[copy.id] = copy.id
        copy.take_answer(None, answer)
        for batch in self._early.pop(copy.id, []):
            self._hears(batch)
        return copy

    def room(self, room: str = "hallway") -> RoomCopy:
        return self.rooms[self._names[room]]

    def _hears(self, batch: dict[str, Any]) -> None:
        copy = self.rooms.get(batch["room"])
        if copy is None:
            # The answer to its join is here too, but whoever asked has not taken it yet.
            self._early.setdefault(batch["room"], []).append(batch)
            return
        copy.take_batch(batch)
        if copy.has_gap:
            self._own(self._fills(copy))

    def _comes_back(self) -> None:
        for copy in self.rooms.values():
            self._own(self._resumes(copy))

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _resumes(self, copy: RoomCopy) -> None:
        cursor = copy.cursor
        while self.wire.is_up.is_set():
            answer = await self.wire.ask("room:join", {"room": copy.id, "cursor": cursor})
            if answer is None:
                return  # Lost again; the next connect asks again.
            if answer["ok"]:
                copy.take_answer(cursor, answer)
                await self._fills(copy)
                return
            if answer["error"]["code"] != "unavailable":
                return
            await asyncio.sleep(0.1)

    async def _fills(self, copy: RoomCopy) -> None:
        while copy.has_gap and self.wire.is_up.is_set():
            cursor = copy.cursor
            answer = await self.wire.ask("room:sync", {"room": copy.id, "cursor": cursor or 0})
            if answer is None:
                return
            if answer["ok"]:
                copy.take_answer(cursor or 0, answer)
            elif answer["error"]["code"] == "unavailable":
                await asyncio.sleep(0.1)
            else:
                return

    async def sends(self, text: str, room: str = "hallway", client_id: str | None = None) -> Send:
        """Put it into the outbox and keep at it until it is acknowledged or refused for good."""
        self._sent += 1
        client_id = client_id or f"{self.username}-{self._sent:04}"
        copy = self.room(room)
        send = Send(copy.id, self.id, client_id, text, node=self.node)
        self.history.sends.append(send)
        payload = {"room": copy.id, "client_id": client_id, "text": text}
        for _ in range(TRIES_AT_MOST):
            outcome = await self._tries("message:send", payload, send)
            if isinstance(outcome, Acked) or (isinstance(outcome, Refused) and outcome.is_final):
                return send
        raise AssertionError(f"{self.username}'s «{text}» found no end: {send.tries[-5:]}")

    async def _tries(self, event: str, payload: dict[str, Any], asked: Send | Amend) -> Outcome:
        async with asyncio.timeout(60):
            await self.wire.is_up.wait()
        began = time.monotonic()
        answer = await self.wire.ask(event, payload)
        outcome = _outcome(answer, payload.get("id"))
        asked.tried(outcome, began, time.monotonic())
        if answer and not answer["ok"]:
            await asyncio.sleep(min(answer["error"].get("retry_after") or 0, 0.3))
        elif answer is None:
            await asyncio.sleep(0.02)  # The loss of the connection is noticed in its own time.
        return outcome

    async def amends(
        self, kind: Kind, item_id: str, value: str = "", room: str = "hallway"
    ) -> Amend:
        """Edit, delete, react; tried until there is an answer."""
        copy = self.room(room)
        amend = Amend(copy.id, self.id, item_id, kind, value)
        self.history.amends.append(amend)
        payload = {"room": copy.id, "id": item_id}
        if kind != "delete":
            payload["text" if kind == "edit" else "emoji"] = value
        for _ in range(TRIES_AT_MOST):
            outcome = await self._tries(EVENT_OF[kind], payload, amend)
            if isinstance(outcome, Acked) or (isinstance(outcome, Refused) and outcome.is_final):
                return amend
        raise AssertionError(f"{self.username}'s {kind} found no end: {amend.tries[-5:]}")

    async def sees(self, text: str, room: str = "hallway") -> None:
        """Wait till the message is there by itself."""
        what = f"{self.username} sees «{text}»"
        await eventually(lambda: text in self.room(room).texts(), what)

    async def reaches(self, rev: int, room: str = "hallway") -> None:
        """Wait till everything up to `rev` arrived by itself."""
        what = f"{self.username} has everything up to rev {rev}"
        await eventually(lambda: (self.room(room).cursor or 0) >= rev, what, RESUMED_WITHIN_S)


def _outcome(answer: Answer | None, item_id: str | None) -> Outcome:
    if answer is None:
        return Unknown()
    if not answer["ok"]:
        return Refused(answer["error"]["code"])
    return Acked(answer.get("id") or item_id or "", answer.get("seq", 0), answer["rev"])
