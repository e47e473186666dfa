"""One connection to `/ws` with the vocabulary of `Wire`: comes back by itself, and its questions
never hang.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp

from tests.harness.client import MAX_MSG_SIZE
from tests.harness.waiting import WITHIN_S
from tests.harness.wire import Answer, Handler

AGAIN_S = 0.1
# Message types whose names differ from Socket.IO's.
NAMES = {"chat": "messages", "topic": "events"}
LOST = (aiohttp.ClientError, OSError, TimeoutError)


class PlainWire:
    """The connection to `url` as the holder of `token`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/ws"
        self._token = token
        self._session = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer | None]] = {}
        self.events: list[tuple[str, Any]] = []
        self._handlers: dict[str, Handler] = {}
        self._returned: Callable[[], None] = lambda: None
        self._task: asyncio.Task[None] | None = None
        self.is_up = asyncio.Event()
        self.times_up = 0

    def on(self, event: str, handler: Handler) -> None:
        """`handler(payload)` gets every such event, in the order of arrival."""
        self._handlers[event] = handler

    def on_return(self, handler: Callable[[], None]) -> None:
        """`handler()` is called whenever the connection is there, also the first time."""
        self._returned = handler

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._stays())
        async with asyncio.timeout(WITHIN_S):
            await self.is_up.wait()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._session.close()

    async def _stays(self) -> None:
        while True:
            with suppress(*LOST):
                await self._visits()
            await asyncio.sleep(AGAIN_S)

    async def _visits(self) -> None:
        """One connection from its handshake to its end."""
        async with self._session.ws_connect(self._url, max_msg_size=MAX_MSG_SIZE) as self._socket:
            await self._socket.send_str(json.dumps({"type": "auth", "token": self._token}))
            try:
                async for message in self._socket:
                    self._hears(json.loads(message.data))
            finally:
                self._went_down()

    def _hears(self, message: dict[str, Any]) -> None:
        kind, payload = message["type"], message["payload"]
        if kind == "ready":
            self.times_up += 1
            self.is_up.set()
            self._returned()
        elif kind == "ack":
            answer = self._waiting.get(message["id"])
            if answer is not None and not answer.done():
                answer.set_result(payload)
        else:
            self._is_told(NAMES.get(kind, kind), payload)

    def _is_told(self, event: str, payload: Any) -> None:
        self.events.append((event, payload))
        if event in self._handlers:
            self._handlers[event](payload)

    def _went_down(self) -> None:
        self.is_up.clear()
        for waiting in list(self._waiting.values()):
            if not waiting.done():
                waiting.set_result(None)

    async def ask(self, event: str, payload: Any, within_s: float = WITHIN_S) -> Answer | None:
        """The acknowledgement; None where nobody knows what became of the question."""
        if self._socket is None or not self.is_up.is_set():
            return None
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            said = json.dumps({"type": event, "id": number, "payload": payload})
            await self._socket.send_str(said)
            async with asyncio.timeout(within_s):
                return await answer
        except LOST:
            return None
        finally:
            del self._waiting[number]
