"""A program that follows one topic and publishes in it: by cursor, and again until it is answered.

Its requests and the events it is shown go into a history as if the topic were a room, so that the
same checker judges them; an event carries its own `client_id` and text in its data.
"""

import asyncio
import time
from typing import Any

from tests.checker.history import Acked, History, Outcome, Reader, Refused, Send, Shown, Unknown
from tests.harness.plain_wire import PlainWire
from tests.harness.room import RoomCopy
from tests.harness.waiting import RESUMED_WITHIN_S, eventually

TRIES_AT_MOST = 200
PAUSE_S = 0.05


class Subscriber:
    """One connection to `/ws` of somebody who follows `topic`."""

    def __init__(self, user: dict[str, Any], wire: PlainWire, topic: str, history: History) -> None:
        self.id: str = user["id"]
        self.username: str = user["username"]
        self.wire = wire
        self._topic = topic
        self._history = history
        reader = Reader(f"{self.username} (topic)", self.id)
        history.readers.append(reader)
        self.copy = RoomCopy(topic, reader, shown_event)
        self._sent = 0
        self._task: asyncio.Task[None] | None = None
        wire.on("events", self._hears)
        wire.on_return(self._begins)

    async def arrives(self) -> None:
        """Connect, and wait for the first answer."""
        await self.wire.connect()
        await eventually(lambda: self.copy.cursor is not None, f"{self.username} has subscribed")

    async def leaves(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.wire.close()

    def _begins(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._subscribes())

    def _hears(self, batch: dict[str, Any]) -> None:
        # One that comes before its answer was taken leaves a gap, which is asked for anew.
        self.copy.take_batch(batch)
        if self.copy.has_gap and (self._task is None or self._task.done()):
            self._begins()

    async def _subscribes(self) -> None:
        """Ask until nothing is missing, or the connection is lost again."""
        is_whole = False
        while not is_whole and self.wire.is_up.is_set():
            cursor = self.copy.cursor
            asked = {"topic": self._topic} | ({} if cursor is None else {"cursor": cursor})
            answer = await self.wire.ask("subscribe", asked)
            if answer is not None and answer["ok"]:
                is_whole = self._takes(cursor, answer)
            else:
                await asyncio.sleep(PAUSE_S)

    def _takes(self, cursor: int | None, answer: dict[str, Any]) -> bool:
        self.copy.take_answer(cursor, answer)
        return not self.copy.has_gap

    async def publishes(self, text: str) -> Send:
        """Keep at it until it is acknowledged or refused for good."""
        self._sent += 1
        client_id = f"{self.username}-{self._sent:04}"
        send = Send(self._topic, self.id, client_id, text)
        self._history.sends.append(send)
        data = {"client_id": client_id, "text": text}
        asked = {"topic": self._topic, "client_id": client_id, "data": data}
        for _ in range(TRIES_AT_MOST):
            async with asyncio.timeout(60):
                await self.wire.is_up.wait()
            began = time.monotonic()
            outcome = _outcome(await self.wire.ask("publish", asked))
            send.tried(outcome, began, time.monotonic())
            if isinstance(outcome, Acked) or (isinstance(outcome, Refused) and outcome.is_final):
                return send
            await asyncio.sleep(PAUSE_S)
        raise AssertionError(f"{self.username}'s «{text}» found no end: {send.tries[-5:]}")

    async def reaches(self, rev: int) -> None:
        """Wait till everything up to `rev` arrived by itself."""
        what = f"{self.username} has everything up to rev {rev}"
        await eventually(lambda: (self.copy.cursor or 0) >= rev, what, RESUMED_WITHIN_S)


def shown_event(event: dict[str, Any]) -> Shown:
    """An event of a topic in the checker's words."""
    data = event["data"]
    return Shown(
        event["id"], event["seq"], event["rev"], event["sender"], data["client_id"], data["text"]
    )


def _outcome(answer: dict[str, Any] | None) -> Outcome:
    if answer is None:
        return Unknown()
    if not answer["ok"]:
        return Refused(answer["error"]["code"])
    return Acked(answer["id"], answer["seq"], answer["rev"])
