"""Lets the workers of one server pass connections on and read each other's figures.

The kernel gives a new connection to any worker, but a session of Socket.IO over polling lives in
one of them. A worker that reads a request of another's session gives it that request together with
its connection: the further requests on this connection go straight to the right worker. They meet
over Unix sockets in a folder that only their own user can enter.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import hdrs, web

from app.realtime.socketio.engineio_requests import is_upgrade
from app.realtime.socketio.engineio_server import MAX_PACKET_BYTES
from app.telemetry.tasks import Tasks
from app.web.http_server import Connection, Server
from app.web.request_body import body

BACKLOG = 1_024
PASSED_WITHIN_S = 10.0
FIGURES_WITHIN_S = 2.0
ACCEPTED_AGAIN_AFTER_S = 0.1
PIECE_BYTES = 65_536
# The length of the request that follows; 0 asks for figures.
LENGTH = struct.Struct("!Q")
# The body is passed on as it was read: whole and not compressed.
ABOUT_THE_BODY = frozenset(
    {
        hdrs.CONTENT_LENGTH.lower(),
        hdrs.CONTENT_ENCODING.lower(),
        hdrs.TRANSFER_ENCODING.lower(),
        hdrs.EXPECT.lower(),
    }
)

log = structlog.get_logger("workers")


def sid_prefix(number: int) -> str:
    """The beginning of the ids of worker `number`'s sessions; no random id has its dot."""
    return f"{number}."


def worker_of(sid: str) -> int | None:
    """The worker that an id names, None where it names none."""
    number, dot, _ = sid.partition(".")
    return int(number) if dot and number.isdecimal() and len(number) < 5 else None


class Siblings:
    """Worker `number` among `count` of them, numbered from 1."""

    def __init__(self, folder: Path, number: int, count: int) -> None:
        self.number = number
        self._folder = folder
        self._count = count

    @asynccontextmanager
    async def listening(self, server: Server, figures: Callable[[], bytes]) -> AsyncIterator[None]:
        """Take what the others pass on: connections go to `server`, `figures` are read to them."""
        tasks = Tasks()
        path = self._path(self.number)
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.setblocking(False)
            listener.bind(str(path))
            listener.listen(BACKLOG)
            tasks.spawn(self._accept(listener, server, figures, tasks), "siblings")
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
                await tasks.close()

    async def pass_on(self, request: web.Request) -> bool:
        """Give a request and its connection to the worker whose session it names.

        Returns False where it is ours, or that worker is not there; then nothing has happened.
        Raises TooLarge.
        """
        number = worker_of(request.query.get("sid", ""))
        connection = request.protocol
        is_others = number is not None and number != self.number and number <= self._count
        if number is None or not is_others or not isinstance(connection, Connection):
            return False
        try:
            way = await self._way_to(number)
        except OSError:
            return False
        with way:
            received = await as_received(request, connection)
            try:
                async with asyncio.timeout(PASSED_WITHIN_S):
                    await _give(way, connection, received)
            except OSError as error:  # A TimeoutError is one too.
                log.warning("not_passed_on", to=number, reason=type(error).__name__)
            finally:
                # Also after a failure: the other may have it already.
                connection.let_go()
        return True

    async def figures(self) -> dict[int, bytes]:
        """The figures of all other workers that answer, by number."""
        numbers = [n for n in range(1, self._count + 1) if n != self.number]
        found = await asyncio.gather(*map(self._figures_of, numbers))
        return {number: text for number, text in zip(numbers, found, strict=True) if text}

    async def _figures_of(self, number: int) -> bytes:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(FIGURES_WITHIN_S):
                with await self._way_to(number) as way:
                    await loop.sock_sendall(way, LENGTH.pack(0))
                    return b"".join([piece async for piece in _pieces(way)])
        except OSError:
            return b""

    async def _way_to(self, number: int) -> socket.socket:
        way = socket.socket(socket.AF_UNIX)
        way.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(way, str(self._path(number)))
        except BaseException:
            way.close()
            raise
        return way

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.sock"

    async def _accept(
        self, listener: socket.socket, server: Server, figures: Callable[[], bytes], tasks: Tasks
    ) -> None:
        while True:
            try:
                way, _ = await asyncio.get_running_loop().sock_accept(listener)
            except OSError as error:  # Too many open files, for one.
                log.warning("siblings_wait", reason=type(error).__name__)
                await asyncio.sleep(ACCEPTED_AGAIN_AFTER_S)
                continue
            tasks.spawn(_take(way, server, figures), "sibling")


async def as_received(request: web.Request, connection: Connection) -> bytes:
    """The request as it would have come with its whole body. Raises TooLarge."""
    content = b"" if is_upgrade(request) else await body(request, MAX_PACKET_BYTES)
    version = f"HTTP/{request.version.major}.{request.version.minor}"
    start = f"{request.method} {request.raw_path} {version}"
    lines = [start.encode("utf-8", "surrogateescape")]
    for name, value in request.raw_headers:
        if name.lower().decode("latin-1") not in ABOUT_THE_BODY:
            lines.append(name + b": " + value)
    if content or request.method == hdrs.METH_POST:
        lines.append(b"Content-Length: %d" % len(content))
    if connection.is_pipelined():
        # Requests that follow without waiting stay here: their client has to send them again.
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n" + content + connection.early_bytes()


async def _give(way: socket.socket, connection: Connection, received: bytes) -> None:
    transport = connection.transport
    if transport is None or transport.is_closing():
        return
    # From here on all that comes is the other's to read.
    transport.pause_reading()
    descriptor = transport.get_extra_info("socket").fileno()
    socket.send_fds(way, [LENGTH.pack(len(received))], [descriptor])
    await asyncio.get_running_loop().sock_sendall(way, received)


async def _take(way: socket.socket, server: Server, figures: Callable[[], bytes]) -> None:
    """Read what one sibling gives or asks; a broken gift is closed."""
    loop = asyncio.get_running_loop()
    with way, contextlib.suppress(OSError):
        async with asyncio.timeout(PASSED_WITHIN_S):
            way.setblocking(False)
            await _readable(way)
            head, descriptors, _, _ = socket.recv_fds(way, LENGTH.size, 1)
            if not descriptors:
                await loop.sock_sendall(way, figures())
                return
            with contextlib.ExitStack() as stack:
                given = stack.enter_context(socket.socket(fileno=descriptors[0]))
                received = b"".join([piece async for piece in _pieces(way)])
                if len(received) != LENGTH.unpack(head)[0]:
                    return
                given.setblocking(False)
                stack.pop_all()
                await loop.connect_accepted_socket(lambda: server.going_on(received), given)


async def _readable(way: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(way.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(way.fileno())


async def _pieces(way: socket.socket) -> AsyncIterator[bytes]:
    """Yield all that comes until the other end closes."""
    loop = asyncio.get_running_loop()
    while piece := await loop.sock_recv(way, PIECE_BYTES):
        yield piece
