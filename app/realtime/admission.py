"""Who may begin to talk: origin, rate and room for one more, before anything is kept of them."""

from collections.abc import Callable

from aiohttp import hdrs, web

from app.errors import Forbidden, Unavailable
from app.realtime.server import SocketServer
from app.security.address import site_of
from app.security.limits import Limiter
from app.security.origin import Origins
from app.settings import Settings
from app.web import visitor
from app.web.shield import note_foreign

FULL = "Maximum connections reached"
RETRY_AFTER_S = 5.0


class Admission:
    """The front door of the Socket.IO server, and of the other transports, who ask to `admit`.

    `open` tells of each transport how many are connected over it: they share one pool.
    """

    def __init__(
        self, server: SocketServer, origins: Origins, limiter: Limiter, settings: Settings
    ) -> None:
        self._server = server
        self._origins = origins
        self._limiter = limiter
        self._settings = settings
        self.open: list[Callable[[], int]] = [lambda: len(server.eio.sockets)]
        self.is_stopping = False

    def routes(self, path: str = "/socket.io/") -> list[web.RouteDef]:
        """The one route of the server, for every method it answers."""
        return [web.route("*", path, self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Refuse with an error object, or hand over to Engine.IO. Raises ParleyErrors."""
        self._must_be_allowed(request)
        # Engine.IO takes an empty one for none.
        if not request.query.get("sid"):
            self._must_have_room(request)
        response: web.StreamResponse = await self._server.handle_request(request)
        return response

    def admit(self, request: web.Request) -> None:
        """Let one of another transport begin. Raises Forbidden, RateLimited, Unavailable."""
        self._must_be_allowed(request)
        self._must_have_room(request)

    def _must_be_allowed(self, request: web.Request) -> None:
        origin = request.headers.get(hdrs.ORIGIN)
        if not self._origins.allows(origin, request.host, visitor.scheme(request)):
            note_foreign(request)
            raise Forbidden("This page may not connect here: its origin is not allowed.")

    def _must_have_room(self, request: web.Request) -> None:
        if self.is_stopping:
            raise Unavailable("The server is stopping; come back in a moment.", retry_after=1)
        address = site_of(visitor.address(request))
        self._limiter.hit("handshake", address, self._settings.connections_per_minute)
        if sum(count() for count in self.open) >= self._settings.websocket_max_connections:
            raise Unavailable(FULL, retry_after=RETRY_AFTER_S)
