"""Ways to say something hostile: HTTP by hand, frames of Socket.IO and of `/ws` as they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import WSMsgType

from tests.harness.client import MAX_MSG_SIZE
from tests.harness.waiting import WITHIN_S

PING, PONG = "2", "3"


class Web:
    """Requests with a session's cookie, each on a connection of its own."""

    def __init__(self, address: str, cookie: str) -> None:
        self._where = urlsplit(address)
        self._cookie = cookie

    async def asks(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> int:
        """The status of the answer; its body is not waited for."""
        fields = {"Host": self._where.netloc, "Cookie": f"parley_session={self._cookie}"}
        fields |= {"Content-Length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        reader, writer = await asyncio.open_connection(self._where.hostname, self._where.port)
        try:
            writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body)
            async with asyncio.timeout(WITHIN_S):
                line = await reader.readline()
            return int(line.split()[1])
        finally:
            writer.transport.abort()


class Line:
    """A WebSocket on which events are asked; `asks` waits for the answer."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, place: str) -> None:
        self.socket = socket
        self._place = place
        self._next = 0

    async def says(self, frame: str) -> None:
        await self.socket.send_str(frame)

    async def asks(self, event: str, payload: Any) -> str:
        """The frame that answers this event."""
        return await self.asks_raw(event, json.dumps(payload, ensure_ascii=False))

    async def asks_raw(self, event: str, payload: str) -> str:
        """The same with a payload that is JSON, or should be."""
        self._next += 1
        await self.says(self._event(json.dumps(event), payload))
        return await self.hears(self._answer())

    def _event(self, event: str, payload: str) -> str:
        return f"42/{self._place},{self._next}[{event},{payload}]"

    def _answer(self) -> str:
        return f"43/{self._place},{self._next}["

    async def hears(self, beginning: str) -> str:
        """The next frame that begins so; the empty one where the line ends instead."""
        while True:
            message = await self.socket.receive(timeout=WITHIN_S)
            if message.type is not WSMsgType.TEXT:
                return ""
            if message.data == PING:
                await self.says(PONG)
            if message.data.startswith(beginning):
                return str(message.data)


class PlainLine(Line):
    """The same on `/ws`."""

    def _event(self, event: str, payload: str) -> str:
        return f'{{"type":{event},"id":"n{self._next}","payload":{payload}}}'

    def _answer(self) -> str:
        return ""

    async def hears(self, beginning: str) -> str:
        while frame := await super().hears(beginning):
            if f'"n{self._next}"' in frame:
                return frame
        return ""


@asynccontextmanager
async def socket_io(address: str, token: str, namespace: str) -> AsyncIterator[Line]:
    """A connection to one namespace."""
    url = f"{address}/socket.io/?EIO=4&transport=websocket"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, max_msg_size=MAX_MSG_SIZE) as socket,
    ):
        line = Line(socket, namespace)
        await line.says(f"40/{namespace},{json.dumps({'token': token})}")
        assert await line.hears(f"40/{namespace},")
        yield line


@asynccontextmanager
async def plain(address: str, token: str) -> AsyncIterator[Line]:
    """A connection to `/ws`."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{address}/ws", max_msg_size=MAX_MSG_SIZE) as socket,
    ):
        line = PlainLine(socket, "")
        await line.says(json.dumps({"type": "auth", "token": token}))
        assert await Line.hears(line, '{"type":"ready"')
        yield line
