"""A WebSocket as RFC 6455 wants it: strict about frames, closed so that the other side hears why.

Used by `/ws` and `/ws/echo`. aiohttp offers no public way to either, so this knows its insides.
"""

# ruff: noqa: SLF001

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.http import WebSocketReader, WebSocketWriter
from aiohttp.web_request import BaseRequest

from app.realtime.security_log import log_refused_frame
from app.realtime.websocket.frame_rules import FrameRules, Violation

MAX_MESSAGE_BYTES = 1_048_576
CLOSE_WITHIN_S = 2.0
# Codes that nobody may send although aiohttp lets them through (RFC 6455, 7.4).
RESERVED_CODES = frozenset({1004, 1005, 1006, 1015})
LARGEST_CODE = 4999
ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


class StrictReader:
    """Stands before aiohttp's reader. After a refusal it reads on and forgets what it reads.

    `is_over` when the other side has said that it closes, or is gone.
    """

    def __init__(
        self, reader: WebSocketReader, queue: WebSocketDataQueue, heard: Callable[[], None]
    ) -> None:
        self._reader = reader
        self._queue = queue
        self._heard = heard
        self._rules = FrameRules()
        self._is_refused = False
        self.is_over = asyncio.Event()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """What aiohttp's connection calls with each piece; never asks it to hang up."""
        self._heard()
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
        """Whether nobody knows where the next frame begins."""
        return self._rules.is_broken

    def feed_eof(self) -> None:
        """The connection is gone."""
        self._reader.feed_eof()
        self.is_over.set()


class StrictWebSocketResponse(web.WebSocketResponse):
    """`heard` is called whenever something arrives. Messages are at most MAX_MESSAGE_BYTES long."""

    def __init__(self, heard: Callable[[], None]) -> None:
        # aiohttp refuses what is as long as its limit.
        super().__init__(
            timeout=CLOSE_WITHIN_S,
            autoclose=False,
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES + 1,
        )
        self.heard = heard
        self._strict: StrictReader | None = None

    def _post_start(
        self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        connection: Any = request.protocol
        tail, connection._message_tail = connection._message_tail, b""
        super()._post_start(request, protocol, writer)
        if self._parser is not None and self._reader is not None:
            self._strict = StrictReader(self._parser, self._reader, self.heard)
            connection._payload_parser = self._strict
            # What came together with the request.
            self._strict.feed_data(tail)

    async def next_message(self, within_s: float | None = None) -> WSMessage | None:
        """The next text or binary message; None at the end. Raises TimeoutError."""
        message = await self.receive(within_s)
        if message.type is WSMsgType.CLOSE:
            await self._answer_close(message)
        elif message.type is WSMsgType.ERROR and isinstance(self._req, web.Request):
            log_refused_frame(self._req, message.data)
        return None if message.type in ENDS else message

    async def _answer_close(self, message: WSMessage) -> None:
        code = message.data or WSCloseCode.OK
        if code in RESERVED_CODES or code > LARGEST_CODE:
            code = WSCloseCode.PROTOCOL_ERROR
        await self.close(code=code, drain=False)

    @property
    def _transport(self) -> asyncio.Transport | None:
        return self._req.transport if self._req is not None else None

    @property
    def buffered_bytes(self) -> int:
        """What was written and not yet taken by the network."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def abort(self) -> None:
        """Cut the connection, also under a writer that waits for a reader that doesn't read."""
        if self._transport is not None:
            self._transport.abort()

    def _close_transport(self) -> None:
        """Not yet: `linger` does, once the other side has heard."""
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
