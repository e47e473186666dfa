"""aiohttp's server, with our answer to unreadable requests and with work in portions.

aiohttp itself answers unreadable requests past all middlewares: in its parser's words, with a
traceback in the log and without our headers. All that Parley overrides of aiohttp's server, or
reads of its private state, stands here.
"""

import asyncio
import socket
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, cast

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from app.errors import Invalid, ParleyError, Unavailable
from app.library_versions import require_pinned
from app.loop_pacing import Pace
from app.security.headers import OUTSIDE_MIDDLEWARE
from app.web.request_body import BYTES_A_TURN, PACE

UNREADABLE = "This is not an HTTP request that can be read."
TOO_LONG = "The address or a header of this request is too long."
# These are parsed or repeated, and must be ASCII (RFC 9110, section 5.5).
ASCII_HEADERS = (hdrs.HOST, hdrs.EXPECT, hdrs.SEC_WEBSOCKET_KEY)
# Load balancers take this server out when these answers are late.
NEVER_WAIT = frozenset({"/healthz", "/readyz"})
# Most of the cost of a closed connection follows in the tasks that it wakes.
DEPARTURES_A_TURN = 40
REQUESTS_A_TURN = 16

require_pinned("aiohttp")

log = structlog.get_logger("web")
security = structlog.get_logger("security")


class Runner(web.AppRunner):
    """An AppRunner of which every connection is a `Connection`."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        handle = made.request_handler

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if not all(request.headers.get(name, "").isascii() for name in ASCII_HEADERS):
                note_unreadable(request, UnicodeError.__name__)
                return refused(HTTPStatus.BAD_REQUEST, None)
            if request.path not in NEVER_WAIT:
                await server.requests.turn()
            request[PACE] = server.bodies
            try:
                return await handle(request)
            except web.HTTPException as error:
                # A header `Expect` that aiohttp does not know: no middleware has run yet.
                if error.status < HTTPStatus.BAD_REQUEST:
                    raise
                return refused(error.status, None)

        server = Server(
            answer,
            request_factory=made.request_factory,
            **made._kwargs,  # noqa: SLF001  # aiohttp has no other way to choose the protocol
        )
        return server

    def listening_sockets(self) -> list[socket.socket]:
        """The sockets that connections are accepted from."""
        servers: list[Any] = [site._server for site in self.sites]  # noqa: SLF001  # not public
        return [each for server in servers for each in server.sockets]


class Watch(Protocol):
    """Is called with each connection that is accepted and at its end."""

    def opened(self, connection: "Connection") -> None: ...

    def closed(self, connection: "Connection") -> None: ...


class Server(web.Server):
    """Makes a `Connection` for each client.

    Connections that close together and requests that come together are handled in portions, a
    portion a turn of the event loop, so that other work comes in between.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departures = Pace(at_once=DEPARTURES_A_TURN)
        self.requests = Pace(at_once=REQUESTS_A_TURN)
        self.bodies = Pace(at_once=BYTES_A_TURN)
        self.watch: Watch | None = None

    @property
    def open_connections(self) -> Iterable["Connection"]:
        """Those that have not been seen off."""
        return cast("Iterable[Connection]", self._connections)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Overrides aiohttp's, to tell `watch`."""
        super().connection_made(handler, transport)
        if self.watch is not None and isinstance(handler, Connection):
            self.watch.opened(handler)

    def __call__(self) -> "Connection":
        return Connection(self, loop=self._loop, **self._kwargs)

    def going_on(self, received: bytes) -> "ReceivedConnection":
        """A connection on which another process has `received` a request that is ours."""
        return ReceivedConnection(self, received, loop=self._loop, **self._kwargs)


class Connection(RequestHandler):
    """One client's connection."""

    __slots__ = ()

    async def start(self) -> None:
        """Overrides aiohttp's: a connection that was refused when it was made has ended already."""
        if self._manager is not None:
            await super().start()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Overrides aiohttp's, to handle closed connections in portions."""
        server = self._manager
        if isinstance(server, Server):
            if server.watch is not None:
                server.watch.closed(self)
            server.departures.run(partial(super().connection_lost, exc))
        else:
            super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # the parser's words, with parts of the request
    ) -> web.StreamResponse:
        """The answer to an error outside of the middlewares; the connection ends with it.

        Raises ConnectionError where an answer is under way.
        """
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            note_unreadable(request, type(exc).__name__)
        else:
            log.error("unexpected_error", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("An answer is under way.")
        return refused(status, exc)

    # The activity of a connection is read from aiohttp's own state when it is needed: recording it
    # would slow every request.

    @property
    def has_asked(self) -> bool:
        """Whether a request of it was ever read to its end."""
        return self._request_count > 0

    def is_open(self) -> bool:
        """Whether it has not been ended yet."""
        return self.transport is not None and not self.transport.is_closing()

    def is_idle(self) -> bool:
        """Whether it waits for a request: its first one, or the next; all of its headers."""
        waiter = self._waiter
        return waiter is not None and not waiter.done() and self.is_open()

    def is_answering(self) -> bool:
        """Whether a request is worked on that is no WebSocket."""
        return self._request_in_progress and not self._upgraded and self.is_open()

    def is_sending(self) -> bool:
        """Whether the body of its request has not all arrived."""
        request = self._current_request
        return self.is_answering() and request is not None and not request.content.is_eof()

    def idle_since(self) -> float:
        """When it became idle, by the loop's clock: when it was made, or after its last answer."""
        return self._next_keepalive_close_time - self._keepalive_timeout

    def is_pipelined(self) -> bool:
        """Whether further requests came before the answer to this one."""
        return bool(self._messages)

    def early_bytes(self) -> bytes:
        """The bytes that came behind a request for an upgrade."""
        return self._message_tail

    def let_go(self) -> None:
        """Close our end of a connection that another process goes on with."""
        self.force_close()


class ReceivedConnection(Connection):
    """A connection that begins with a request which another process has received."""

    __slots__ = ("_received",)

    def __init__(self, server: Server, received: bytes, **options: Any) -> None:
        super().__init__(server, **options)
        self._received = received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Overrides aiohttp's, to read that request first."""
        super().connection_made(transport)
        received, self._received = self._received, b""
        self.data_received(received)


def note_unreadable(request: web.BaseRequest, reason: str) -> None:
    """Log that an unreadable request came, without its content."""
    security.warning(
        "unreadable_request", error=Invalid.code, reason=reason, address=request.remote
    )


def refused(status: int, exc: BaseException | None) -> web.Response:
    """The answer to an error of the HTTP layer; it repeats nothing of the request."""
    error: ParleyError
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error = Unavailable("Something went wrong on our side. Please try again.")
    else:
        error = Invalid(TOO_LONG if isinstance(exc, LineTooLong) else UNREADABLE)
    response = web.Response(
        body=msgspec.json.encode({"error": error.as_error()}),
        status=status,
        content_type="application/json",
        headers=OUTSIDE_MIDDLEWARE,
    )
    response.force_close()
    return response


def is_unreadable(error: BaseException) -> bool:
    """Whether a request's body can't be read: bad chunks, bad compression, or cut short."""
    return isinstance(error, HttpProcessingError | web.RequestPayloadError)
