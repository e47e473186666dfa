"""Frames and chunks: bytes for the wire, encoded once for all who get them. No I/O."""

import struct
from collections.abc import Callable

from aiohttp import WSMsgType

SHORT, MEDIUM = 126, 65_536
FINAL, OPCODE = 0x80, 0x0F


class Frame:
    """One whole WebSocket frame from a server, unmasked and uncompressed (RFC 6455, section 5.2).

    `wire` has all its bytes, `size` counts those of its data. `stream` names the stream it
    tells of, so that it can be taken back while it waits. An answer has an `instead`, which makes
    the answer that is given when the first one is taken back.
    """

    __slots__ = ("instead", "size", "stream", "wire")

    def __init__(
        self,
        data: bytes,
        stream: str | None = None,
        instead: "Callable[[], Frame] | None" = None,
        kind: WSMsgType = WSMsgType.TEXT,
    ) -> None:
        self.wire = framed(kind, data)
        self.size = len(data)
        self.stream = stream
        self.instead = instead

    @property
    def kind(self) -> WSMsgType:
        return WSMsgType(self.wire[0] & OPCODE)

    @property
    def data(self) -> bytes:
        return self.wire[len(self.wire) - self.size :]


class Chunk(Frame):
    """A chunk of a response whose length is not known in advance (RFC 9112, section 7.1)."""

    __slots__ = ()

    def __init__(self, data: bytes, stream: str | None = None) -> None:
        self.wire = chunked(data)
        self.size = len(data)
        self.stream = stream
        self.instead = None

    @property
    def data(self) -> bytes:
        return self.wire[-self.size - 2 : -2]


def framed(kind: WSMsgType, data: bytes) -> bytes:
    """`data` with the head of a WebSocket frame before it."""
    first, length = FINAL | kind, len(data)
    if length < SHORT:
        return struct.pack("!BB", first, length) + data
    if length < MEDIUM:
        return struct.pack("!BBH", first, 126, length) + data
    return struct.pack("!BBQ", first, 127, length) + data


def chunked(data: bytes) -> bytes:
    """`data` with its length before and a line break after it."""
    return b"%x\r\n%b\r\n" % (len(data), data)
