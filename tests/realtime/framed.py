"""A WebSocket written by hand, frame by frame, for saying what no library would say."""

import asyncio
import os
import struct
from types import TracebackType
from typing import NamedTuple

from tests.harness.waiting import WITHIN_S

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# RFC 6455, 1.3: the answer to this key.
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


class Heard(NamedTuple):
    """One frame of the server."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int | None:
        """The code of a close frame."""
        return int.from_bytes(self.payload[:2], "big") if len(self.payload) >= 2 else None


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    masked: bool = True,
    long: int | None = None,
) -> bytes:
    """The bytes of a frame; `long` forces a length of 2 or 8 bytes."""
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    bit, size = 0x80 if masked else 0, len(payload)
    if long == 8 or size > 65_535:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    elif long == 2 or size > 125:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | size])
    if not masked:
        return head + payload
    mask = os.urandom(4)
    repeated = (mask * (size // 4 + 1))[:size]
    scrambled = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + scrambled.to_bytes(size, "big")


class Framed:
    """One connection to `path`."""

    def __init__(self, address: str, path: str) -> None:
        self._host = address.removeprefix("http://")
        self._path = path

    async def __aenter__(self) -> "Framed":
        host, port = self._host.split(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        self._writer.write(REQUEST.format(path=self._path, host=self._host).encode())
        answer = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), WITHIN_S)
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert ACCEPT in answer
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.transport.abort()

    def writes(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)

    async def hears(self) -> Heard:
        """The next frame, which is whole, unmasked and without reserved bits."""
        first, second = await self._read(2)
        assert first & 0xF0 == 0x80
        assert second < 0x80
        size = second
        if size >= 126:
            size = int.from_bytes(await self._read(2 if size == 126 else 8), "big")
        return Heard(first & 0x0F, await self._read(size))

    async def _read(self, count: int) -> bytes:
        return await asyncio.wait_for(self._reader.readexactly(count), WITHIN_S)

    async def is_closed_with(self, code: int) -> bool:
        """The next frame closes with this code, and then the connection ends."""
        heard = await self.hears()
        assert (heard.opcode, heard.code) == (CLOSE, code), heard
        return await self.ends()

    async def ends(self) -> bool:
        """The server hangs up; not before we have closed, unless it has waited long enough."""
        self.writes(frame(CLOSE))
        return await asyncio.wait_for(self._reader.read(), WITHIN_S) == b""

    def half_closes(self) -> None:
        self._writer.write_eof()

    async def is_cut(self) -> bool:
        """The server hangs up although we say nothing."""
        return await asyncio.wait_for(self._reader.read(), WITHIN_S) == b""
