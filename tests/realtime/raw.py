"""Clients that speak Engine.IO by hand, to say what no proper client would."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

import aiohttp

from tests.harness.client import MAX_MSG_SIZE
from tests.harness.waiting import WITHIN_S


@asynccontextmanager
async def closed_on_failure(session: aiohttp.ClientSession) -> AsyncIterator[None]:
    """A session that never came to be used is not left for a later test to stumble over."""
    try:
        yield
    except BaseException:
        await session.close()
        raise


class Raw:
    """One WebSocket; frames are sent as they are given."""

    def __init__(self, address: str, token: str | None = None, **headers: str) -> None:
        self._url = f"{address}/socket.io/?EIO=4&transport=websocket"
        self._token = token
        self._headers = headers
        self._session = aiohttp.ClientSession()
        self.socket: aiohttp.ClientWebSocketResponse
        self.sid = ""

    async def __aenter__(self) -> "Raw":
        async with closed_on_failure(self._session):
            await self._enter()
        return self

    async def _enter(self) -> None:
        self.socket = await self._session.ws_connect(
            self._url, headers=self._headers, max_msg_size=MAX_MSG_SIZE, autoclose=True
        )
        self.sid = json.loads((await self.frame())[1:])["sid"]
        if self._token is not None:
            await self.say("40/chat," + json.dumps({"token": self._token}))
            assert (await self.frame()).startswith("40/chat,")
            assert (await self.frame()).startswith('42/chat,["welcome"')

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def say(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            await self.socket.send_bytes(frame)
        else:
            await self.socket.send_str(frame)

    async def frame(self) -> str:
        """The next text frame."""
        message = await asyncio.wait_for(self.socket.receive(), WITHIN_S)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return str(message.data)

    async def answer(self, ack: int) -> dict[str, Any]:
        """The acknowledgement number `ack`; what else comes is passed over."""
        head = f"43/chat,{ack}["
        while not (frame := await self.frame()).startswith(head):
            pass
        payload: dict[str, Any] = json.loads(frame[len(head) - 1 :])[0]
        return payload

    def deafen(self) -> None:
        """Read nothing any more, as if the network had stopped."""
        connection = self.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()

    async def is_closed(self) -> int | None:
        """Wait for the end; the close code."""
        while (await asyncio.wait_for(self.socket.receive(), WITHIN_S)).type not in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.CLOSING,
            aiohttp.WSMsgType.ERROR,
        ):
            pass
        return self.socket.close_code


class Poller:
    """One polling session."""

    def __init__(self, address: str, token: str) -> None:
        self._url = f"{address}/socket.io/?EIO=4&transport=polling"
        self._token = token
        self._session = aiohttp.ClientSession()
        self._frames: list[str] = []

    async def __aenter__(self) -> "Poller":
        async with closed_on_failure(self._session):
            await self._enter()
        return self

    async def _enter(self) -> None:
        async with self._session.get(self._url) as response:
            self._url += "&sid=" + json.loads((await response.text())[1:])["sid"]
        assert (await self.post("40/chat," + json.dumps({"token": self._token})))[0] == 200
        assert (await self.frame()).startswith("40/chat,")

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(self, body: str | bytes | Any, **headers: str) -> tuple[int, str]:
        """Status and text of a POST with this body."""
        data = body.encode() if isinstance(body, str) else body
        async with self._session.post(self._url, data=data, headers=headers) as response:
            return response.status, await response.text()

    async def frame(self) -> str:
        if not self._frames:
            timeout = aiohttp.ClientTimeout(total=WITHIN_S)
            async with self._session.get(self._url, timeout=timeout) as response:
                assert response.status == 200
                self._frames = (await response.text()).split("\x1e")
        return self._frames.pop(0)

    async def answers(self, count: int) -> dict[int, dict[str, Any]]:
        """The next `count` acknowledgements by their number, in whatever order they come."""
        found: dict[int, dict[str, Any]] = {}
        while len(found) < count:
            frame = await self.frame()
            if frame.startswith("43/chat,"):
                ack, _, payload = frame.removeprefix("43/chat,").partition("[")
                found[int(ack)] = json.loads("[" + payload)[0]
        return found
