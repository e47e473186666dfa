"""Thousands of clients in a process of their own, which come at once and leave at once.

async with crowd(server.url, tokens, 1_500, kind="socketio") as people:
    people.leaves()  # the kernel closes all their connections in one go
"""

import asyncio
import json
import signal
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Literal, cast
from urllib.parse import urlsplit

import uvloop

Kind = Literal["socketio", "plain", "sse"]

COMES_WITHIN_S = 120.0
AT_ONCE = 200
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
STREAM = (
    "GET /api/events?streams=notifications HTTP/1.1\r\nHost: {host}\r\n"
    "Authorization: Bearer {token}\r\n\r\n"
)
# Heartbeats: those of Engine.IO are texts, on `/ws` they are WebSocket's own.
PING, PONG = b"\x81\x012", "3"
FRAME_PING, FRAME_PONG = b"\x89\x00", b"\x8a\x80" + bytes(4)


class Crowd:
    """The process in which they are."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def leaves(self) -> None:
        """All connections end in the same moment, without a goodbye."""
        if self._process.returncode is None:
            self._process.kill()

    def falls_silent(self) -> None:
        """Stop the process: it answers nothing more, and its connections stay open."""
        self._process.send_signal(signal.SIGSTOP)


@asynccontextmanager
async def client_process(
    module: str, *arguments: str, first: bytes, line_bytes: int = 2**16
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`module` in a process of its own, which is told the line `first`; entered when it says that
    all its clients were let in. It says lines of at most `line_bytes`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=line_bytes,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(first + b"\n")
        async with asyncio.timeout(COMES_WITHIN_S):
            assert await process.stdout.readline() == b"ready\n", "not all of them get in"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def crowd(
    url: str, tokens: Sequence[str], size: int, kind: Kind = "socketio"
) -> AsyncIterator[Crowd]:
    """`size` clients that share `tokens`; entered when all were let in."""
    first = json.dumps(list(tokens)).encode()
    async with client_process("tests.harness.crowd", url, kind, str(size), first=first) as process:
        yield Crowd(process)


# The process.


class Client(asyncio.Protocol):
    """One of them. `is_in` resolves when the server has let it in."""

    def __init__(self, request: str, hello: str | None, sign: bytes) -> None:
        self._request = request
        self._hello = hello
        self._sign = sign
        self._heard = b""
        self._transport: asyncio.Transport
        self.is_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request.encode())

    def data_received(self, data: bytes) -> None:
        if self.is_in.done():
            if PING in data:
                self._transport.write(masked(PONG))
            if FRAME_PING in data:
                self._transport.write(FRAME_PONG)
            return
        self._heard += data
        if self._hello is not None and b"\r\n\r\n" in self._heard:
            self._transport.write(masked(self._hello))
            self._hello = None
        if self._sign in self._heard:
            self._heard = b""
            self.is_in.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_in.done():
            self.is_in.set_exception(error or ConnectionError(repr(self._heard[:500])))


def masked(text: str) -> bytes:
    """A text frame from a client, under a mask of zeros."""
    data = text.encode()
    length = bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack("!BH", 0xFE, len(data))
    return b"\x81" + length + bytes(4) + data


def client(kind: str, host: str, token: str) -> Client:
    """One client, not yet connected."""
    if kind == "sse":
        return Client(STREAM.format(host=host, token=token), None, b"welcome")
    if kind == "plain":
        hello = json.dumps({"type": "auth", "token": token})
        return Client(UPGRADE.format(path="/ws", host=host), hello, b'"welcome"')
    path = "/socket.io/?EIO=4&transport=websocket"
    hello = "40/chat," + json.dumps({"token": token})
    return Client(UPGRADE.format(path=path, host=host), hello, b'"welcome"')


async def come(url: str, kind: str, size: int, tokens: list[str]) -> None:
    """All come in, and stay until this process ends."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(token: str) -> Client:
        async with places:
            made = client(kind, address.netloc, token)
            await loop.create_connection(lambda: made, address.hostname, address.port)
            await made.is_in
            return made

    people = await asyncio.gather(
        *(one(t) for t, _ in zip(cycle(tokens), range(size), strict=False))
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
    assert people


if __name__ == "__main__":
    _, of, which, many = sys.argv
    uvloop.run(come(of, which, int(many), json.loads(sys.stdin.readline())))
