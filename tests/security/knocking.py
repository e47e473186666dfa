"""Somebody at an address of their own, and one way to be refused after the other.

Every transport has the same few verbs: come with these headers and this query, say something.
"""

import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from tests.harness.waiting import WITHIN_S

_numbers = itertools.count(1)

Headers = dict[str, str]


class Knocker:
    """One address of 127/8, so that its lines in the log are told from all others."""

    def __init__(self, url: str, token: str, cookie: str) -> None:
        number = next(_numbers)
        self.address = f"127.7.{number >> 8}.{number & 255}"
        self.url = url
        self.token = token
        self.bearer = {"Authorization": f"Bearer {token}"}
        self.cookie = {"Cookie": f"parley_session={cookie}"}

    async def __aenter__(self) -> "Knocker":
        connector = aiohttp.TCPConnector(local_addr=(self.address, 0), limit=20)
        self.session = aiohttp.ClientSession(connector=connector)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def asks(
        self, path: str, headers: Headers | None = None, method: str = "GET", **more: Any
    ) -> int:
        """The status of a request."""
        async with self.session.request(method, self.url + path, headers=headers, **more) as answer:
            # A stream that was not refused would never end.
            return answer.status

    async def shakes_hands(self, path: str, headers: Headers | None = None) -> int:
        """The status of the answer to a WebSocket's handshake."""
        try:
            async with self.session.ws_connect(self.url + path, headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status

    async def posts(self, text: str) -> int:
        """The status of a message over HTTP."""
        path = "/api/rooms/hallway/messages"
        return await self.asks(path, self.bearer, "POST", json={"text": text})

    async def polls(self) -> str:
        """A polling session that has signed in: its address."""
        path = "/socket.io/?EIO=4&transport=polling"
        async with self.session.get(self.url + path) as answer:
            path += "&sid=" + json.loads((await answer.text())[1:])["sid"]
        assert await self.asks(path, method="POST", data=self._hello()) == 200
        return path

    def _hello(self) -> str:
        return "40/chat," + json.dumps({"token": self.token})

    async def says_by_polling(self, text: str) -> None:
        path = await self.polls()
        assert await self.asks(path, method="POST", data=event(text)) == 200
        while '"too_large"' not in (await self._heard(path)):
            pass

    async def _heard(self, path: str) -> str:
        async with self.session.get(self.url + path) as answer:
            return await answer.text()

    async def says_on_socketio(self, frame: str) -> None:
        """Say it on a WebSocket that has signed in, and wait for the answer or the end."""
        path = self.url + "/socket.io/?EIO=4&transport=websocket"
        async with self.session.ws_connect(path) as socket:
            await socket.send_str(self._hello())
            while not (await socket.receive_str(timeout=WITHIN_S)).startswith("42/chat,"):
                pass
            await socket.send_str(frame)
            await _is_answered(socket)

    async def says_on_ws(self, frame: str) -> None:
        async with self.session.ws_connect(self.url + "/ws") as socket:
            await socket.send_json({"type": "auth", "token": self.token})
            assert (await socket.receive_json(timeout=WITHIN_S))["type"] == "ready"
            await socket.send_str(frame)
            await _is_answered(socket)


async def _is_answered(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        message = await socket.receive(timeout=WITHIN_S)
        if message.type is not aiohttp.WSMsgType.TEXT or '"ok":false' in message.data:
            return


def event(text: str) -> str:
    """`message:send` as a packet of Socket.IO."""
    return "42/chat,7" + json.dumps(["message:send", {"room": "hallway", "text": text}])


def envelope(text: str) -> str:
    """`message:send` as `/ws` takes it."""
    payload = {"room": "hallway", "text": text}
    return json.dumps({"type": "message:send", "id": 7, "payload": payload})


Knock = Callable[[Knocker], Awaitable[Any]]
