"""The WebSocket under an Engine.IO connection, strict where the stock one is lenient."""

from typing import Any

from aiohttp import web
from engineio import packet
from engineio.async_drivers import aiohttp as driver

from app.realtime.fanout import DirectWriter, direct_writer
from app.realtime.refused import note_frame

PACKET_TYPES = tuple("0123456")


class StrictWebSocket(driver.WebSocket):  # type: ignore[misc]  # engineio has no types
    """A WebSocket that ends on a frame that is no packet, and keeps no compression state."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        # aiohttp refuses a message that reaches its limit.
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size + 1, compress=False
        )
        self._request = environ["aiohttp.request"]
        await self._sock.prepare(self._request)
        self.environ = environ
        await self.handler(self)
        await self._sock.close()
        return self._sock

    async def wait(self) -> str | bytes:
        """The next frame. Raises OSError at the end, and for what is no packet."""
        try:
            frame: str | bytes = await super().wait()
        except OSError:
            note_frame(self._request, self._sock.exception())
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
