"""aiohttp's server, with our answer to unreadable requests and with work in portions.

aiohttp itself answers unreadable requests past all middlewares: in its parser's words, with a
traceback in the log and without our headers.
"""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from app.errors import Invalid, ParleyError, Unavailable
from app.pace import Pace
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


class Watch(Protocol):
    """Is called with each connection that is accepted and at its end."""

    def opened(self, connection: RequestHandler) -> None: ...

    def closed(self, connection: RequestHandler) -> None: ...


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

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Overrides aiohttp's, to tell `watch`."""
        super().connection_made(handler, transport)
        if self.watch is not None:
            self.watch.opened(handler)

    def __call__(self) -> RequestHandler:
        return Connection(self, loop=self._loop, **self._kwargs)


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
