"""Plain WebSocket: `/ws`, one connection over the tables of all features, `/ws/echo`, and the page
that tries whether they get through."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from aiohttp import WSMsgType, hdrs, web

from app.errors import Invalid
from app.realtime.admission import Admission
from app.realtime.connections import Connection
from app.realtime.namespace import ServedNamespace
from app.realtime.pool import FULL, Lease
from app.realtime.websocket.frame_rules import pieces_of
from app.realtime.websocket.line import Close, Frame, Line
from app.realtime.websocket.session import SessionContext, WebSocketSession
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.telemetry.signals import Signal
from app.telemetry.tasks import Tasks
from app.web import connection_check, request_info
from app.web.authentication import SessionLookup, TokenLookup, find_caller
from app.web.error_responses import INTERNAL_MESSAGE
from app.web.http import reply
from app.web.routing import Route

VERSION = "13"
STOP_WITHIN_S = 1.0
# An echo needs no sign-in, so it frees its lease for others after this.
ANONYMOUS_FOR_S = 300.0
OVER = "That was five minutes; connect anew."


class Gateway:
    """Every plain WebSocket of this server. `opened` tells of each once somebody was recognised."""

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
        self._lines: dict[Line, asyncio.Event] = {}
        self._context = SessionContext(
            namespaces=[],
            resolve=tokens.resolve,
            opened=self.opened.tell,
            spawn=tasks.spawn,
            heartbeat_interval_s=settings.heartbeat_interval,
        )

    def __len__(self) -> int:
        return len(self._lines)

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
        return [
            Route("GET", "/ws", self.session),
            Route("GET", "/ws/echo", self.echo),
            *connection_check.routes(),
        ]

    async def session(self, request: web.Request) -> web.StreamResponse:
        """A client of the features. Raises ParleyErrors before the upgrade."""
        with self._lease(request) as lease:
            if refusal := _upgrade_refusal(request):
                return refusal
            moments = [namespace.connections.moment for namespace in self._context.namespaces]
            known = await find_caller(request, self._sessions, self._tokens)
            if known is not None:
                lease.sign_in(known.user.id)
            async with self._open(request, lease) as line:
                address = request_info.address(request)
                await WebSocketSession(
                    self._context, line, address, known, moments, lease.sign_in
                ).run()
        return line.response

    async def echo(self, request: web.Request) -> web.StreamResponse:
        """Say what is said, for a while: for trying whether WebSockets get through."""
        with self._lease(request) as lease:
            if refusal := _upgrade_refusal(request):
                return refusal
            lease.stay_anonymous()
            async with self._open(request, lease) as line:
                loop = asyncio.get_running_loop()
                ending = loop.call_later(ANONYMOUS_FOR_S, line.end, Close.TRY_LATER, OVER)
                try:
                    await self._say_what_is_said(line)
                finally:
                    ending.cancel()
        return line.response

    async def _say_what_is_said(self, line: Line) -> None:
        while (message := await line.next_message()) is not None:
            await self._context.reading.turn(pieces_of(message.data))
            if message.type is WSMsgType.TEXT:
                line.write(Frame(b"Echo: " + message.data.encode()))
            else:
                line.write(Frame(message.data, kind=WSMsgType.BINARY))
            # A client that doesn't read isn't read from either.
            await line.drained()

    @contextmanager
    def _lease(self, request: web.Request) -> Iterator[Lease]:
        """A lease of the pool. Raises Forbidden, RateLimited, Unavailable."""
        lease = self._admission.admit(request)
        try:
            yield lease
        finally:
            lease.end()

    @asynccontextmanager
    async def _open(self, request: web.Request, lease: Lease) -> AsyncIterator[Line]:
        """A line that counts from its handshake to its end."""
        line = Line(
            self._settings.heartbeat_interval,
            self._settings.connection_timeout,
            writes_straight=self._settings.direct_writes,
        )
        over = self._lines[line] = asyncio.Event()
        try:
            await line.open(request)
            if lease.user is None:
                lease.give_way = partial(line.give_way, FULL)
            try:
                yield line
            except Exception:
                line.end(Close.TRY_LATER, INTERNAL_MESSAGE)
                raise
            finally:
                await line.close()
        finally:
            del self._lines[line]
            over.set()

    async def send_away(self) -> None:
        """Close every line, so that clients come back by themselves; those that stay are cut."""
        ending = dict(self._lines)
        for line in ending:
            line.end(Close.STOPPING, "The server is stopping.", after_what_waits=True)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                for over in ending.values():
                    await over.wait()
        except TimeoutError:
            for line in list(self._lines):
                line.abort()


def _upgrade_refusal(request: web.Request) -> web.Response | None:
    """What is answered instead of the upgrade to somebody who didn't ask for one."""
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
