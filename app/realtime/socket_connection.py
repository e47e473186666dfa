"""One Socket.IO client on one namespace, with a bounded queue."""

import asyncio
from datetime import datetime
from typing import Any

from engineio import packet as engine
from engineio.async_socket import AsyncSocket
from socketio import packet

from app.accounts.models import Caller
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.server import SocketServer
from app.telemetry.tasks import Tasks

QUEUE_PACKETS = 1_000
QUEUE_BYTES = 4 * 1_048_576
MEASURE_FROM_PACKETS = 32


class Outgoing(engine.Packet):  # type: ignore[misc]  # engineio has no types
    """An Engine.IO packet of an event, shared by all who get it."""

    def __init__(self, text: str, topic: str | None) -> None:
        super().__init__(engine.MESSAGE, text)
        self.topic = topic


class SocketConnection(Connection):
    """Writes through the Engine.IO queue of its socket, so acks and events keep one order."""

    def __init__(
        self,
        server: SocketServer,
        tasks: Tasks,
        *,
        sid: str,
        eio_sid: str,
        namespace: str,
        caller: Caller,
        address: str,
        since: datetime,
    ) -> None:
        super().__init__(caller, address=address, since=since)
        self._server = server
        self._tasks = tasks
        self.sid = sid
        self._eio_sid = eio_sid
        self._namespace = namespace
        self._is_closing = False

    def send(self, event: Event) -> None:
        socket = self._server.engine_socket(self._eio_sid)
        if socket is None or socket.closed or self._is_closing:
            return
        socket.queue.put_nowait(event.encoded(self._namespace, self._encode))
        if self._is_overflowing(socket):
            self._abort(socket)

    def _encode(self, event: Event) -> Outgoing:
        data = [event.name, event.payload]
        text = self._server.packet_class(
            packet.EVENT, data, namespace=self._namespace, binary=False
        )
        return Outgoing(text.encode(), event.topic)

    def _is_overflowing(self, socket: AsyncSocket) -> bool:
        waiting = socket.queue.qsize()
        if waiting < MEASURE_FROM_PACKETS:
            return False
        return waiting > QUEUE_PACKETS or self.queued_bytes(socket) > QUEUE_BYTES

    def queued_bytes(self, socket: AsyncSocket) -> int:
        """Characters that wait for this client."""
        return sum(len(p.data) for p in _queued(socket) if isinstance(p.data, str | bytes))

    def _abort(self, socket: AsyncSocket) -> None:
        """A reader that can't keep up resumes from its cursor; waiting for it would cost memory."""
        self._is_closing = True
        _queued(socket).clear()
        self._tasks.spawn(self._end(socket), f"drop slow {self._eio_sid}")

    async def _end(self, socket: AsyncSocket) -> None:
        environ = self._server.environ.get(self._eio_sid, {})
        await socket.close(wait=False, abort=True, reason=self._server.reason.TRANSPORT_ERROR)
        request = environ.get("aiohttp.request")
        if request is not None and request.transport is not None:
            request.transport.abort()

    def drop(self, topic: str) -> None:
        socket = self._server.engine_socket(self._eio_sid)
        if socket is None:
            return
        queue = _queued(socket)
        kept = [p for p in queue if getattr(p, "topic", None) != topic]
        if len(kept) < len(queue):
            queue.clear()
            queue.extend(kept)

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._tasks.spawn(self._close(), f"close {self._eio_sid}")

    async def _close(self) -> None:
        await self._server.disconnect(self.sid, namespace=self._namespace)
        if socket := self._server.engine_socket(self._eio_sid):
            await socket.close(wait=False, reason=self._server.reason.SERVER_DISCONNECT)


def _queued(socket: AsyncSocket) -> Any:
    """The packets that wait, for looking through: asyncio's queue has no public view."""
    return socket.queue._queue  # noqa: SLF001


async def close_all(connections: list[Connection]) -> None:
    """Tell every client to come back, then give the loop a turn to write it."""
    for connection in connections:
        connection.close()
    await asyncio.sleep(0)
