"""Encode once, write straight: a ready frame goes to the socket of whoever waits for nothing else.

The stock way costs each recipient an encoding, a place in a queue, a turn of a task and a frame.
Here the frame of an event is made once (RFC 6455, section 5.2), and a client on a WebSocket with
nothing queued before it gets these bytes in the same moment. Everyone else (polling, an upgrade in
flight, a queue that is not empty, a full buffer) takes the stock way through their outbox, so each
client keeps one order.

Of the layers below it needs only what is public: `closed` of aiohttp's response, a transport's
`is_closing`, `get_write_buffer_size` and `write`. `direct_writer` looks whether they are there.
"""

import asyncio
import os
import socket
import struct
from typing import Any

import structlog
from aiohttp import WSMsgType, web

# Past this a reader is too slow to be written to at once. What is written can't be taken back from
# somebody who loses access, so it is no more than an outbox hands over in one turn.
BUFFERED_BYTES = 65_536

SHORT, MEDIUM = 126, 65_536
FINAL = 0x80
NEEDS = ("is_closing", "get_write_buffer_size", "write")

log = structlog.get_logger("fanout")


def framed(kind: WSMsgType, payload: bytes) -> bytes:
    """One whole message or control frame from a server, unmasked and uncompressed."""
    first, length = FINAL | kind, len(payload)
    if length < SHORT:
        return struct.pack("!BB", first, length) + payload
    if length < MEDIUM:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


class DirectWriter:
    """The short way to one WebSocket, for whoever knows that nothing waits before it."""

    __slots__ = ("_descriptor", "_response", "_transport")

    def __init__(
        self, response: web.WebSocketResponse, transport: asyncio.Transport, descriptor: int
    ) -> None:
        self._response = response
        self._transport = transport
        self._descriptor = descriptor

    def write(self, frame: bytes) -> bool:
        """Hand `frame` over at once; False, with nothing written, where it has to be queued."""
        transport = self._transport
        # A transport that closes may have given its descriptor to somebody else.
        if self._response.closed or transport.is_closing():
            return False
        waiting = transport.get_write_buffer_size()
        if waiting:
            if waiting + len(frame) > BUFFERED_BYTES:
                return False
            transport.write(frame)
            return True
        # Past the transport, which has nothing to write: its own way is half as fast.
        try:
            sent = os.write(self._descriptor, frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return False  # Whoever reads hears of it too.
        if sent < len(frame):
            transport.write(frame[sent:])
        return True


def direct_writer(response: web.WebSocketResponse, request: web.Request) -> DirectWriter | None:
    """For a WebSocket without compression; None, and a warning, over layers of unknown shape.

    One that is encrypted here has no short way: its bytes are the encryption's.
    """
    transport = request.transport
    if transport is None or transport.get_extra_info("sslcontext") is not None:
        return None
    end: Any = transport.get_extra_info("socket")
    is_known = all(callable(getattr(transport, name, None)) for name in NEEDS)
    if not is_known or getattr(end, "type", None) != socket.SOCK_STREAM:
        log.warning("every client is written to from its queue", transport=type(transport).__name__)
        return None
    return DirectWriter(response, transport, end.fileno())
