"""Who may begin to talk: origin, rate and room for one more, before anything is kept of them."""

from functools import partial

from aiohttp import hdrs, web

from app.errors import Forbidden, Unavailable
from app.realtime.pool import Lease, Pool
from app.realtime.socketio.server import SocketServer
from app.realtime.socketio.transports import LEASE
from app.security.client_address import site_of
from app.security.origins import Origins
from app.security.rate_limiter import RateLimiter
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.web import request_info
from app.web.origin_check import note_foreign
from app.web.routing import Route


class Admission:
    """The front door of the Socket.IO server, and of the other transports, who ask to `admit`: they
    share one pool."""

    def __init__(
        self, server: SocketServer, origins: Origins, limiter: RateLimiter, settings: Settings
    ) -> None:
        self._server = server
        self._origins = origins
        self._limiter = limiter
        self._settings = settings
        self.pool = Pool(settings)
        self.is_stopping = False

    def routes(self, path: str = "/socket.io/") -> list[Route]:
        """The one route of the server, for every method it answers."""
        return [Route("*", path, self.handle)]

    def gauges(self) -> list[Gauge]:
        """The figures on `/metrics`."""
        unsigned = "Open connections that nobody has signed in over."
        return [Gauge("unsigned_connections", unsigned, lambda: self.pool.unsigned)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Refuse with an error object, or hand over to Engine.IO. Raises ParleyErrors."""
        self._must_be_allowed(request)
        # Engine.IO takes an empty one for none.
        if not request.query.get("sid"):
            request[LEASE] = self._lease(request)
        try:
            response: web.StreamResponse = await self._server.handle_request(request)
        finally:
            # Where it became a connection, the server has taken it.
            if (lease := request.pop(LEASE, None)) is not None:
                lease.end()
        return response

    def admit(self, request: web.Request) -> Lease:
        """Let one of another transport begin; its lease, to be left at its end.

        Raises Forbidden, RateLimited, Unavailable.
        """
        self._must_be_allowed(request)
        return self._lease(request)

    def _must_be_allowed(self, request: web.Request) -> None:
        origin = request.headers.get(hdrs.ORIGIN)
        if not self._origins.allows(origin, request.host, request_info.scheme(request)):
            note_foreign(request)
            raise Forbidden("This page may not connect here: its origin is not allowed.")

    def _lease(self, request: web.Request) -> Lease:
        if self.is_stopping:
            raise Unavailable("The server is stopping; come back in a moment.", retry_after=1)
        address = site_of(request_info.address(request))
        self._limiter.hit("handshake", address, self._settings.connections_per_minute)
        return self.pool.enter(address, partial(cut_off, request))


def cut_off(request: web.Request) -> None:
    """End a connection as if the network had, also under a writer that waits for its reader."""
    if request.transport is not None:
        request.transport.abort()
