"""One Engine.IO connection: its heartbeat, its one poll or its WebSocket, and its end.

The stock one rounds the heartbeat to its checks, lets several polls wait at once, serves a session
that has ended, and writes what belongs to polling into the WebSocket that follows it.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web
from engineio import exceptions, packet
from engineio.async_socket import AsyncSocket

from app.errors import Invalid
from app.realtime.line.heartbeat import Heartbeat
from app.realtime.line.outbox import PING, Outbox, Outgoing
from app.realtime.line.writer import Writer
from app.realtime.socketio.engine_packets import decoded
from app.realtime.socketio.engine_requests import is_upgrade
from app.realtime.socketio.engine_websocket import StrictWebSocket
from app.realtime.websocket.frame_rules import pieces_of

if TYPE_CHECKING:
    from app.realtime.socketio.engine import StrictEngine

UPGRADE_WITHIN_S = 10.0
# aiohttp doesn't tell when somebody who waits for an answer has gone, so one looks.
LOOKS_EVERY_S = 1.0
# A poller that was told something last comes once more to hear it.
HEARD_WITHIN_S = 10.0
# To write what waits and say goodbye; one that said nothing or nonsense gets less.
CLOSES_WITHIN_S = 10.0
CUT_WITHIN_S = 1.0


class StrictSocket(AsyncSocket):  # type: ignore[misc]  # engineio has no types
    """Writes from a bounded outbox; whatever happens, it ends within a bounded time."""

    queue: Outbox
    connected: bool
    upgrading: bool
    upgraded: bool
    closing: bool
    closed: bool

    def __init__(self, server: "StrictEngine", sid: str) -> None:
        super().__init__(server, sid)
        self.queue = Outbox()
        self.wire: StrictWebSocket | None = None
        self.writer = Writer(self.queue)
        self.heartbeat = Heartbeat(
            server.ping_interval,
            server.ping_timeout,
            self._ask,
            self._give_up,
        )
        self._is_polled = False
        self._is_probed = False
        self._cut: asyncio.TimerHandle | None = None

    @property
    def has_websocket(self) -> bool:
        """Whether one is there already, or about to be."""
        return self.upgraded or self.upgrading

    def _ask(self) -> None:
        self.server.heartbeats.run(self._ping)

    def _ping(self) -> None:
        self.writer.write(PING)

    def put(self, pkt: packet.Packet | None) -> None:
        """Queue a packet, or the end."""
        self.writer.put(pkt)

    def _give_up(self) -> None:
        self.server.heartbeats.run(self._begin_time_out)

    def _begin_time_out(self) -> None:
        self.server.spawn(self.time_out(), f"time out {self.sid}")

    async def time_out(self) -> None:
        """End it: the client was silent for too long."""
        await self.close(reason=self.server.reason.PING_TIMEOUT)

    async def send(self, pkt: packet.Packet) -> None:
        """Say a packet in its turn; after the end it is forgotten."""
        if self.closed:
            return
        if pkt.packet_type == packet.MESSAGE and isinstance(pkt.data, str) and not self.closing:
            self.writer.write(Outgoing(pkt.data))
        else:
            self.put(pkt)

    async def receive(self, pkt: packet.Packet) -> None:
        """Take a packet of the client. Raises EngineIOErrors for one that it may not send."""
        if pkt.packet_type == packet.PONG:
            self.heartbeat.answered()
        elif pkt.packet_type == packet.CLOSE:
            self._release_poll()
            await self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        elif pkt.packet_type == packet.MESSAGE:
            await super().receive(pkt)
        else:
            raise exceptions.UnknownPacketError

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
        """The packets of one poll, or the WebSocket once it has ended. Raises EngineIOErrors."""
        request: web.Request = environ["aiohttp.request"]
        if is_upgrade(request):
            return await self._upgrade_websocket(environ)
        if self._is_probed:
            return [packet.Packet(packet.NOOP)]
        if self._is_polled:
            await self.close(reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.SocketIsClosedError
        self._is_polled = True
        try:
            return await self._polled(request)
        finally:
            self._is_polled = False

    async def _polled(self, request: web.Request) -> list[packet.Packet]:
        packets = None
        while packets is None and request.transport is not None:
            try:
                async with asyncio.timeout(LOOKS_EVERY_S):
                    packets = await self.queue.several()
            except TimeoutError:
                continue
        if packets is None or request.transport is None:
            # Nobody knows what of it arrived.
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.SocketIsClosedError
        return packets

    def _release_poll(self) -> None:
        """Let a poll go that waits; nothing stays in the queue where none does."""
        if self._is_polled and not self.queue:
            self.put(packet.Packet(packet.NOOP))

    # WebSocket.

    async def _websocket_handler(self, ws: StrictWebSocket) -> None:
        if self.connected and not await self._is_upgraded_by(ws):
            return
        self.connected = self.upgraded = True
        self.server.websockets += 1
        self.wire = ws
        self.writer.begin(ws, ws.direct if self.server.writes_straight else None)
        try:
            await self._read(ws)
        finally:
            self.server.websockets -= 1
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            try:
                await self.writer.end()
            finally:
                self.server.forget(self.sid)
                if self._cut is not None:
                    self._cut.cancel()

    async def _is_upgraded_by(self, ws: StrictWebSocket) -> bool:
        """Whether `ws` takes the place of polling, which goes on where it breaks off."""
        if self.upgrading:
            return False
        self.upgrading = True
        try:
            async with asyncio.timeout(UPGRADE_WITHIN_S):
                self._is_probed = await ws.wait() == "2probe"
                if not self._is_probed:
                    return False
                await ws.send("3probe")
                self._release_poll()
                self.upgraded = await ws.wait() == "5" and not self.closed
        except OSError:  # A TimeoutError is one too.
            return False
        finally:
            self._is_probed = self.upgrading = False
        return self.upgraded

    async def _read(self, ws: StrictWebSocket) -> None:
        try:
            while True:
                frame = await ws.wait()
                await self.server.reading.turn(pieces_of(frame))
                await self.receive(decoded(frame))
        except (OSError, ValueError, exceptions.EngineIOError):
            return

    # The end.

    async def close(
        self,
        wait: bool = True,  # noqa: ARG002  # engineio's name; nobody waits for a client
        abort: bool = False,
        reason: str | None = None,
    ) -> None:
        """Tell the server, write what waits, and a CLOSE packet unless `abort`; take no more."""
        if self.closed or self.closing:
            return
        self.closing = True
        self.writer.silence()
        self.heartbeat.stop()
        reason = reason or self.server.reason.SERVER_DISCONNECT
        await self.server.departed(self.sid, reason)
        if not abort:
            self.put(packet.Packet(packet.CLOSE))
        self.put(None)
        self.closed = True
        self._leave(is_ours=reason == self.server.reason.SERVER_DISCONNECT)

    def _leave(self, *, is_ours: bool) -> None:
        loop = asyncio.get_running_loop()
        if self.wire is not None:
            self._cut = loop.call_later(
                CLOSES_WITHIN_S if is_ours else CUT_WITHIN_S, self.wire.abort
            )
        elif is_ours and not self._is_polled:
            loop.call_later(HEARD_WITHIN_S, self.server.forget, self.sid)
        else:
            self.server.forget(self.sid)
