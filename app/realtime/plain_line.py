"""One plain WebSocket from upgrade to end: what waits for it, its heartbeat, its goodbye."""

import asyncio
from collections.abc import Callable
from enum import IntEnum
from time import monotonic

import structlog
from aiohttp import WSMessage, WSMsgType, web

from app.ids import new_id
from app.realtime.outbox import Outbox
from app.realtime.plain_socket import PlainSocket

# How long the last words may take to a reader that doesn't read.
GOODBYE_WITHIN_S = 5.0
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

    __slots__ = ("data", "instead", "kind", "topic")

    def __init__(
        self,
        data: bytes,
        topic: str | None = None,
        instead: Callable[[], "Frame"] | None = None,
        kind: WSMsgType = WSMsgType.TEXT,
    ) -> None:
        self.data = data
        self.topic = topic
        self.instead = instead
        self.kind = kind


PING = Frame(b"", kind=WSMsgType.PING)


class Line:
    """Writes in order and in the background. `interval_s` and `timeout_s` are of the heartbeat."""

    def __init__(self, interval_s: float, timeout_s: float) -> None:
        self.id = new_id()
        self.outbox = Outbox()
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._heard_at = monotonic()
        self._socket = PlainSocket(self._hear)
        self._goodbye: tuple[int, bytes] | None = None
        self._is_drained = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def _hear(self) -> None:
        self._heard_at = monotonic()

    async def open(self, request: web.Request) -> None:
        """Answer the upgrade; from now on what is written goes out. Raises HTTPException."""
        await self._socket.prepare(request)
        loop = asyncio.get_running_loop()
        # The handler of the request owns both, and ends them in `close`.
        self._tasks = [loop.create_task(self._write()), loop.create_task(self._keep_alive())]

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
        self._is_drained.clear()
        self.outbox.put_nowait(frame)
        if self.outbox.is_overflowing:
            log.info("slow reader", packets=self.outbox.qsize())
            self.end(Close.TRY_LATER, "You read too slowly; come back and continue.")

    async def drained(self) -> None:
        """Wait until everything is handed to the network, or the line ends."""
        if not self.outbox.empty():
            await self._is_drained.wait()

    def end(self, code: Close, reason: str, *, after_what_waits: bool = False) -> None:
        """Say goodbye and close, whatever the client does; what waits goes first or never."""
        if self.is_ending:
            return
        self._goodbye = code, reason.encode()[:REASON_BYTES]
        if not after_what_waits:
            self.outbox.clear()
        self.outbox.put_nowait(None)
        self._is_drained.set()
        # Its handle is not kept: aborting what is gone already does nothing.
        asyncio.get_running_loop().call_later(GOODBYE_WITHIN_S, self.abort)

    def abort(self) -> None:
        """End without a word."""
        self._socket.abort()

    async def close(self) -> None:
        """The end of the handler: the goodbye goes out, the other side hangs up, tasks are done."""
        writing, beating = self._tasks
        beating.cancel()
        if not self.is_ending:
            # The client left first, and there is nobody to write to.
            writing.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.linger()

    async def _write(self) -> None:
        try:
            while (frame := await self._next_frame()) is not None:
                await self._socket.send_frame(frame.data, frame.kind)
                if self.outbox.empty():
                    self._is_drained.set()
            code, reason = self._goodbye or (Close.POLICY, b"")
            await self._socket.close(code=code, message=reason)
        except ConnectionError:
            # The reading side hears of it too, and ends the visit.
            self.outbox.clear()
            self._is_drained.set()

    async def _next_frame(self) -> Frame | None:
        while True:
            try:
                frame: Frame | None = await self.outbox.get()
            except asyncio.QueueEmpty:
                continue  # One turn of the outbox is over.
            return frame

    async def _keep_alive(self) -> None:
        """Ping; cut off a peer from which nothing came for too long."""
        next_ping = monotonic() + self._interval_s
        while (now := monotonic()) < self._heard_at + self._timeout_s:
            if now >= next_ping:
                self.write(PING)
                next_ping = now + self._interval_s
            await asyncio.sleep(min(next_ping, self._heard_at + self._timeout_s) - now)
        log.info("silent peer", line=self.id)
        self.abort()
