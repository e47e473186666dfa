"""`/socket.io/`: admits each handshake, and hands requests over to the server."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from app.realtime.admission import Admission
from app.realtime.socketio.server import SocketServer
from app.realtime.socketio.transport import LEASE
from app.web.routing import Route

# Passes a request of another process's session to that process, and tells whether it did.
PassOn = Callable[[web.Request], Awaitable[bool]]


class SocketIORoutes:
    """The one route of `server`, for every method that it answers."""

    def __init__(self, server: SocketServer, admission: Admission, pass_on: PassOn) -> None:
        self._server = server
        self._admission = admission
        self._pass_on = pass_on

    def routes(self, path: str = "/socket.io/") -> list[Route]:
        return [Route("*", path, self.handle, is_quiet=True)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Refuse with an error object, or hand over to Engine.IO. Raises ParleyErrors."""
        # Engine.IO takes an empty sid for none.
        if request.query.get("sid"):
            self._admission.check_origin(request)
            if await self._pass_on(request):
                # Goes nowhere: the connection is the other process's now.
                return web.Response()
        else:
            request[LEASE] = self._admission.admit(request)
        try:
            response: web.StreamResponse = await self._server.handle_request(request)
        finally:
            # Where it became a connection, the server has taken it.
            if (lease := request.pop(LEASE, None)) is not None:
                lease.end()
        return response
