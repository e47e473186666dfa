"""One Engine.IO connection: its one poll or its WebSocket, and its end.

Takes the place of python-engineio's AsyncSocket, which rounds the heartbeat to its checks, lets
several polls wait at once, serves a session that has ended, writes what belongs to polling into the
WebSocket that follows it, and queues without a limit. Its queue is the outbox of a line.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from aiohttp import web
from engineio import exceptions, packet
from engineio.async_socket import AsyncSocket

from app.errors import Invalid
from app.library_versions import require_pinned
from app.loop_pacing import Pace, pieces_of
from app.realtime.line.aiohttp_websocket import EngineWebSocket
from app.realtime.line.client_line import Line
from app.realtime.line.frame import Frame
from app.realtime.socketio.engineio_packets import decoded, encoded, polled
from app.realtime.socketio.engineio_requests import is_upgrade

require_pinned("python-engineio")

UPGRADE_WITHIN_S = 10.0
# aiohttp doesn't tell when a client that waits for an answer has gone, so this looks.
LOOKS_EVERY_S = 1.0
# A poller that was told something last comes once more to hear it.
HEARD_WITHIN_S = 10.0
# To write what waits and say goodbye; a client that said nothing or nonsense gets less.
CLOSES_WITHIN_S = 10.0
CUT_WITHIN_S = 1.0

PING = Frame(b"2")
CLOSE = Frame(b"1")
NOOP = Frame(b"6")


class Server(Protocol):
    """The part of the server that a connection needs."""

    ping_interval: float
    ping_timeout: float
    max_http_buffer_size: int
    reason: Any
    handlers: Mapping[str, Callable[..., Any]]
    logger: logging.Logger
    beats: Pace
    reading: Pace
    websockets: int
    writes_straight: bool

    async def departed(self, sid: str, reason: str) -> None: ...

    def forget(self, sid: str) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None: ...


class StrictSocket(AsyncSocket):  # type: ignore[misc]  # engineio has no types
    """Writes through a line; whatever happens, it ends within a bounded time."""

    server: Server
    sid: str
    connected: bool
    upgrading: bool
    upgraded: bool
    closing: bool
    closed: bool

    def __init__(self, server: Server, sid: str) -> None:
        super().__init__(server, sid)
        self.queue = None
        silent_s = server.ping_interval + server.ping_timeout
        self.line = Line(self, PING, server.ping_interval, silent_s, server.beats)
        self._has_wire = False
        self._is_polled = False
        self._is_probed = False

    @property
    def has_websocket(self) -> bool:
        """Whether one is there already, or about to be."""
        return self.upgraded or self.upgrading

    @property
    def is_open(self) -> bool:
        """Whether it neither has ended nor is about to."""
        return not (self.closed or self.closing)

    @property
    def transport(self) -> str:
        """How it is connected now: one that began by polling may have gone on to a WebSocket."""
        return "websocket" if self.upgraded else "polling"

    async def send(self, pkt: packet.Packet) -> None:
        """Write a packet in its turn; after the end it is forgotten."""
        self.line.write(encoded(pkt))

    async def receive(self, pkt: packet.Packet) -> None:
        """Take a packet of the client. Raises EngineIOErrors for one that it may not send."""
        if pkt.packet_type == packet.PONG:
            self.line.heartbeat.answered()
        elif pkt.packet_type == packet.CLOSE:
            self._release_poll()
            await self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        elif pkt.packet_type == packet.MESSAGE:
            await self._hand_over(pkt.data)
        else:
            raise exceptions.UnknownPacketError

    async def _hand_over(self, data: str | bytes) -> None:
        """Hand a message to who listens. As in engineio an error is logged, and ends neither the
        connection nor its reading."""
        # Hot path: engineio makes a function for each message, and asks what its handler is.
        handler = self.server.handlers.get("message")
        if handler is None:
            return
        try:
            answer = handler(self.sid, data)
            if asyncio.iscoroutine(answer):
                await answer
        except asyncio.CancelledError:
            pass
        except Exception:
            self.server.logger.exception("message handler error")

    # Polling.

    async def take(self, packets: list[packet.Packet]) -> None:
        """Take the packets of one request. Raises Invalid for one that no client sends."""
        try:
            for one in packets:
                await self.server.reading.turn(pieces_of(one.data))
                await self.receive(one)
        except exceptions.EngineIOError as error:
            raise Invalid("No client of Engine.IO sends such a packet.") from error

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        """The packets of one poll, or the WebSocket once it is answered. Raises EngineIOErrors."""
        request: web.Request = environ["aiohttp.request"]
        if is_upgrade(request):
            websocket = EngineWebSocket(self.server.max_http_buffer_size, self._talk)
            await websocket.prepare(request)
            return websocket
        if self._is_probed:
            return [polled(NOOP)]
        if self._is_polled:
            await self.close(reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.SocketIsClosedError
        self._is_polled = True
        try:
            return await self._polled(request)
        finally:
            self._is_polled = False

    async def first_poll(self) -> list[packet.Packet]:
        """The packets that answer the handshake."""
        return [polled(frame) for frame in await self.line.outbox.next_turn()]

    async def _polled(self, request: web.Request) -> list[packet.Packet]:
        frames = None
        while frames is None and request.transport is not None:
            try:
                async with asyncio.timeout(LOOKS_EVERY_S):
                    frames = await self.line.outbox.next_turn()
            except TimeoutError:
                continue
        if frames is None or request.transport is None:
            # How much of it has arrived is not known.
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.SocketIsClosedError
        return [polled(frame) for frame in frames]

    def _release_poll(self) -> None:
        """Let a poll go that waits; nothing stays in the outbox where none does."""
        if self._is_polled and not self.line.outbox:
            self.line.write(NOOP)

    # WebSocket.

    async def _talk(self, websocket: EngineWebSocket) -> None:
        if self.connected and not await self._is_upgraded_by(websocket):
            return
        self.connected = self.upgraded = self._has_wire = True
        self.server.websockets += 1
        self.line.begin(websocket, websocket.direct if self.server.writes_straight else None)
        try:
            await self._read(websocket)
        finally:
            self.server.websockets -= 1
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            try:
                await self.line.close()
            finally:
                self.server.forget(self.sid)

    async def _is_upgraded_by(self, websocket: EngineWebSocket) -> bool:
        """Whether this WebSocket takes the place of polling, and goes on where that breaks off."""
        if self.upgrading:
            return False
        self.upgrading = True
        try:
            async with asyncio.timeout(UPGRADE_WITHIN_S):
                self._is_probed = await websocket.next_frame() == "2probe"
                if not self._is_probed:
                    return False
                await websocket.send_str("3probe")
                self._release_poll()
                self.upgraded = await websocket.next_frame() == "5" and not self.closed
        except OSError:  # A TimeoutError is one too.
            return False
        finally:
            self._is_probed = self.upgrading = False
        return self.upgraded

    async def _read(self, websocket: EngineWebSocket) -> None:
        try:
            while True:
                frame = await websocket.next_frame()
                await self.server.reading.turn(pieces_of(frame))
                await self.receive(decoded(frame))
        except (OSError, ValueError, exceptions.EngineIOError):
            return

    # The end.

    def gives_up_slow(self) -> None:
        self.server.spawn(self.cut_off(), f"cut off {self.sid}")

    def gives_up_silent(self) -> None:
        self.server.spawn(self.time_out(), f"time out {self.sid}")

    async def time_out(self) -> None:
        """End it: the client was silent for too long."""
        await self.close(reason=self.server.reason.PING_TIMEOUT)

    async def cut_off(self) -> None:
        """End it without a word; what waits is forgotten."""
        self.line.outbox.clear()
        await self.close(abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        self.line.abort()

    async def hang_up(self, goodbye: Frame) -> None:
        """Write only `goodbye` and end it, whatever the client does. All that waits is forgotten:
        the client may no longer see it."""
        self.line.outbox.clear()
        self.line.write(goodbye)
        await self.close(within_s=CUT_WITHIN_S)

    async def send_away(self) -> None:
        """Write what waits, then close as if the network had: official clients come back from that,
        while Engine.IO's own packet for closing tells some of them to stay away."""
        await self.close(abort=True)

    async def close(
        self,
        wait: bool = True,  # noqa: ARG002  # engineio's name; the server never waits for a client
        abort: bool = False,
        reason: str | None = None,
        within_s: float | None = None,
    ) -> None:
        """Tell the server, write what waits, and a CLOSE packet unless `abort`; take no more."""
        if self.closed or self.closing:
            return
        self.closing = True
        self.line.mute()
        self.line.heartbeat.stop()
        reason = reason or self.server.reason.SERVER_DISCONNECT
        await self.server.departed(self.sid, reason)
        is_ours = reason == self.server.reason.SERVER_DISCONNECT
        within_s = within_s or (CLOSES_WITHIN_S if is_ours else CUT_WITHIN_S)
        self.line.end(*(() if abort else (CLOSE,)), keeps_waiting=True, within_s=within_s)
        self.closed = True
        if not self._has_wire:
            self._forget(is_ours=is_ours)

    def _forget(self, *, is_ours: bool) -> None:
        """A poller that doesn't ask at the moment comes once more to hear why."""
        if is_ours and not self._is_polled:
            loop = asyncio.get_running_loop()
            loop.call_later(HEARD_WITHIN_S, self.server.forget, self.sid)
        else:
            self.server.forget(self.sid)
