"""`GET /api/events`: from the request to the last byte."""

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress

import structlog
from aiohttp import HttpVersion11, hdrs, web

from app.realtime.admission import Admission, cut_off
from app.realtime.connections import Connections
from app.realtime.line.direct_writer import direct_writer
from app.realtime.pool import Lease
from app.realtime.sse.channel import Channel
from app.realtime.sse.connection import Outgoing, SSEConnection
from app.realtime.sse.event_sources import RETRY_MS, EventSources, greet
from app.realtime.sse.request import StreamRequest, stream_request
from app.realtime.sse.writer import Figures, beat, write
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.times import now
from app.web import request_info
from app.web.authentication import CALLER, SessionLookup, TokenLookup, find_caller
from app.web.http import caller, reply
from app.web.routing import Route

PATH = "/api/events"
END_WITHIN_S = 1.0
# Then the lease of a reader who hasn't signed in is somebody else's.
ANONYMOUS_FOR_S = 300.0
# The protocol fixes these; `streams` in the same answer names all that this server has.
SUPPORTED = ("notifications", "chat", "analytics")
HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
    hdrs.CACHE_CONTROL: "no-store, no-transform",
    # nginx, and others that do as it does, would hold events back.
    "X-Accel-Buffering": "no",
}

log = structlog.get_logger("sse")


class EventStreams:
    """All readers of this node. `figures` are what `metrics` shows, None where nobody knows."""

    def __init__(
        self,
        offer: EventSources,
        admission: Admission,
        sessions: SessionLookup,
        tokens: TokenLookup,
        settings: Settings,
        connections: Connections,
        figures: Figures,
    ) -> None:
        self._offer = offer
        self._admission = admission
        self._sessions = sessions
        self._tokens = tokens
        self._settings = settings
        self._connections = connections
        self._figures = figures
        self._readers: dict[Outgoing, web.Request] = {}
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._readers)

    def routes(self) -> list[Route]:
        return [
            # A HEAD would have no end.
            Route("GET", PATH, self.handle, answers_head=False),
            Route("GET", "/api/config/sse", self.config, "How to follow Server-Sent Events"),
        ]

    def gauges(self) -> list[Gauge]:
        """The figures on `/metrics`."""
        return [Gauge("event_streams", "Open event streams.", lambda: len(self))]

    async def config(self, request: web.Request) -> web.Response:
        caller(request)
        return reply(
            {
                "sse_url": PATH,
                "retry_interval": RETRY_MS,
                "supported_events": SUPPORTED,
                "streams": self._offer.kinds,
            }
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Tell until somebody ends it. Raises ParleyErrors before the first byte."""
        lease = self._admission.admit(request)
        try:
            asked = stream_request(request)
            outgoing = Outgoing(self._settings.sse_buffer_size, lambda: self._overflowed(request))
            return await self._counted(request, asked, outgoing, lease)
        finally:
            lease.end()

    async def _counted(
        self, request: web.Request, asked: StreamRequest, outgoing: Outgoing, lease: Lease
    ) -> web.StreamResponse:
        self._readers[outgoing] = request
        try:
            return await self._serve(request, asked, outgoing, lease)
        finally:
            del self._readers[outgoing]
            outgoing.waiting.close()
            self._left.set()

    def _overflowed(self, request: web.Request) -> None:
        log.info("slow reader", address=request_info.address(request))
        cut_off(request)

    async def _serve(
        self, request: web.Request, asked: StreamRequest, outgoing: Outgoing, lease: Lease
    ) -> web.StreamResponse:
        # Noted first: what is revoked while somebody is let in must not slip through.
        moment = self._connections.moment
        known = await find_caller(request, self._sessions, self._tokens)
        if known is None:
            lease.stay_anonymous()
            return await self._show_life(request, outgoing)
        lease.sign_in(known.user.id)
        request[CALLER] = known
        stream = SSEConnection(
            known,
            outgoing,
            address=request_info.address(request),
            since=now(),
            transport=request.transport,
        )
        self._connections.add(stream, moment)
        try:
            async with self._offer.opened(stream, asked) as channels:
                return await self._tell(request, outgoing, channels)
        finally:
            self._connections.remove(stream)

    async def _show_life(self, request: web.Request, outgoing: Outgoing) -> web.StreamResponse:
        """Tell nobody in particular that the stream lives, for a while; readers come back."""
        greet(outgoing, [], None)
        loop = asyncio.get_running_loop()
        ending = loop.call_later(ANONYMOUS_FOR_S, lambda: outgoing.waiting.close(keep=True))
        try:
            return await self._tell(request, outgoing, [])
        finally:
            ending.cancel()

    async def _tell(
        self, request: web.Request, outgoing: Outgoing, channels: Iterable[Channel]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=HEADERS)
        notice_the_silent(request, self._settings.connection_timeout)
        in_chunks = request.version >= HttpVersion11
        if in_chunks:
            response.enable_chunked_encoding()
        await response.prepare(request)
        if in_chunks and self._settings.direct_writes:
            outgoing.waiting.direct = direct_writer(outgoing.waiting, request)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(channel.run()) for channel in channels]
            tasks.append(group.create_task(beat(outgoing, self._figures)))
            is_whole = await write(
                outgoing.waiting,
                response,
                heartbeat_s=self._settings.heartbeat_interval,
                patience_s=self._settings.connection_timeout,
            )
            for task in tasks:
                task.cancel()
        if not is_whole:
            cut_off(request)
        return response

    async def stop(self) -> None:
        """End every stream after what waits was written; readers come back by themselves."""
        for outgoing in list(self._readers):
            outgoing.waiting.close(keep=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                await self._all_left()
        for request in list(self._readers.values()):
            cut_off(request)

    async def _all_left(self) -> None:
        while self._readers:
            self._left.clear()
            await self._left.wait()


def notice_the_silent(request: web.Request, within_s: float) -> None:
    """Have the system end a connection whose other side takes nothing for so long."""
    transport = request.transport
    wire = transport.get_extra_info("socket") if transport is not None else None
    if wire is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(within_s * 1000))
