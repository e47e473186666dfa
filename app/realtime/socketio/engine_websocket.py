"""The WebSocket under an Engine.IO connection, strict where the stock one is lenient."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WebSocketError, web
from engineio import packet
from engineio.async_drivers import aiohttp as driver
from structlog.contextvars import bind_contextvars, get_contextvars

from app.realtime.line.direct_writer import DirectWriter, direct_writer
from app.realtime.security_log import log_refused_frame

PACKET_TYPES = tuple("0123456")
# Closing over what a client still sends would reset the connection, and take from it the frame
# that says why: a refused one has so long to say the rest, to which nobody listens.
REFUSED_HEARS_WITHIN_S = 1.0


class Conversation(web.WebSocketResponse):
    """A WebSocket on which `talk` begins once its request is answered.

    Within the answering, the calls of everybody who took part in it, from the first middleware on,
    would be kept for as long as the connection: a quarter of all that an idle one takes.
    """

    talk: Callable[[], Awaitable[None]] | None = None

    async def write_eof(self) -> None:  # type: ignore[override]  # as aiohttp does itself
        """Talk, then close: what aiohttp calls when all who handled the request are done."""
        talk, self.talk = self.talk, None
        if talk is not None:
            await talk()
        await super().write_eof()
        if self._is_refused:
            await asyncio.sleep(REFUSED_HEARS_WITHIN_S)

    @property
    def _is_refused(self) -> bool:
        """Whether it ends by a frame that nobody may send."""
        return isinstance(self.exception(), WebSocketError)

    def _close_transport(self) -> None:
        """Not under a refused one: aiohttp does it when all is said."""
        if not self._is_refused:
            super()._close_transport()


class StrictWebSocket(driver.WebSocket):  # type: ignore[misc]  # engineio has no types
    """A WebSocket that ends on a frame that is no packet, and keeps no compression state."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        # aiohttp refuses a message that reaches its limit.
        self._sock = Conversation(max_msg_size=self.server.max_http_buffer_size + 1, compress=False)
        self._request = environ["aiohttp.request"]
        await self._sock.prepare(self._request)
        self.environ = environ
        self._bound = get_contextvars()
        self._sock.talk = self._talk
        return self._sock

    async def _talk(self) -> None:
        bind_contextvars(**self._bound)
        del self._bound
        await self.handler(self)

    async def wait(self) -> str | bytes:
        """The next frame. Raises OSError at the end, and for what is no packet."""
        try:
            frame: str | bytes = await super().wait()
        except OSError:
            log_refused_frame(self._request, self._sock.exception())
            raise
        if isinstance(frame, str) and not frame.startswith(PACKET_TYPES):
            raise OSError("no Engine.IO packet")
        return frame

    @property
    def direct(self) -> DirectWriter | None:
        """Its short way, where it has one."""
        return direct_writer(self._sock, self._request)

    async def carry(self, packet: packet.Packet) -> None:
        """Write a packet; waits while the network takes nothing. Raises OSError."""
        await self.send(packet.encode())

    async def part(self) -> None:
        """Close it."""
        await self.close()

    @property
    def buffered_bytes(self) -> int:
        """What was written and not yet taken by the network."""
        transport = self._request.transport
        return transport.get_write_buffer_size() if transport is not None else 0

    def abort(self) -> None:
        """Cut the connection, also under a writer that waits for a reader that doesn't read."""
        if self._request.transport is not None:
            self._request.transport.abort()


async def turn_away(request: web.Request) -> web.WebSocketResponse:
    """Open a WebSocket only to close it: a refused upgrade is a failure to be tried again."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.close()
    return socket
