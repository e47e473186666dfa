"""The Socket.IO server: python-socketio on aiohttp, strict where the stock one is lenient.

What a client sends never raises beyond its own connection and never reaches the log as a traceback.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

import socketio
import structlog
from aiohttp import web
from engineio.async_drivers import aiohttp as driver
from engineio.async_socket import AsyncSocket

from app.errors import Invalid, NotFound, ParleyError, TooLarge, Unauthenticated, Unavailable
from app.ids import new_id
from app.realtime import json, packets, transport
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer
from app.realtime.engine import MAX_PACKET_BYTES, StrictWebSocket, translate
from app.realtime.outbox import Outgoing
from app.telemetry.signals import Signal
from app.telemetry.tasks import Tasks

EVENTS_AT_ONCE = 500
NAMESPACE_WITHIN_S = 20.0
HEADER = re.compile(r"[25](?:\d+-)?(?P<namespace>/[^,?]*)?(?:\?[^,]*)?,?(?P<id>\d{1,100})")
NONSENSE = (ValueError, TypeError, IndexError, AttributeError, KeyError, RecursionError)

log = structlog.get_logger("socketio")


class Answering(Protocol):
    """A namespace that answers the events of its clients."""

    async def answer(self, sid: str, event: str, arguments: list[Any]) -> Answer: ...


@dataclass
class Visit:
    """One transport from its handshake to its end, and how many events of it may be answered."""

    deadline: asyncio.TimerHandle
    line: str = field(default_factory=new_id)
    is_admitted: bool = False
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EVENTS_AT_ONCE))


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    """Engine.IO v4 and Socket.IO v5. `tasks` owns the answering of events.

    `opened` tells of each transport once somebody was recognised on it.
    """

    def __init__(self, tasks: Tasks, **options: Any) -> None:
        super().__init__(**options)
        self.opened: Signal[Connection] = Signal("opened")
        self._tasks = tasks
        self._visits: dict[str, Visit] = {}

    def engine_socket(self, eio_sid: str) -> AsyncSocket | None:
        """The Engine.IO connection, or None when it is gone."""
        found: AsyncSocket | None = self.eio.sockets.get(eio_sid)
        return found

    def transports(self) -> Counter[str]:
        """How many transports are open, by kind."""
        return Counter(transport.kind(socket) for socket in list(self.eio.sockets.values()))

    def line(self, eio_sid: str) -> str:
        """The name of a transport that may be told: with its `eio_sid` one could speak on it."""
        visit = self._visits.get(eio_sid)
        return visit.line if visit else ""

    def admitted(self, eio_sid: str, connection: Connection) -> None:
        """Somebody was recognised on this transport; the first time is when it was opened."""
        visit = self._visits.get(eio_sid)
        if visit is not None and not visit.is_admitted:
            visit.is_admitted = True
            self.opened.tell(connection)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of Engine.IO. Raises ParleyErrors; nonsense ends its connection."""
        try:
            response: web.StreamResponse = await super().handle_request(request)
        except (Invalid, TooLarge):
            if socket := self.engine_socket(request.query.get("sid", "")):
                await transport.end(socket, self.reason.TRANSPORT_ERROR)
            raise
        return response

    def write(self, eio_sid: str, outgoing: Outgoing) -> None:
        """Queue a packet; a reader that can't keep up is cut off and resumes from its cursor."""
        socket = self.engine_socket(eio_sid)
        if socket is None or not transport.is_open(socket):
            return
        socket.queue.put_nowait(outgoing)
        if socket.queue.is_overflowing:
            log.info("slow reader", packets=socket.queue.qsize())
            socket.queue.clear()
            self._cut_off(socket)

    def _cut_off(self, socket: AsyncSocket) -> None:
        self.spawn(transport.cut_off(socket, self.reason.TRANSPORT_ERROR), f"cut off {socket.sid}")

    def hang_up(self, eio_sid: str, namespace: str) -> None:
        """End the connection of someone who may not be here any more."""
        if socket := self.engine_socket(eio_sid):
            goodbye = packets.farewell(namespace)
            ending = transport.hang_up(socket, goodbye, self.reason.SERVER_DISCONNECT)
            self.spawn(ending, f"hang up {eio_sid}")

    async def send_away(self) -> None:
        """Close every transport, so that clients come back by themselves."""
        for socket in list(self.eio.sockets.values()):
            await transport.send_away(socket, self.reason.SERVER_DISCONNECT)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None:
        """Run `work` in the background; None while everything ends anyway."""
        try:
            return self._tasks.spawn(work, name)
        except RuntimeError:
            return None

    # What Engine.IO reports.

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        transport.bound(self.eio.sockets[eio_sid])
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(NAMESPACE_WITHIN_S, self._end_unless_connected, eio_sid)
        self._visits[eio_sid] = Visit(deadline)

    def _end_unless_connected(self, eio_sid: str) -> None:
        """A transport that never says who it is takes the place of somebody else."""
        spaces = list(self.manager.get_namespaces())
        if any(self.manager.sid_from_eio_sid(eio_sid, space) for space in spaces):
            return
        if socket := self.engine_socket(eio_sid):
            self._cut_off(socket)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        if visit := self._visits.pop(eio_sid, None):
            visit.deadline.cancel()
        self._binary_packet.pop(eio_sid, None)
        socket = self.engine_socket(eio_sid)
        if socket and reason in (self.reason.CLIENT_DISCONNECT, self.reason.TRANSPORT_CLOSE):
            # Lets a request go that waits for packets; it would hang until the next time-out.
            socket.queue.put_nowait(None)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        if eio_sid not in self._visits:
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except NONSENSE as error:
            self._binary_packet.pop(eio_sid, None)
            log.info("malformed packet", reason=type(error).__name__)
            await self._refuse_packet(eio_sid, data)

    async def _refuse_packet(self, eio_sid: str, data: Any) -> None:
        """Answer a malformed event that wants an answer; end a connection that speaks nonsense."""
        header = HEADER.match(data) if isinstance(data, str) else None
        if header is not None:
            self._refuse(eio_sid, header["namespace"] or "/", int(header["id"]), no_event())
        elif socket := self.engine_socket(eio_sid):
            await transport.end(socket, self.reason.SERVER_DISCONNECT)

    # What Socket.IO makes of it.

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        namespace = namespace or "/"
        if namespace not in self.namespace_handlers:
            unknown = NotFound(f"There is no namespace {namespace[:64]}.")
            self.write(eio_sid, Outgoing(packets.connect_error(namespace, unknown)))
            return
        await super()._handle_connect(eio_sid, namespace, data)
        if eio_sid not in self._visits:  # It left while it was let in.
            await self._handle_disconnect(eio_sid, namespace)

    async def _handle_event(
        self,
        eio_sid: str,
        namespace: str | None,
        id: int | None,  # noqa: A002  # python-socketio's name
        data: Any,
    ) -> None:
        namespace = namespace or "/"
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            if id is None:
                raise ValueError("an event is a list that begins with its name")
            self._refuse(eio_sid, namespace, id, no_event())
        elif not self.manager.is_connected(sid, namespace):
            error = Unauthenticated("Connect to this namespace first.")
            self._refuse(eio_sid, namespace, id, error)
        else:
            await self._begin(eio_sid, sid, namespace, id, data)

    async def _begin(
        self, eio_sid: str, sid: str, namespace: str, ack: int | None, data: list[Any]
    ) -> None:
        # Past the limit this client is not read any further until an answer is done.
        slots = self._visits[eio_sid].slots
        await slots.acquire()
        task = self.spawn(self._answer(eio_sid, sid, namespace, ack, data), "answer")
        if task is not None:
            task.add_done_callback(lambda _: slots.release())
            return
        slots.release()
        error = Unavailable("The server is stopping; please try again.", retry_after=1)
        self._refuse(eio_sid, namespace, ack, error)

    async def _answer(
        self, eio_sid: str, sid: str, namespace: str, ack: int | None, data: list[Any]
    ) -> None:
        # Never through python-socketio's dispatch: a client could call its event "disconnect".
        feature: Answering = self.namespace_handlers[namespace]
        answer = await feature.answer(sid, data[0], data[1:])
        if ack is not None:
            self.write(eio_sid, _outgoing(namespace, ack, answer))
        if answer.then is not None:
            answer.then()

    def _refuse(self, eio_sid: str, namespace: str, ack: int | None, error: ParleyError) -> None:
        if ack is not None:
            self.write(eio_sid, _refusal(namespace, ack, error))


