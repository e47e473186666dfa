"""A Socket.IO peer without a library, for saying what no library would say."""

import json
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import WSMsgType

from tests.harness.client import MAX_MSG_SIZE
from tests.harness.waiting import WITHIN_S

END = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
ENGINE_CLOSE, ENGINE_PING, ENGINE_PONG = "1", "2", "3"


class RawSocket:
    """One WebSocket that has said hello on `/chat`; frames as they are on the wire."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/socket.io/?EIO=4&transport=websocket"
        self._token = token
        self._session = aiohttp.ClientSession()
        self._next = 0
        self.is_closed = False

    async def __aenter__(self) -> "RawSocket":
        self._socket = await self._session.ws_connect(self._url, max_msg_size=MAX_MSG_SIZE)
        await self._socket.receive_str(timeout=WITHIN_S)
        await self.says(f"40/chat,{json.dumps({'token': self._token})}")
        hello = await self._socket.receive_str(timeout=WITHIN_S)
        assert hello.startswith("40/chat,"), hello
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._socket.close()
        await self._session.close()

    async def says(self, frame: str | bytes) -> None:
        """Send a frame as it is; on a line that the other side has cut nothing happens."""
        try:
            if isinstance(frame, str):
                await self._socket.send_str(frame)
            else:
                await self._socket.send_bytes(frame)
        except ConnectionError:
            self.is_closed = True

    async def asks(self, event: str, payload: str) -> dict[str, Any] | None:
        """The answer to an event whose payload is this JSON text; None where none came."""
        self._next += 1
        await self.says(f"42/chat,{self._next}[{json.dumps(event)},{payload}]")
        return await self.answer_to(self._next)

    async def answer_to(self, number: int) -> dict[str, Any] | None:
        """The acknowledgement `number`, passing over events; None where none comes."""
        start = f"43/chat,{number}["
        while True:
            try:
                message = await self._socket.receive(timeout=WITHIN_S)
            except TimeoutError:
                return None
            if message.type in END or message.data == ENGINE_CLOSE:
                self.is_closed = True
                return None
            if message.data == ENGINE_PING:
                await self.says(ENGINE_PONG)
            elif message.type is WSMsgType.TEXT and message.data.startswith(start):
                answer: dict[str, Any] = json.loads(message.data[len(start) - 1 :])[0]
                return answer
