"""`GET /api/events`: from the request to the last byte."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial

from aiohttp import web

from app.pace import Pace
from app.realtime.admission import Admission
from app.realtime.connections import Connections
from app.realtime.line.heartbeat import BEATS_A_TURN
from app.realtime.line.open_lines import OpenLines
from app.realtime.pool import Lease
from app.realtime.sse.channel import Channel
from app.realtime.sse.connection import EventWriter, SSEConnection
from app.realtime.sse.event_sources import RETRY_MS, EventSources, greeting
from app.realtime.sse.heartbeats import Figures, beat
from app.realtime.sse.reader import Reader
from app.realtime.sse.request import StreamRequest, stream_request
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.times import now
from app.web import request_info
from app.web.authentication import CALLER, SessionLookup, TokenLookup, find_caller
from app.web.http import caller, reply
from app.web.routing import Route

PATH = "/api/events"
END_WITHIN_S = 1.0
# A reader without a sign-in frees its lease for others after this.
ANONYMOUS_FOR_S = 300.0


class EventStreams:
    """All readers of this node.

    `figures` returns those of `metrics`, None where unknown. `supported_events` are the kinds of
    streams that the protocol fixes; `streams` in the same answer has all of this server.
    """

    def __init__(
        self,
        sources: EventSources,
        admission: Admission,
        sessions: SessionLookup,
        tokens: TokenLookup,
        settings: Settings,
        connections: Connections,
        figures: Figures,
        supported_events: Sequence[str],
    ) -> None:
        self._sources = sources
        self._admission = admission
        self._sessions = sessions
        self._tokens = tokens
        self._settings = settings
        self._connections = connections
        self._figures = figures
        self._supported_events = supported_events
        self._readers: OpenLines[Reader] = OpenLines()
        self._beats = Pace(at_once=BEATS_A_TURN)

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
                "supported_events": self._supported_events,
                "streams": self._sources.kinds,
            }
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Write events until the stream ends. Raises ParleyErrors before the first byte."""
        lease = self._admission.admit(request)
        reader = Reader(request, self._settings, self._beats)
        try:
            with self._readers.counted(reader):
                return await self._serve(request, stream_request(request), reader, lease)
        finally:
            reader.line.end()
            lease.end()

    async def _serve(
        self, request: web.Request, asked: StreamRequest, reader: Reader, lease: Lease
    ) -> web.StreamResponse:
        # Noted first: a revocation during authentication must not be missed.
        moment = self._connections.moment
        known = await find_caller(request, self._sessions, self._tokens)
        writer = EventWriter(reader.line)
        if known is None:
            lease.stay_anonymous()
            return await self._show_life(reader, writer)
        lease.sign_in(known.user.id)
        request[CALLER] = known
        stream = SSEConnection(
            known, reader, writer, address=request_info.address(request), since=now()
        )
        self._connections.add(stream, moment)
        try:
            async with self._sources.opened(stream, asked) as channels:
                return await self._write(reader, writer, channels, known.user.id)
        finally:
            self._connections.remove(stream)

    async def _show_life(self, reader: Reader, writer: EventWriter) -> web.StreamResponse:
        """Show an anonymous reader that the stream lives, for a while; readers come back."""
        loop = asyncio.get_running_loop()
        ending = loop.call_later(ANONYMOUS_FOR_S, partial(reader.line.end, keeps_waiting=True))
        try:
            return await self._write(reader, writer, [], None)
        finally:
            ending.cancel()

    async def _write(
        self,
        reader: Reader,
        writer: EventWriter,
        channels: Iterable[Channel],
        user_id: str | None,
    ) -> web.StreamResponse:
        await reader.open(greeting(writer, channels, user_id))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(channel.run()) for channel in channels]
            tasks.append(group.create_task(beat(writer, self._figures)))
            response = await reader.over()
            for task in tasks:
                task.cancel()
        return response

    async def stop(self) -> None:
        """End every stream after what waits was written; readers come back by themselves."""
        for reader in self._readers:
            reader.line.end(keeps_waiting=True)
        await self._readers.end_within(END_WITHIN_S)
