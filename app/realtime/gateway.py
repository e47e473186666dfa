"""Plain WebSocket: `/ws`, one connection over the tables of all features, `/ws/echo`, and the page
that tries whether they get through."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, hdrs, web

from app.accounts.sessions import Sessions
from app.accounts.tokens import Tokens
from app.errors import Invalid
from app.realtime import check_page
from app.realtime.admission import Admission
from app.realtime.connections import Connection
from app.realtime.plain_line import Close, Frame, Line
from app.realtime.visit import Host, Place, Visit
from app.settings import Settings
from app.telemetry.signals import Signal
from app.telemetry.tasks import Tasks
from app.web import visitor
from app.web.failures import INTERNAL_MESSAGE
from app.web.http import reply
from app.web.identity import proved

VERSION = "13"
STOP_WITHIN_S = 1.0


class Gateway:
    """Every plain WebSocket of this server. `opened` tells of each once somebody was recognised."""

    def __init__(
        self,
        admission: Admission,
        sessions: Sessions,
        tokens: Tokens,
        tasks: Tasks,
        settings: Settings,
    ) -> None:
        self.opened: Signal[Connection] = Signal("opened")
        self._admission = admission
        self._sessions = sessions
        self._tokens = tokens
        self._settings = settings
        self._lines: dict[Line, asyncio.Event] = {}
        self._host = Host(
            places=[],
            resolve=tokens.resolve,
            opened=self.opened.tell,
            spawn=tasks.spawn,
            heartbeat_interval_s=settings.heartbeat_interval,
        )
        admission.open.append(self.__len__)

    def __len__(self) -> int:
        return len(self._lines)

    def transports(self) -> Counter[str]:
        """How many are open, by kind."""
        return Counter(websocket=len(self))

    def serve(self, place: Place) -> None:
        """Answer the events of one more feature."""
        for other in self._host.places:
            if twice := other.dispatcher.names & place.dispatcher.names:
                raise ValueError(f"{place.name} and {other.name} both have {sorted(twice)}.")
        self._host.places.append(place)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/ws", self.visit),
            web.get("/ws/echo", self.echo),
            *check_page.routes(),
        ]

    async def visit(self, request: web.Request) -> web.StreamResponse:
        """A client of the features. Raises ParleyErrors before the upgrade."""
        if refusal := self._refusal(request):
            return refusal
        moments = [place.connections.moment for place in self._host.places]
        known = await proved(request, self._sessions, self._tokens)
        async with self._open(request) as line:
            await Visit(self._host, line, visitor.address(request), known, moments).run()
        return line.response

    async def echo(self, request: web.Request) -> web.StreamResponse:
        """Say what is said, for trying whether WebSockets get through."""
        if refusal := self._refusal(request):
            return refusal
        async with self._open(request) as line:
            while (message := await line.next_message()) is not None:
                if message.type is WSMsgType.TEXT:
                    line.write(Frame(b"Echo: " + message.data.encode()))
                else:
                    line.write(Frame(message.data, kind=WSMsgType.BINARY))
                # Who doesn't read isn't read from either.
                await line.drained()
        return line.response

    def _refusal(self, request: web.Request) -> web.Response | None:
        """What is answered instead of the upgrade. Raises Forbidden, RateLimited, Unavailable."""
        self._admission.admit(request)
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

    @asynccontextmanager
    async def _open(self, request: web.Request) -> AsyncIterator[Line]:
        """A line that counts from its handshake to its end."""
        line = Line(
            self._settings.heartbeat_interval,
            self._settings.connection_timeout,
            writes_straight=self._settings.direct_writes,
        )
        over = self._lines[line] = asyncio.Event()
        try:
            await line.open(request)
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
