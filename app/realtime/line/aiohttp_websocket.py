"""aiohttp's WebSocket as a wire, and all that Parley overrides of it.

`EngineWebSocket` carries Engine.IO, `StrictWebSocket` the messages of `/ws`. The methods that they
override are not public, so the version is checked. Each override says why it is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.helpers import DEFAULT_CHUNK_SIZE
from aiohttp.http import WebSocketReader, WebSocketWriter
from aiohttp.web_request import BaseRequest
from structlog.contextvars import bind_contextvars, get_contextvars

from app.library_versions import require_pinned
from app.realtime.line.direct_writer import DirectWriter, direct_writer
from app.realtime.line.frame import Frame
from app.realtime.line.frame_rules import FrameRules, Violation
from app.realtime.security_log import log_refused_frame

require_pinned("aiohttp")

MAX_MESSAGE_BYTES = 1_048_576
CLOSE_WITHIN_S = 2.0
# Closing over what a client still sends would reset the connection, and take from it the frame
# that says why: a refused one has so long to send the rest, which is not read.
REFUSED_HEARS_WITHIN_S = 1.0
# Codes that may not be sent although aiohttp accepts them (RFC 6455, 7.4).
RESERVED_CODES = frozenset({1004, 1005, 1006, 1015})
LARGEST_CODE = 4999
ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


class WebSocketWire(web.WebSocketResponse):
    """A WebSocket that a line can write to (`app.realtime.line.client_line.Wire`)."""

    @property
    def _transport(self) -> asyncio.Transport | None:
        return self._req.transport if self._req is not None else None

    @property
    def direct(self) -> DirectWriter | None:
        """The short way to its client, where there is one."""
        return direct_writer(self, self._req) if isinstance(self._req, web.Request) else None

    async def carry(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            await self.send_frame(frame.data, frame.kind)

    async def part(self) -> None:
        await self.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_gone(self) -> bool:
        return self._transport is None

    @property
    def buffered_bytes(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def _note_refused(self, error: BaseException | None) -> None:
        if isinstance(self._req, web.Request):
            log_refused_frame(self._req, error)


class EngineWebSocket(WebSocketWire):
    """A WebSocket on which `talk` begins once its request is answered.

    Messages are at most `most_bytes` long.
    """

    def __init__(self, most_bytes: int, talk: Callable[["EngineWebSocket"], Awaitable[None]]):
        # aiohttp refuses a message that reaches its limit.
        super().__init__(max_msg_size=most_bytes + 1, compress=False)
        self._talk: Callable[[EngineWebSocket], Awaitable[None]] | None = talk
        self._bound = get_contextvars()

    async def next_frame(self) -> str | bytes:
        """The next message. Raises OSError at the end."""
        message = await self.receive()
        if not isinstance(message.data, str | bytes):
            self._note_refused(self.exception())
            raise OSError("the WebSocket has ended")
        return message.data

    async def write_eof(self) -> None:  # type: ignore[override]  # as aiohttp does itself
        """Talk, then close: aiohttp calls this when all handlers of the request have returned.

        Talking within the handlers would keep their frames, from the first middleware on, for as
        long as the connection: a quarter of the memory that an idle one takes.
        """
        talk, self._talk = self._talk, None
        if talk is not None:
            bind_contextvars(**self._bound)
            self._bound.clear()
            await talk(self)
        await super().write_eof()
        if self._is_refused:
            await asyncio.sleep(REFUSED_HEARS_WITHIN_S)

    @property
    def _is_refused(self) -> bool:
        """Whether the client has sent a frame that breaks the protocol."""
        return isinstance(self.exception(), WebSocketError)

    def _close_transport(self) -> None:
        # aiohttp would reset the connection of a refused client before it has read why.
        if not self._is_refused:
            super()._close_transport()


class StrictReader:
    """Checks all that arrives before aiohttp's reader gets it; forgets what follows a refusal.

    `is_over` when the other side has said that it closes, or is gone.
    """

    def __init__(self, reader: WebSocketReader, queue: WebSocketDataQueue) -> None:
        self._reader = reader
        self._queue = queue
        self._rules = FrameRules()
        self._is_refused = False
        self.is_over = asyncio.Event()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Called by aiohttp's connection with each piece. The answer never makes it hang up."""
        if not self._rules.is_broken:
            self._take(bytes(data))
        return False, b""

    def _take(self, data: bytes) -> None:
        try:
            self._rules.examine(data)
        except Violation as wrong:
            self._give(data[: wrong.at])
            self._queue.set_exception(WebSocketError(wrong.code, str(wrong)))
            return
        self._give(data)
        if self._rules.has_closed:
            self.is_over.set()

    def _give(self, data: bytes) -> None:
        if not self._is_refused:
            self._is_refused, _ = self._reader.feed_data(data)

    @property
    def is_incomprehensible(self) -> bool:
        """Whether it is unknown where the next frame begins."""
        return self._rules.is_broken

    def feed_eof(self) -> None:
        """The connection is gone."""
        self._reader.feed_eof()
        self.is_over.set()


class StrictWebSocket(WebSocketWire):
    """A WebSocket that is strict about frames, and closes so that the other side learns why.

    `heard` is called whenever something arrives. Messages are at most MAX_MESSAGE_BYTES long.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        # aiohttp refuses a message that reaches its limit.
        super().__init__(
            timeout=CLOSE_WITHIN_S,
            autoclose=False,
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES + 1,
        )
        self._heard = heard
        self._strict: StrictReader | None = None
        self._goodbye = (WSCloseCode.OK.value, b"")

    def _post_start(
        self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        # aiohttp's own, but for the StrictReader before its reader.
        loop = asyncio.get_running_loop()
        self._ws_protocol, self._writer = protocol, writer
        self._reader = WebSocketDataQueue(request.protocol, DEFAULT_CHUNK_SIZE, loop=loop)
        self._parser = WebSocketReader(self._reader, self._max_msg_size, False, True)
        self._strict = StrictReader(self._parser, self._reader)
        strict: Any = self._strict  # It stands for a WebSocketReader.
        request.protocol.set_parser(strict, data_received_cb=self._heard)
        request.protocol.keep_alive(False)

    async def next_message(self) -> WSMessage | None:
        """The next text or binary message; None at the end."""
        message = await self.receive()
        if message.type is WSMsgType.CLOSE:
            await self._answer_close(message)
        elif message.type is WSMsgType.ERROR:
            self._note_refused(message.data)
        return None if message.type in ENDS else message

    async def _answer_close(self, message: WSMessage) -> None:
        code = message.data or WSCloseCode.OK
        if code in RESERVED_CODES or code > LARGEST_CODE:
            code = WSCloseCode.PROTOCOL_ERROR
        await self.close(code=code, drain=False)

    def part_with(self, code: int, reason: bytes) -> None:
        """Say this when it parts."""
        self._goodbye = code, reason

    async def part(self) -> None:
        """Say the goodbye, and wait a moment for the other side's."""
        code, reason = self._goodbye
        await self.close(code=code, message=reason)

    def _close_transport(self) -> None:
        # Not yet: `linger` does, once the other side has read why.
        if self._req is not None:
            self._req.protocol.resume_reading()

    async def linger(self) -> None:
        """Close when the other side has closed, or after a while: closing over what it still sends
        would reset the connection, and take our close frame away with it."""
        if self._strict is None:
            return
        if self._strict.is_incomprehensible and self._transport is not None:
            # Its close frame would not be known as one, so it has to hang up by itself.
            self._transport.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._strict.is_over.wait()
        if self._transport is not None:
            self._transport.close()
