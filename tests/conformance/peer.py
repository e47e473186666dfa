"""A client that speaks Engine.IO by hand, over polling and WebSocket, as its protocol describes."""

import asyncio
import json
from typing import Any

import aiohttp

from tests.harness.waiting import WITHIN_S


class Line:
    """One WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, *frames: str | bytes) -> None:
        for frame in frames:
            if isinstance(frame, bytes):
                await self.socket.send_bytes(frame)
            else:
                await self.socket.send_str(frame)

    async def hears(self) -> Any:
        """The next frame."""
        message = await self.socket.receive(WITHIN_S)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        return message.data

    async def hears_but_pings(self) -> Any:
        """The next frame that is no ping; pings are answered."""
        while (frame := await self.hears()) == "2":
            await self.say("3")
        return frame

    async def is_closed(self) -> int | None:
        """Wait for the end, whatever is said before; the close code."""
        while not self.socket.closed:
            await self.socket.receive(WITHIN_S)
        return self.socket.close_code

    def deafen(self) -> None:
        """Read nothing any more, as if the network had stopped."""
        connection = self.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()


class Peer:
    """All that one client does to the server at `url`."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def asks(
        self, query: str, method: str = "GET", body: str | bytes | None = None
    ) -> tuple[int, str]:
        """Status and text of one request."""
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        url = f"{self.url}?{query}"
        async with self.session.request(method, url, data=body, timeout=timeout) as response:
            return response.status, await response.text()

    async def opens(self) -> dict[str, Any]:
        """The handshake of a polling session."""
        status, text = await self.asks("EIO=4&transport=polling")
        assert (status, text[0]) == (200, "0")
        opening: dict[str, Any] = json.loads(text[1:])
        return opening

    async def sid(self) -> str:
        return str((await self.opens())["sid"])

    async def polls(self, sid: str) -> tuple[int, str]:
        return await self.asks(f"EIO=4&transport=polling&sid={sid}")

    def begins_poll(self, sid: str) -> asyncio.Task[tuple[int, str]]:
        """A poll that is under way."""
        return asyncio.create_task(self.polls(sid))

    async def posts(self, sid: str, body: str | bytes) -> tuple[int, str]:
        return await self.asks(f"EIO=4&transport=polling&sid={sid}", "POST", body)

    async def connects(self, query: str = "EIO=4&transport=websocket") -> Line:
        """A WebSocket. Raises WSServerHandshakeError where it is refused."""
        return Line(await self.session.ws_connect(f"{self.url}?{query}", max_msg_size=0))

    async def probes(self, sid: str) -> Line:
        """The WebSocket that wants to take the place of polling."""
        return await self.connects(f"EIO=4&transport=websocket&sid={sid}")
