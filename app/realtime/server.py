"""The Socket.IO server: python-socketio on aiohttp, strict where the stock one is lenient.

What a client sends never raises beyond its own connection and never reaches the log as a traceback.
"""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import socketio
import structlog
from aiohttp.web import WebSocketResponse
from engineio.async_drivers import aiohttp as driver
from engineio.async_socket import AsyncSocket
from socketio import packet

from app.realtime import json

MAX_PACKET_BYTES = 1_048_576
MAX_ATTACHMENTS = 10
HEADER = re.compile(r"2(?P<namespace>/[^,?]*)?(?:\?[^,]*)?,?(?P<id>\d{1,15})")

log = structlog.get_logger("socketio")
after_answer: ContextVar[list[Callable[[], None]]] = ContextVar("after_answer")


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    """Engine.IO v4 and Socket.IO v5."""

    def engine_socket(self, eio_sid: str) -> AsyncSocket | None:
        """The Engine.IO connection, or None when it is gone."""
        found: AsyncSocket | None = self.eio.sockets.get(eio_sid)
        return found

    async def send_away(self) -> None:
        """Close every transport, so that clients come back by themselves."""
        for socket in list(self.eio.sockets.values()):
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, IndexError, AttributeError, KeyError) as error:
            await self._refuse_packet(eio_sid, data, error)

    async def _refuse_packet(self, eio_sid: str, data: Any, error: Exception) -> None:
        """Answer a malformed event that wants an answer; end a connection that speaks nonsense."""
        header = HEADER.match(data) if isinstance(data, str) else None
        log.info("malformed packet", reason=type(error).__name__)
        if header is None:
            if socket := self.engine_socket(eio_sid):
                await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
            return
        await self._answer_invalid(eio_sid, header["namespace"] or "/", int(header["id"]))

    async def _answer_invalid(self, eio_sid: str, namespace: str, ack: int) -> None:
        error = {"code": "invalid", "message": "This is not an event: expected [name, payload]."}
        await self._send_packet(
            eio_sid,
            self.packet_class(
                packet.ACK, namespace=namespace, id=ack, data=[{"ok": False, "error": error}]
            ),
        )

    async def _handle_event(
        self,
        eio_sid: str,
        namespace: str | None,
        id: int | None,  # noqa: A002  # python-socketio's name
        data: Any,
    ) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            if id is None:
                raise ValueError("an event is a list that begins with its name")
            await self._answer_invalid(eio_sid, namespace or "/", id)
            return
        await super()._handle_event(eio_sid, namespace, id, data)

    async def _handle_event_internal(self, *args: Any) -> None:
        afterwards: list[Callable[[], None]] = []
        after_answer.set(afterwards)
        await super()._handle_event_internal(*args)
        for step in afterwards:
            step()


class StrictPacket(packet.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A Socket.IO packet; a client can't make the server wait for endless attachments."""

    json = json

    def decode(self, encoded_packet: Any) -> int:
        count: int = super().decode(encoded_packet)
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count


class StrictWebSocket(driver.WebSocket):  # type: ignore[misc]  # engineio has no types
    """A WebSocket that ends on a frame that is no packet, and keeps no compression state."""

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        self._sock = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False
        )
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def wait(self) -> str | bytes:
        frame: str | bytes = await super().wait()
        if isinstance(frame, str) and frame[:1] not in tuple("0123456"):
            raise OSError("no Engine.IO packet")
        return frame


def make_server(*, heartbeat_interval: float, connection_timeout: float) -> SocketServer:
    """A server that pings every `heartbeat_interval` seconds and gives up on a peer that was silent
    for `connection_timeout` seconds. Origins are checked before a request reaches it."""
    # What peers do wrong is theirs, and refused; engineio would log each as a traceback.
    quiet = logging.getLogger("parley.engineio")
    quiet.setLevel(logging.CRITICAL)
    server = SocketServer(
        async_mode="aiohttp",
        cors_allowed_origins=[],
        json=json,
        serializer=StrictPacket,
        ping_interval=heartbeat_interval,
        ping_timeout=max(connection_timeout - heartbeat_interval, 1),
        max_http_buffer_size=MAX_PACKET_BYTES,
        logger=quiet,
        engineio_logger=quiet,
    )
    # engineio offers no public way to bring an own WebSocket.
    server.eio._async = {**driver._async, "websocket": StrictWebSocket}  # noqa: SLF001
    return server
