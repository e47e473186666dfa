"""Engine.IO v4 on aiohttp: python-engineio's server with connections and requests of our own.

Usable by itself (`make_engine`), and what the Socket.IO server stands on.
"""

import asyncio
import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

import engineio
from aiohttp import hdrs, web
from engineio import packet

from app.errors import Invalid, ParleyError, TooLarge
from app.library_versions import require_pinned
from app.loop_pacing import Pace, reading_pace
from app.realtime.line.heartbeat import BEATS_A_TURN
from app.realtime.socketio import engineio_requests
from app.realtime.socketio.engineio_packets import Json, encoded
from app.realtime.socketio.engineio_socket import StrictSocket
from app.telemetry.tasks import Tasks

require_pinned("python-engineio")

MAX_PACKET_BYTES = 1_048_576
# As the reference server says it, also for a session of another node: clients begin anew.
UNKNOWN_SESSION = {"code": 1, "message": "Session ID unknown"}


class StrictEngine(engineio.AsyncServer):  # type: ignore[misc]  # engineio has no types
    """Answers as the protocol says, and the reference server where that says nothing."""

    _async: dict[str, Any]

    def __init__(
        self, *, tasks: Tasks, writes_straight: bool = True, sid_prefix: str = "", **options: Any
    ) -> None:
        # Each connection looks after itself; engineio's own watch visits one after the other.
        super().__init__(monitor_clients=False, **options)
        self._tasks = tasks
        self.writes_straight = writes_straight
        self._sid_prefix = sid_prefix
        # How many WebSockets are open, of all `sockets`; to count them would take too long.
        self.websockets = 0
        self.reading = reading_pace()
        self.beats = Pace(at_once=BEATS_A_TURN)
        # engineio offers no public way to bring an own environ.
        self._async = {**self._async, "translate_request": engineio_requests.translate}

    def generate_id(self) -> str:
        """A new session id, which begins with the prefix of this server."""
        return f"{self._sid_prefix}{super().generate_id()}"

    def attach(self, app: web.Application, engineio_path: str = "engine.io") -> None:
        """Serve at this path of `app`, which needs nothing else of this project."""
        app.router.add_route("*", f"/{engineio_path.strip('/')}/", self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self.handle_request(request)
        except ParleyError as error:
            return web.json_response({"error": error.as_error()}, status=error.status)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer one request. Raises Invalid and TooLarge, which end the session they name."""
        socket: StrictSocket | None = self.sockets.get(request.query.get("sid", ""))
        if socket is not None and socket.line.heartbeat.is_over:
            await socket.time_out()
            socket = None
        try:
            engineio_requests.must_make_sense(request)
            if socket is not None and request.method == hdrs.METH_POST:
                return await self._take(socket, request)
        except (Invalid, TooLarge):
            if socket is not None and not socket.upgraded:
                await socket.close(reason=self.reason.TRANSPORT_ERROR)
            raise
        if socket is not None and engineio_requests.is_upgrade(request) and socket.has_websocket:
            return await refuse_upgrade(request)
        if socket is None and request.query.get("sid") and request.method != hdrs.METH_OPTIONS:
            return web.json_response(UNKNOWN_SESSION, status=HTTPStatus.BAD_REQUEST)
        if socket is None and engineio_requests.opens_websocket(request):
            return await self._open(request)
        response: web.StreamResponse = await super().handle_request(request)
        return response

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """Answer a handshake over WebSocket, of which engineio would look at all once more."""
        environ = engineio_requests.translate(request)
        made = await self._handle_connect(environ, "websocket")
        if isinstance(made, dict):
            made = await self._make_response(made, environ)
        response: web.StreamResponse = made
        return response

    async def _take(self, socket: StrictSocket, request: web.Request) -> web.Response:
        if socket.upgraded or socket.closed or socket.closing:
            raise Invalid("This session takes no requests any more.")
        await socket.take(await engineio_requests.packets(request, self.max_http_buffer_size))
        return web.Response(text="ok")

    def _get_socket(self, sid: str) -> StrictSocket:
        # Also one that has ended: its client has not heard yet. Raises KeyError.
        socket: StrictSocket = self.sockets[sid]
        return socket

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        socket = StrictSocket(self, self.generate_id())
        self.sockets[socket.sid] = socket
        socket.line.write(encoded(self._opening(socket.sid, transport)))
        allowed = await self._trigger_event("connect", socket.sid, environ, run_async=False)
        if allowed not in (None, True):
            self.forget(socket.sid)
            return self._unauthorized(allowed or None)
        socket.line.heartbeat.begin()
        if transport == "polling":
            socket.connected = True
            return self._ok(await socket.first_poll(), jsonp_index=jsonp_index)
        try:
            return await socket.handle_get_request(environ)
        except BaseException:
            await socket.close(abort=True, reason=self.reason.TRANSPORT_ERROR)
            self.forget(socket.sid)
            raise

    def _opening(self, sid: str, transport: str) -> packet.Packet:
        return packet.Packet(
            packet.OPEN,
            {
                "sid": sid,
                "upgrades": self._upgrades(sid, transport),
                "pingInterval": round(self.ping_interval * 1000),
                "pingTimeout": round(self.ping_timeout * 1000),
                "maxPayload": self.max_http_buffer_size,
            },
        )

    async def departed(self, sid: str, reason: str) -> None:
        """Tell who listens that a connection ends."""
        await self._trigger_event("disconnect", sid, reason, run_async=False)

    def forget(self, sid: str) -> None:
        """A request that names this connection finds nothing any more."""
        self.sockets.pop(sid, None)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None:
        """Run `work` in the background; None while everything ends anyway."""
        try:
            return self._tasks.spawn(work, name)
        except RuntimeError:
            return None


def options(interval_s: float, timeout_s: float, max_packet_bytes: int) -> dict[str, Any]:
    """engineio's options for a peer that is asked each interval and gone after the timeout."""
    remaining = timeout_s - interval_s
    return {
        "async_mode": "aiohttp",
        "cors_allowed_origins": [],
        "json": Json,
        "ping_interval": interval_s,
        "ping_timeout": remaining if remaining > 0 else 1.0,
        "max_http_buffer_size": max_packet_bytes,
    }


def quiet_log() -> logging.Logger:
    """A log that stays silent: engineio would log each mistake of a client as a traceback."""
    log = logging.getLogger("parley.engineio")
    log.setLevel(logging.CRITICAL)
    return log


def make_engine(
    *,
    heartbeat_interval: float,
    connection_timeout: float,
    tasks: Tasks,
    max_packet_bytes: int = MAX_PACKET_BYTES,
    writes_straight: bool = True,
) -> StrictEngine:
    """Engine.IO alone, for what speaks no Socket.IO; durations in seconds."""
    return StrictEngine(
        tasks=tasks,
        async_handlers=False,
        logger=quiet_log(),
        writes_straight=writes_straight,
        **options(heartbeat_interval, connection_timeout, max_packet_bytes),
    )


async def refuse_upgrade(request: web.Request) -> web.WebSocketResponse:
    """Open a WebSocket only to close it: clients take a refused upgrade for a failure, and try
    again."""
    websocket = web.WebSocketResponse()
    await websocket.prepare(request)
    await websocket.close()
    return websocket
