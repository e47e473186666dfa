"""The response of one event stream: a line to a client over HTTP, without an end."""

import asyncio
import math
import socket
from collections.abc import Sequence

from aiohttp import HttpVersion11, hdrs, web

from app.loop_pacing import Pace
from app.realtime.line.client_line import Line
from app.realtime.line.direct_writer import direct_writer
from app.realtime.line.frame import Chunk, Frame
from app.realtime.line.outbox import Outbox
from app.realtime.sse.encoding import HEARTBEAT
from app.settings import Settings

BYTES_AT_MOST = 8 * 1_048_576
HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
    hdrs.CACHE_CONTROL: "no-store, no-transform",
    # nginx, and others that do as it does, would hold events back.
    "X-Accel-Buffering": "no",
}


class ClientResponse:
    """Its line is there from the beginning; what is written to it waits until `open`.

    The client never says anything: that it has left shows where nothing can be written. `beats`
    paces its heartbeat with those of others.
    """

    def __init__(self, request: web.Request, settings: Settings, beats: Pace) -> None:
        outbox = Outbox(settings.sse_buffer_size, BYTES_AT_MOST)
        interval_s = settings.heartbeat_interval
        self.line = Line(self, Chunk(HEARTBEAT), interval_s, math.inf, beats, outbox)
        self._request = request
        self._response = web.StreamResponse(headers=HEADERS)
        self._stalls_s = settings.connection_timeout
        self._writes_straight = settings.direct_writes
        self._over = asyncio.Event()

    async def open(self, greeting: bytes) -> None:
        """Begin the answer with `greeting`; from now on what is written goes out."""
        _end_silent(self._request, self._stalls_s)
        in_chunks = self._request.version >= HttpVersion11
        if in_chunks:
            self._response.enable_chunked_encoding()
        await self._response.prepare(self._request)
        try:
            await self._response.write(greeting)
        except OSError:
            self.abort()
            return
        is_straight = in_chunks and self._writes_straight
        self.line.begin(self, direct_writer(self, self._request) if is_straight else None)
        self.line.heartbeat.begin()

    async def over(self) -> web.StreamResponse:
        """Wait for the end. Returns what the handler of the request returns."""
        await self._over.wait()
        await self.line.close()
        return self._response

    # The wire of its line.

    async def carry(self, frames: Sequence[Frame]) -> None:
        async with asyncio.timeout(self._stalls_s):
            await self._response.write(b"".join([frame.data for frame in frames]))

    async def part(self) -> None:
        self._over.set()

    def abort(self) -> None:
        """End it as if the network had."""
        self._over.set()
        if self._request.transport is not None:
            self._request.transport.abort()

    @property
    def closed(self) -> bool:
        return self._over.is_set()

    @property
    def is_gone(self) -> bool:
        return self._request.transport is None

    @property
    def buffered_bytes(self) -> int:
        transport = self._request.transport
        return transport.get_write_buffer_size() if transport is not None else 0

    # The owner of its line.

    def gives_up_slow(self) -> None:
        self.abort()

    def gives_up_silent(self) -> None:
        self.abort()


def _end_silent(request: web.Request, within_s: float) -> None:
    """Have the system end a connection whose other side takes nothing for so long."""
    transport = request.transport
    end = transport.get_extra_info("socket") if transport is not None else None
    if end is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(within_s * 1000))
