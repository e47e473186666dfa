"""One plain WebSocket from its upgrade to its end: a line, and the messages of its client."""

import asyncio
from enum import IntEnum

from aiohttp import WSMessage, WSMsgType, web

from app.loop_pacing import Pace
from app.realtime.line.aiohttp_websocket import StrictWebSocket
from app.realtime.line.client_line import Line
from app.realtime.line.frame import Frame
from app.settings import Settings

GIVES_WAY_WITHIN_S = 0.5
REASON_BYTES = 120

PING = Frame(b"", kind=WSMsgType.PING)


class Close(IntEnum):
    """Why a connection ends, as the client is told."""

    STOPPING = 1001
    POLICY = 1008
    TRY_LATER = 1013
    UNAUTHENTICATED = 4401
    SESSION_ENDED = 4403


class ClientSocket:
    """`beats` paces its heartbeat with those of others."""

    def __init__(self, settings: Settings, beats: Pace) -> None:
        interval_s, timeout_s = settings.heartbeat_interval, settings.connection_timeout
        self.line = Line(self, PING, interval_s, timeout_s, beats)
        self._writes_straight = settings.direct_writes
        self._websocket = StrictWebSocket(self.line.heartbeat.heard)

    async def open(self, request: web.Request) -> None:
        """Answer the upgrade; from now on what is written goes out. Raises HTTPException."""
        await self._websocket.prepare(request)
        self.line.begin(self._websocket, self._websocket.direct if self._writes_straight else None)
        self.line.heartbeat.begin()

    @property
    def response(self) -> web.StreamResponse:
        """The response that the handler of the request returns."""
        return self._websocket

    async def next_message(self) -> WSMessage | None:
        """The next message of the client; None when it or we have ended."""
        message = await self._websocket.next_message()
        return None if self.line.is_ending else message

    def gives_up_slow(self) -> None:
        self.end(Close.TRY_LATER, "You read too slowly; come back and continue.")

    def gives_up_silent(self) -> None:
        self.line.abort()

    def give_way(self, reason: str) -> None:
        """End for a newcomer, whose open file must not wait for an anonymous client's goodbye."""
        self.end(Close.TRY_LATER, reason)
        asyncio.get_running_loop().call_later(GIVES_WAY_WITHIN_S, self.line.abort)

    def end(self, code: Close, reason: str, *, keeps_waiting: bool = False) -> None:
        """Say goodbye and close, whatever the client does; what waits goes first or never."""
        if not self.line.is_ending:
            self._websocket.part_with(code, reason.encode()[:REASON_BYTES])
            self.line.end(keeps_waiting=keeps_waiting)

    def abort(self) -> None:
        """End without a word."""
        self.line.abort()

    async def close(self) -> None:
        """The end of the handler: the goodbye goes out, the other side hangs up."""
        await self.line.close()
        await self._websocket.linger()
