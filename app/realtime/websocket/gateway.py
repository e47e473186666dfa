"""Plain WebSockets: `/ws`, one connection over the events of all features, and `/ws/echo`."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from aiohttp import WSMsgType, hdrs, web

from app.errors import Invalid
from app.loop_pacing import Pace, pieces_of
from app.realtime.admission import Admission
from app.realtime.connections import Connection
from app.realtime.draining import LEAVING, SendBack
from app.realtime.line.frame import Frame
from app.realtime.line.heartbeat import BEATS_A_TURN
from app.realtime.line.open_lines import OpenLines
from app.realtime.namespace import ServedNamespace
from app.realtime.pool import FULL, Lease
from app.realtime.websocket.client_socket import ClientSocket, Close
from app.realtime.websocket.connection import event_frame
from app.realtime.websocket.message_loop import LoopContext, MessageLoop
from app.settings import Settings
from app.signals import Signal
from app.telemetry.metrics import Gauge
from app.telemetry.tasks import Tasks
from app.web import request_info
from app.web.authentication import SessionLookup, TokenLookup, find_caller
from app.web.error_responses import INTERNAL_MESSAGE
from app.web.route_helpers import reply
from app.web.routing import Route

VERSION = "13"
STOP_WITHIN_S = 1.0
# An echo needs no sign-in, so it frees its lease for others after this.
ANONYMOUS_FOR_S = 300.0
OVER = "That was five minutes; connect anew."


class Gateway:
    """Every plain WebSocket of this server. `opened` tells of each once a person has
    signed in."""

    def __init__(
        self,
        admission: Admission,
        sessions: SessionLookup,
        tokens: TokenLookup,
        tasks: Tasks,
        settings: Settings,
    ) -> None:
        self.opened: Signal[Connection] = Signal("opened")
        self._admission = admission
        self._sessions = sessions
        self._tokens = tokens
        self._settings = settings
        self._clients: OpenLines[ClientSocket] = OpenLines()
        self._beats = Pace(at_once=BEATS_A_TURN)
        self._context = LoopContext(
            namespaces=[],
            resolve=tokens.resolve,
            opened=self.opened.tell,
            spawn=tasks.spawn,
            heartbeat_interval_s=settings.heartbeat_interval,
        )

    def __len__(self) -> int:
        return len(self._clients)

    def transports(self) -> Counter[str]:
        """How many are open, by kind."""
        return Counter(websocket=len(self))

    def gauges(self) -> list[Gauge]:
        """The figures on `/metrics`."""
        return [Gauge("plain_connections", "Open plain WebSockets.", lambda: len(self))]

    def serve(self, namespace: ServedNamespace) -> None:
        """Answer the events of one more feature."""
        for other in self._context.namespaces:
            if twice := other.dispatcher.names & namespace.dispatcher.names:
                raise ValueError(f"{namespace.name} and {other.name} both have {sorted(twice)}.")
        self._context.namespaces.append(namespace)

    def routes(self) -> list[Route]:
        return [Route("GET", "/ws", self.session), Route("GET", "/ws/echo", self.echo)]

    async def session(self, request: web.Request) -> web.StreamResponse:
        """A client of the features. Raises ParleyErrors before the upgrade."""
        with self._lease(request) as lease:
            if refusal := _upgrade_refusal(request):
                return refusal
            moments = [namespace.connections.moment for namespace in self._context.namespaces]
            known = await find_caller(request, self._sessions, self._tokens)
            if known is not None:
                lease.sign_in(known.user.id)
            async with self._open(request, lease) as socket:
                address = request_info.address(request)
                session = MessageLoop(self._context, socket, address, known, moments, lease.sign_in)
                await session.run()
        return socket.response

    async def echo(self, request: web.Request) -> web.StreamResponse:
        """Send back what comes, for a while: for trying whether WebSockets get through."""
        with self._lease(request) as lease:
            if refusal := _upgrade_refusal(request):
                return refusal
            lease.stay_anonymous()
            async with self._open(request, lease) as socket:
                loop = asyncio.get_running_loop()
                ending = loop.call_later(ANONYMOUS_FOR_S, socket.end, Close.TRY_LATER, OVER)
                try:
                    await self._echo(socket)
                finally:
                    ending.cancel()
        return socket.response

    async def _echo(self, socket: ClientSocket) -> None:
        while (message := await socket.next_message()) is not None:
            await self._context.reading.turn(pieces_of(message.data))
            if message.type is WSMsgType.TEXT:
                socket.line.write(Frame(b"Echo: " + message.data.encode()))
            else:
                socket.line.write(Frame(message.data, kind=WSMsgType.BINARY))
            # A client that doesn't read isn't read from either.
            await socket.line.drained()

    @contextmanager
    def _lease(self, request: web.Request) -> Iterator[Lease]:
        """A lease of the pool. Raises Forbidden, RateLimited, Unavailable."""
        lease = self._admission.admit(request)
        try:
            yield lease
        finally:
            lease.end()

    @asynccontextmanager
    async def _open(self, request: web.Request, lease: Lease) -> AsyncIterator[ClientSocket]:
        """A WebSocket that counts from its handshake to its end."""
        socket = ClientSocket(self._settings, self._beats)
        with self._clients.counted(socket):
            await socket.open(request)
            if lease.user is None:
                lease.give_way = partial(socket.give_way, FULL)
            try:
                yield socket
            except Exception:
                socket.end(Close.TRY_LATER, INTERNAL_MESSAGE)
                raise
            finally:
                await socket.close()

    def staying(self) -> list[SendBack]:
        """A function for each client that sends it back."""
        clients = [client for client in self._clients if not client.line.is_ending]
        return [partial(self._send_back, client) for client in clients]

    @staticmethod
    def _send_back(client: ClientSocket, after_ms: int) -> None:
        client.line.write(event_frame(LEAVING, {"after_ms": after_ms}))
        client.end(Close.STOPPING, "This node is being taken out; come back.", keeps_waiting=True)

    async def send_away(self) -> None:
        """Close every line, so that clients come back by themselves; those that stay are cut."""
        for socket in self._clients:
            socket.end(Close.STOPPING, "The server is stopping.", keeps_waiting=True)
        await self._clients.end_within(STOP_WITHIN_S)


def _upgrade_refusal(request: web.Request) -> web.Response | None:
    """The answer to a request that asks for no upgrade; None where it asks for one."""
    headers = request.headers
    is_upgrade = headers.get(hdrs.UPGRADE, "").strip().lower() == "websocket"
    if is_upgrade and headers.get(hdrs.SEC_WEBSOCKET_VERSION) == VERSION:
        return None
    wanted = Invalid("This address speaks WebSocket, version 13.")
    answer = reply({"error": wanted.as_error()}, status=426)
    answer.headers[hdrs.UPGRADE] = "websocket"
    answer.headers[hdrs.CONNECTION] = "Upgrade"
    answer.headers[hdrs.SEC_WEBSOCKET_VERSION] = VERSION
    return answer