def _outgoing(namespace: str, ack: int, answer: Answer) -> Outgoing:
    gone = NotFound("There is no such room, or it is private.")
    text = packets.acknowledgement(namespace, ack, answer.payload)
    return Outgoing(text, answer.topic, lambda: _refusal(namespace, ack, gone))


def _refusal(namespace: str, ack: int, error: ParleyError) -> Outgoing:
    return Outgoing(packets.acknowledgement(namespace, ack, error.as_result()))


def no_event() -> Invalid:
    return Invalid("This is not an event: expected [name, payload].")


def make_server(
    *, heartbeat_interval: float, connection_timeout: float, tasks: Tasks
) -> SocketServer:
    """A server that pings every `heartbeat_interval` seconds and gives up on a peer that was silent
    for `connection_timeout` seconds. Origins are checked before a request reaches it."""
    # What peers do wrong is theirs, and refused; engineio would log each as a traceback.
    quiet = logging.getLogger("parley.engineio")
    quiet.setLevel(logging.CRITICAL)
    server = SocketServer(
        tasks,
        async_mode="aiohttp",
        cors_allowed_origins=[],
        json=json,
        serializer=packets.StrictPacket,
        ping_interval=heartbeat_interval,
        ping_timeout=max(connection_timeout - heartbeat_interval, 1),
        max_http_buffer_size=MAX_PACKET_BYTES,
        logger=quiet,
        engineio_logger=quiet,
    )
    # engineio offers no public way to bring an own WebSocket.
    own = {"websocket": StrictWebSocket, "translate_request": translate}
    server.eio._async = {**driver._async, **own}  # noqa: SLF001
    return server
