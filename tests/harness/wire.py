"""One Socket.IO connection of the official Python client, whose questions never hang.

A question ends with its answer, with the loss of the connection, or with its time.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from socketio.exceptions import SocketIOError

from tests.harness.client import connect, python_client
from tests.harness.waiting import WITHIN_S

Answer = dict[str, Any]
Handler = Callable[[dict[str, Any]], None]

CHAT = "/chat"


class Wire:
    """The connection to `url` as the holder of `token`; comes back by itself when it is lost."""

    polling = False

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token
        self._waiting: set[asyncio.Future[Answer | None]] = set()
        self.is_up = asyncio.Event()
        self.events: list[tuple[str, Any]] = []
        self.client = python_client(
            reconnection=True,
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
            handle_sigint=False,
        )
        self.client.on("connect", self._came_up, namespace=CHAT)
        self.client.on("disconnect", self._went_down, namespace=CHAT)
        self.client.on("*", self._heard, namespace=CHAT)
        self._handlers: dict[str, Handler] = {}
        self._returned: Callable[[], None] = lambda: None

    def on_return(self, handler: Callable[[], None]) -> None:
        """`handler()` is called whenever the connection is there, also the first time."""
        self._returned = handler

    def on(self, event: str, handler: Handler) -> None:
        """`handler(payload)` gets every such event, in the order of arrival."""
        self._handlers[event] = handler

    async def connect(self) -> None:
        await connect(self.client, self.url, self._token, CHAT, polling=self.polling)

    async def close(self) -> None:
        await self.client.shutdown()
        self._went_down()

    def _came_up(self) -> None:
        self.is_up.set()
        self._returned()

    def _went_down(self, *_reason: object) -> None:
        self.is_up.clear()
        for waiting in list(self._waiting):
            if not waiting.done():
                waiting.set_result(None)

    # Not a coroutine function: python-socketio then calls it in the order of arrival.
    def _heard(self, event: str, payload: Any = None) -> None:
        self.events.append((event, payload))
        if event in self._handlers:
            self._handlers[event](payload)

    async def ask(self, event: str, payload: Any, within_s: float = WITHIN_S) -> Answer | None:
        """The acknowledgement; None where nobody knows what became of the question."""
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()

        def answered(*values: Any) -> None:
            if not answer.done():
                answer.set_result(values[0] if values else {})

        self._waiting.add(answer)
        try:
            await self.client.emit(event, payload, namespace=CHAT, callback=answered)
            async with asyncio.timeout(within_s):
                return await answer
        except (SocketIOError, TimeoutError):
            return None
        finally:
            self._waiting.discard(answer)


class PollingWire(Wire):
    """The same over HTTP polling only."""

    polling = True
