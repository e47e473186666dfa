"""One plain WebSocket from upgrade to end: what waits for it, its heartbeat, its goodbye."""

import asyncio
from collections.abc import Callable
from enum import IntEnum
from time import monotonic

import structlog
from aiohttp import WSMessage, WSMsgType, web

from app.ids import new_id
from app.realtime.line.direct_writer import direct_writer, framed
from app.realtime.line.outbox import Outbox
from app.realtime.line.writer import Writer
from app.realtime.websocket.strict_websocket import StrictWebSocketResponse

# How long the last words may take to a reader that doesn't read.
GOODBYE_WITHIN_S = 5.0
WAY_WITHIN_S = 0.5
REASON_BYTES = 120

log = structlog.get_logger("websocket")


class Close(IntEnum):
    """Why a connection ends, as the client is told."""

    STOPPING = 1001
    POLICY = 1008
    TRY_LATER = 1013
    UNAUTHENTICATED = 4401
    SESSION_ENDED = 4403


class Frame:
    """One frame to write. `topic` and `instead` are as those of `Outgoing`."""

    __slots__ = ("frame", "instead", "kind", "size", "topic")

    def __init__(
        self,
        data: bytes,
        topic: str | None = None,
        instead: Callable[[], "Frame"] | None = None,
        kind: WSMsgType = WSMsgType.TEXT,
    ) -> None:
        self.frame = framed(kind, data)
        self.size = len(data)
        self.topic = topic
        self.instead = instead
        self.kind = kind

    @property
    def data(self) -> bytes:
        """What is in it."""
        return self.frame[len(self.frame) - self.size :]


PING = Frame(b"", kind=WSMsgType.PING)


class Line:
    """Writes in order. `interval_s` and `timeout_s` are of the heartbeat.

    Unless it `writes_straight`, everything passes through its outbox.
    """

    def __init__(
        self, interval_s: float, timeout_s: float, *, writes_straight: bool = True
    ) -> None:
        self.id = new_id()
        self.outbox = Outbox()
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._writes_straight = writes_straight
        self._heard_at = self._asked_at = monotonic()
        self._socket = StrictWebSocketResponse(self._hear)
        self._writer = Writer(self.outbox)
        self._goodbye: tuple[int, bytes] | None = None
        self._beat: asyncio.TimerHandle | None = None

    def _hear(self) -> None:
        self._heard_at = monotonic()

    async def open(self, request: web.Request) -> None:
        """Answer the upgrade; from now on what is written goes out. Raises HTTPException."""
        await self._socket.prepare(request)
        direct = direct_writer(self._socket, request) if self._writes_straight else None
        self._writer.begin(self, direct)
        self._asked_at = monotonic()
        self._keep_alive()

    @property
    def response(self) -> web.StreamResponse:
        """What the handler of the request returns."""
        return self._socket

    @property
    def is_ending(self) -> bool:
        return self._goodbye is not None

    @property
    def buffered_bytes(self) -> int:
        """What waits for the client: queued here, and written but not yet taken by the network."""
        return self.outbox.size_bytes + self._socket.buffered_bytes

    async def next_message(self, within_s: float | None = None) -> WSMessage | None:
        """What the client says next; None when it or we have ended. Raises TimeoutError."""
        message = await self._socket.next_message(within_s)
        return None if self.is_ending else message

    def write(self, frame: Frame) -> None:
        """Queue a frame; a reader that can't keep up is sent away, to resume from its cursors."""
        if self.is_ending:
            return
        self._writer.write(frame)
        if self.outbox.is_overflowing:
            log.info("slow reader", packets=len(self.outbox))
            self.end(Close.TRY_LATER, "You read too slowly; come back and continue.")

    async def drained(self) -> None:
        """Wait until everything is handed to the network, or the line ends."""
        await self._writer.finished()

    def give_way(self, reason: str) -> None:
        """End for a newcomer, whose open file must not wait for a stranger's goodbye."""
        self.end(Close.TRY_LATER, reason)
        asyncio.get_running_loop().call_later(WAY_WITHIN_S, self.abort)

    def end(self, code: Close, reason: str, *, after_what_waits: bool = False) -> None:
        """Say goodbye and close, whatever the client does; what waits goes first or never."""
        if self.is_ending:
            return
        self._goodbye = code, reason.encode()[:REASON_BYTES]
        if not after_what_waits:
            self.outbox.clear()
        self._writer.put(None)
        # Its handle is not kept: aborting what is gone already does nothing.
        asyncio.get_running_loop().call_later(GOODBYE_WITHIN_S, self.abort)

    def abort(self) -> None:
        """End without a word."""
        self._socket.abort()

    async def carry(self, frame: Frame) -> None:
        """Write a frame; waits while the network takes nothing. Raises OSError."""
        await self._socket.send_frame(frame.data, frame.kind)

    async def part(self) -> None:
        """Say the goodbye, and wait a moment for the other side's."""
        code, reason = self._goodbye or (Close.POLICY, b"")
        await self._socket.close(code=code, message=reason)

    async def close(self) -> None:
        """The end of the handler: the goodbye goes out, the other side hangs up."""
        if self._beat is not None:
            self._beat.cancel()
        if not self.is_ending:  # The client left first.
            self._writer.stop()
        await self._writer.end()
        await self._socket.linger()

    def _keep_alive(self) -> None:
        """Ping; cut off a peer from which nothing came for too long."""
        now = monotonic()
        if now >= self._heard_at + self._timeout_s:
            log.info("silent peer", line=self.id)
            self.abort()
            return
        if now >= self._asked_at + self._interval_s:
            self.write(PING)
            self._asked_at = now
        due = min(self._asked_at + self._interval_s, self._heard_at + self._timeout_s)
        loop = asyncio.get_running_loop()
        self._beat = loop.call_later(max(0.0, due - now), self._keep_alive)
