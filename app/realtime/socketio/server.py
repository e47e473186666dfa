"""The Socket.IO server: python-socketio on aiohttp, strict where the stock one is lenient.

An invalid packet from a client affects only its own connection and is never logged as a traceback.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import socketio
import structlog
from socketio import packet

from app.errors import Invalid, ParleyError, Unauthenticated, Unavailable
from app.library_versions import require_pinned
from app.loop_pacing import Pace
from app.realtime.connections import Connection
from app.realtime.dispatch import Answer
from app.realtime.draining import LEAVING, SendBack
from app.realtime.line.frame import Frame
from app.realtime.socketio import packets
from app.realtime.socketio.engineio_server import MAX_PACKET_BYTES, StrictEngine, options, quiet_log
from app.realtime.socketio.engineio_socket import StrictSocket
from app.realtime.socketio.letting_in import Answering, let_in
from app.realtime.socketio.socketio_manager import IndexedManager
from app.realtime.socketio.transport import Transport
from app.signals import Signal
from app.telemetry.metrics import Gauge
from app.telemetry.tasks import Tasks

ARRIVALS_A_TURN = 8
EVENTS = (packet.EVENT, packet.BINARY_EVENT)
NONSENSE = (ValueError, TypeError, IndexError, AttributeError, KeyError, RecursionError)

log = structlog.get_logger("socketio")

require_pinned("python-socketio")


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    """Engine.IO v4 and Socket.IO v5. `tasks` owns the answering of events.

    `opened` tells of each transport once a person has signed in over it.
    """

    def __init__(self, tasks: Tasks, **options: Any) -> None:
        super().__init__(client_manager=IndexedManager(), tasks=tasks, **options)
        self.opened: Signal[Connection] = Signal("opened")
        self._tasks = tasks
        self._transports: dict[str, Transport] = {}  # by Engine.IO id
        self._answering: dict[str, Answering] = {}
        # Letting one in takes about a millisecond.
        self.arrivals = Pace(at_once=ARRIVALS_A_TURN)

    def register_namespace(self, namespace_handler: socketio.AsyncNamespace) -> None:
        """Let `namespace_handler` answer what comes to its namespace."""
        super().register_namespace(namespace_handler)
        # Asked here and not for each event: to look whether it has a method takes ten microseconds.
        name: str = namespace_handler.namespace
        if isinstance(namespace_handler, Answering):
            self._answering[name] = namespace_handler

    def engine_socket(self, eio_sid: str) -> StrictSocket | None:
        """The Engine.IO connection, or None when it is gone."""
        found: StrictSocket | None = self.eio.sockets.get(eio_sid)
        return found

    def transports(self) -> Counter[str]:
        """How many transports are open, by kind."""
        websockets = self.eio.websockets
        return Counter(websocket=websockets, polling=max(0, len(self.eio.sockets) - websockets))

    def gauges(self) -> list[Gauge]:
        """The figures on `/metrics`."""
        return [Gauge("connections", "Open Socket.IO transports.", lambda: len(self.eio.sockets))]

    def signed_in(self, eio_sid: str, connection: Connection) -> None:
        """Note a sign-in over this transport; with the first one it counts as opened.

        Raises RateLimited where they have too many, Unavailable where it has just given way.
        """
        transport = self._transports.get(eio_sid)
        if transport is not None and transport.sign_in(connection.user_id):
            self.opened.tell(connection)

    def signed_out(self, eio_sid: str) -> None:
        """Note that the person has left a namespace of this transport."""
        if transport := self._transports.get(eio_sid):
            transport.sign_out()

    def _engineio_server_class(self) -> type[StrictEngine]:
        return StrictEngine

    def write(self, eio_sid: str, frame: Frame) -> None:
        """Write to the client of this transport, where it is still there."""
        if socket := self.eio.sockets.get(eio_sid):
            socket.line.write(frame)

    def cut_off(self, eio_sid: str) -> None:
        """End this transport without a word."""
        if socket := self.engine_socket(eio_sid):
            self.spawn(socket.cut_off(), f"cut off {eio_sid}")

    def hang_up(self, eio_sid: str, namespace: str) -> None:
        """End the transport of a client that may not use `namespace` any more."""
        if socket := self.engine_socket(eio_sid):
            self.spawn(socket.hang_up(packets.farewell(namespace)), f"hang up {eio_sid}")

    async def send_away(self) -> None:
        """Close every transport, so that clients come back by themselves."""
        for socket in list(self.eio.sockets.values()):
            await socket.send_away()

    def staying(self) -> list[SendBack]:
        """A function for each open transport that sends it back."""
        sockets = list(self.eio.sockets.values())
        return [partial(self._send_back, socket) for socket in sockets if socket.is_open]

    def _send_back(self, socket: StrictSocket, after_ms: int) -> None:
        for namespace in self._answering:
            if self.manager.sid_from_eio_sid(socket.sid, namespace):
                socket.line.write(packets.event(namespace, LEAVING, {"after_ms": after_ms}))
        self.spawn(socket.send_away(), f"send back {socket.sid}")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None:
        """Run `work` in the background; None while everything ends anyway."""
        task: asyncio.Task[None] | None = self.eio.spawn(work, name)
        return task

    # Callbacks of Engine.IO.

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self._transports[eio_sid] = Transport(self, eio_sid, environ["aiohttp.request"])

    def is_open_to_all(self, eio_sid: str) -> bool:
        """Whether it is connected to a namespace that is no feature's."""
        spaces = [name for name in self.manager.get_namespaces() if name not in self._answering]
        return any(self.manager.sid_from_eio_sid(eio_sid, space) for space in spaces)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        if transport := self._transports.pop(eio_sid, None):
            transport.end()
        self._binary_packet.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        if eio_sid not in self._transports:
            return
        try:
            head = None if eio_sid in self._binary_packet else packets.head_of(data)
            if head is not None and head.kind == packet.EVENT and not head.attachments:
                # Hot path: without the packet object, which nobody looks at.
                said = packets.content(data, head)
                await self._handle_event(eio_sid, head.namespace, head.id, said)
            else:
                await super()._handle_eio_message(eio_sid, data)
        except NONSENSE as error:
            self._binary_packet.pop(eio_sid, None)
            log.info("malformed packet", reason=type(error).__name__)
            await self._refuse_packet(eio_sid, data)

    async def _refuse_packet(self, eio_sid: str, data: Any) -> None:
        """Answer a malformed event that wants an answer; end a connection that speaks nonsense."""
        head = packets.head_of(data)
        if head is not None and head.kind in EVENTS and head.id is not None:
            self._refuse(eio_sid, head.namespace or "/", head.id, no_event())
        elif socket := self.engine_socket(eio_sid):
            await socket.close()

    # Socket.IO's packets.

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        namespace = namespace or "/"
        if namespace not in self.namespace_handlers:
            self.write(eio_sid, packets.unknown_namespace(namespace))
            return
        await self.arrivals.turn()
        environ, feature = self.environ.get(eio_sid), self._answering.get(namespace)
        if environ is None:
            return  # It left while it waited.
        if feature is None:
            await super()._handle_connect(eio_sid, namespace, data)
        else:
            await let_in(feature, self.manager, eio_sid, environ, namespace, data, self.write)
        if eio_sid not in self._transports:  # It left while it was let in.
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
        slots = self._transports[eio_sid].slots
        await slots.acquire()
        try:
            answering = self._answer_within(slots, eio_sid, sid, namespace, ack, data)
            self._tasks.spawn(answering, "answer")
        except RuntimeError:
            slots.release()
            error = Unavailable("The server is stopping; please try again.", retry_after=1)
            self._refuse(eio_sid, namespace, ack, error)

    async def _answer_within(
        self,
        slots: asyncio.Semaphore,
        eio_sid: str,
        sid: str,
        namespace: str,
        ack: int | None,
        data: list[Any],
    ) -> None:
        try:
            await self._answer(eio_sid, sid, namespace, ack, data)
        finally:
            slots.release()

    async def _answer(
        self, eio_sid: str, sid: str, namespace: str, ack: int | None, data: list[Any]
    ) -> None:
        feature = self._answering.get(namespace)
        if feature is None:
            await self._answer_plainly(eio_sid, sid, namespace, ack, data)
            return
        # Never through python-socketio's dispatch: a client could call its event "disconnect".
        answer = await feature.answer(sid, data[0], data[1:])
        if ack is not None:
            self.write(eio_sid, _acknowledgement(namespace, ack, answer))
        if answer.then is not None:
            answer.then()

    async def _answer_plainly(
        self, eio_sid: str, sid: str, namespace: str, ack: int | None, data: list[Any]
    ) -> None:
        if data[0] in self.reserved_events:
            self._refuse(eio_sid, namespace, ack, no_event())
            return
        await self._handle_event_internal(self, sid, eio_sid, data, namespace, ack)

    def _refuse(self, eio_sid: str, namespace: str, ack: int | None, error: ParleyError) -> None:
        if ack is not None:
            self.write(eio_sid, _refusal(namespace, ack, error))


