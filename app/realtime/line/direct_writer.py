"""Writes a ready frame straight to a client's socket.

aiohttp's own way costs each recipient an encoding, a queue, a turn of a task and a frame. A frame
of Parley's is encoded once for all, and a client for which nothing waits gets its bytes in the same
moment. Where this can't write (a full buffer, an encrypted connection), the line queues the frame.

Only public attributes of the layers below are used: `closed` of aiohttp's response, and a
transport's `is_closing`, `get_write_buffer_size` and `write`. `direct_writer` checks that they are
there.
"""

import asyncio
import os
import socket
from typing import Any, Protocol

import structlog
from aiohttp import web

# Past this a reader is too slow to be written to at once. Bytes that are written can't be taken
# back from a client that loses access, so it is no more than an outbox hands over in one turn.
BUFFERED_BYTES = 65_536

NEEDS = ("is_closing", "get_write_buffer_size", "write")

log = structlog.get_logger("line")


class Ending(Protocol):
    """The object that a direct writer writes for, such as aiohttp's WebSocket."""

    @property
    def closed(self) -> bool: ...


class DirectWriter:
    """Writes to the socket of one client. The caller makes sure that nothing waits before it."""

    __slots__ = ("_descriptor", "_ending", "_transport")

    def __init__(self, ending: Ending, transport: asyncio.Transport, descriptor: int) -> None:
        self._ending = ending
        self._transport = transport
        self._descriptor = descriptor

    def write(self, frame: bytes) -> bool:
        """Hand `frame` over at once; False, with nothing written, where it has to be queued."""
        transport = self._transport
        # A transport that closes may have freed its descriptor for another connection.
        if self._ending.closed or transport.is_closing():
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
            return False  # The reader notices it too.
        if sent < len(frame):
            transport.write(frame[sent:])
        return True


def direct_writer(ending: Ending, request: web.Request) -> DirectWriter | None:
    """The direct writer under an uncompressed response.

    Returns None for a connection that is encrypted here, and, with a warning, where the layers
    below don't have what is needed.
    """
    transport = request.transport
    if transport is None or transport.get_extra_info("sslcontext") is not None:
        return None
    end: Any = transport.get_extra_info("socket")
    is_known = all(callable(getattr(transport, name, None)) for name in NEEDS)
    if not is_known or getattr(end, "type", None) != socket.SOCK_STREAM:
        log.warning("every client is written to from its queue", transport=type(transport).__name__)
        return None
    return DirectWriter(ending, transport, end.fileno())
