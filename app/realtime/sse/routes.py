"""`GET /api/events`: from the request to the last byte."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial

from aiohttp import web

from app.loop_pacing import Pace
from app.realtime.admission import Admission
from app.realtime.connections import Connections
from app.realtime.draining import SendBack
from app.realtime.line.frame import Chunk
from app.realtime.line.heartbeat import BEATS_A_TURN
from app.realtime.line.open_lines import OpenLines
from app.realtime.pool import Lease
from app.realtime.sse import encoding
from app.realtime.sse.channel import Channel
from app.realtime.sse.client_response import ClientResponse
from app.realtime.sse.connection import EventWriter, SSEConnection
from app.realtime.sse.event_sources import EventSources
from app.realtime.sse.periodic_events import Figures, send_periodic_events
from app.realtime.sse.request import StreamRequest, stream_request
from app.settings import Settings
from app.telemetry.metrics import Gauge
from app.times import now
from app.web import request_info
from app.web.authentication import CALLER, SessionLookup, TokenLookup, find_caller
from app.web.route_helpers import caller, reply
from app.web.routing import Route

PATH = "/api/events"
END_WITHIN_S = 1.0
RETRY_MS = 3_000
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
        self._responses: OpenLines[ClientResponse] = OpenLines()
        self._beats = Pace(at_once=BEATS_A_TURN)

    def __len__(self) -> int:
        return len(self._responses)

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
        response = ClientResponse(request, self._settings, self._beats)
        try:
            with self._responses.counted(response):
                return await self._serve(request, stream_request(request), response, lease)
        finally:
            response.line.end()
            lease.end()

    async def _serve(
        self, request: web.Request, asked: StreamRequest, response: ClientResponse, lease: Lease
    ) -> web.StreamResponse:
        # Noted first: a revocation during authentication must not be missed.
        moment = self._connections.moment
        known = await find_caller(request, self._sessions, self._tokens)
        writer = EventWriter(response.line)
        if known is None:
            lease.stay_anonymous()
            return await self._show_life(response, writer)
        lease.sign_in(known.user.id)
        request[CALLER] = known
        stream = SSEConnection(
            known, response, writer, address=request_info.address(request), since=now()
        )
        self._connections.add(stream, moment)
        try:
            async with self._sources.opened(stream, asked) as channels:
                return await self._write(response, writer, channels, known.user.id)
        finally:
            self._connections.remove(stream)

    async def _show_life(self, response: ClientResponse, writer: EventWriter) -> web.StreamResponse:
        """Show an anonymous reader that the stream lives, for a while; readers come back."""
        loop = asyncio.get_running_loop()
        ending = loop.call_later(ANONYMOUS_FOR_S, partial(response.line.end, keeps_waiting=True))
        try:
            return await self._write(response, writer, [], None)
        finally:
            ending.cancel()

    async def _write(
        self,
        response: ClientResponse,
        writer: EventWriter,
        channels: Iterable[Channel],
        user_id: str | None,
    ) -> web.StreamResponse:
        await response.open(_greeting(writer, channels, user_id))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(channel.run()) for channel in channels]
            tasks.append(group.create_task(send_periodic_events(writer, self._figures)))
            ended = await response.over()
            for task in tasks:
                task.cancel()
        return ended

    def staying(self) -> list[SendBack]:
        """A function for each reader that sends it back."""
        responses = [each for each in self._responses if not each.line.is_ending]
        return [partial(self._send_back, response) for response in responses]

    @staticmethod
    def _send_back(response: ClientResponse, after_ms: int) -> None:
        response.line.write(Chunk(encoding.retry(after_ms)))
        response.line.end(keeps_waiting=True)

    async def stop(self) -> None:
        """End every stream after what waits was written; readers come back by themselves."""
        for response in self._responses:
            response.line.end(keeps_waiting=True)
        await self._responses.end_within(END_WITHIN_S)


def _greeting(writer: EventWriter, channels: Iterable[Channel], user_id: str | None) -> bytes:
    """`connection` with the cursor to come back with, and `welcome` for who is signed in."""
    for channel in channels:
        writer.follow(channel)
    connection = encoding.connection(RETRY_MS, writer.cursor)
    if user_id is None:
        return connection
    welcome = {"user_id": user_id, "message": "Welcome to personalized feed"}
    return connection + encoding.unnumbered("welcome", welcome)
