"""A client of `/ws` that remembers what it was told."""

import asyncio
import itertools
import json
from types import TracebackType
from typing import Any

import aiohttp

from tests.harness.client import MAX_MSG_SIZE
from tests.harness.waiting import WITHIN_S
from tests.realtime.raw import closed_on_failure

Message = dict[str, Any]
ENDS = (
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.ERROR,
)


class Plain:
    """One connection; with a token it has signed in and was answered `ready`."""

    def __init__(self, address: str, token: str | None = None, path: str = "/ws", **headers: str):
        self._url = address + path
        self._token = token
        self._headers = headers
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._numbers = itertools.count(1)
        self.socket: aiohttp.ClientWebSocketResponse
        self.told: list[Message] = []
        self._passed_over: list[Message] = []

    async def __aenter__(self) -> "Plain":
        async with closed_on_failure(self._session):
            self.socket = await self._session.ws_connect(
                self._url, headers=self._headers, max_msg_size=MAX_MSG_SIZE
            )
            if self._token is not None:
                await self.says("auth", token=self._token)
                self.ready = await self.hears("ready")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.socket.close()
        await self._session.close()

    async def says(self, kind: str, **envelope: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **envelope}))

    async def next(self) -> Message:
        """The next message, whatever it is."""
        received = await asyncio.wait_for(self.socket.receive(), WITHIN_S)
        assert received.type is aiohttp.WSMsgType.TEXT, received
        message: Message = json.loads(received.data)
        self.told.append(message)
        return message

    async def hears(self, kind: str, **where: Any) -> Message:
        """The payload of the first message of this type with these fields not heard of before."""

        def is_it(message: Message) -> bool:
            return bool(message["type"] == kind and where.items() <= message["payload"].items())

        for message in filter(is_it, self._passed_over):
            self._passed_over.remove(message)
            return dict(message["payload"])
        while not is_it(message := await self.next()):
            self._passed_over.append(message)
        return dict(message["payload"])

    async def does(self, kind: str, **payload: Any) -> Message:
        """The payload of the acknowledgement."""
        number = next(self._numbers)
        await self.says(kind, id=number, payload=payload)
        while (message := await self.next())["type"] != "ack" or message["id"] != number:
            self._passed_over.append(message)
        return dict(message["payload"])

    async def closes(self) -> int | None:
        """Wait for the end; its code."""
        while (await asyncio.wait_for(self.socket.receive(), WITHIN_S)).type not in ENDS:
            pass
        return self.socket.close_code

    def deafen(self) -> None:
        """Read nothing any more, as if the network had stopped."""
        self._transport.pause_reading()

    def listens(self) -> None:
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        connection = self.socket._response.connection
        assert connection is not None
        assert isinstance(connection.transport, asyncio.Transport)
        return connection.transport