def _acknowledgement(namespace: str, ack: int, answer: Answer) -> Frame:
    """The answer to event number `ack`; another one where what it tells of is taken back."""
    instead = None
    if answer.revoked is not None:
        instead = partial(_revoked, namespace, ack, answer.revoked)
    return packets.acknowledgement(namespace, ack, answer.payload, answer.stream, instead)


def _revoked(namespace: str, ack: int, error: Callable[[], ParleyError]) -> Frame:
    return _refusal(namespace, ack, error())


def _refusal(namespace: str, ack: int, error: ParleyError) -> Frame:
    return packets.acknowledgement(namespace, ack, error.as_result())


def no_event() -> Invalid:
    return Invalid("This is not an event: expected [name, payload].")


def make_server(
    *,
    heartbeat_interval: float,
    connection_timeout: float,
    tasks: Tasks,
    max_packet_bytes: int = MAX_PACKET_BYTES,
    writes_straight: bool = True,
    sid_prefix: str = "",
) -> SocketServer:
    """A server that pings every `heartbeat_interval` seconds and gives up on a peer that was silent
    for `connection_timeout` seconds. Origins are checked before a request reaches it. Unless it
    `writes_straight`, everything passes through the clients' outboxes. Session ids begin with
    `sid_prefix`.

    Namespaces are `Answering` ones, or any of python-socketio's. `attach(app)` serves it alone.
    """
    return SocketServer(
        tasks,
        serializer=packets.StrictPacket,
        logger=quiet_log(),
        engineio_logger=quiet_log(),
        writes_straight=writes_straight,
        sid_prefix=sid_prefix,
        **options(heartbeat_interval, connection_timeout, max_packet_bytes),
    )
