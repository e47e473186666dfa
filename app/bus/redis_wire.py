"""An open connection to Redis whose answers are taken as they arrive.

redis-py opens it: addresses, passwords and TLS are its own. Its way of reading costs three tasks'
turns and a time-out for each answer, more than all the rest of a hint, so its stream is replaced by
a protocol over the parser that it uses too. That the stream is there is not public, so the version
is checked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import InvalidResponse, RedisError, ResponseError

from app.bus.redis_connection import connection
from app.library_versions import require_pinned

require_pinned("redis")

# The rest of what has arrived waits for the next turn of the loop.
ANSWERS_A_TURN = 100

Answer = Any
"""The answer to a command: `bytes`, an integer, None, or a list of these."""


class RedisWire(asyncio.Protocol):
    """Calls `take` with each answer. An error that it raises, or that Redis answers, ends it."""

    def __init__(self, line: AbstractConnection, take: Callable[[Answer], None]) -> None:
        stream: Any = line
        self._pack = line.pack_commands
        self._take = take
        self._parser = hiredis.Reader(
            protocolError=InvalidResponse, replyError=ResponseError, notEnoughData=NOTHING
        )
        self._transport: asyncio.Transport = stream._writer.transport  # noqa: SLF001
        self._transport.set_protocol(self)
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._has_rest = False
        if already := bytes(stream._reader._buffer):  # noqa: SLF001
            self.data_received(already)

    def send(self, command: str, each: Sequence[Sequence[str | bytes]]) -> None:
        """Send `command` with each of these arguments."""
        self._transport.write(b"".join([packed(command, arguments) for arguments in each]))

    async def ends(self) -> None:
        """Wait for the end of the connection, and raise why."""
        await asyncio.shield(self._failure)

    def fail(self, error: Exception) -> None:
        """End the connection with this failure; harmless where it has ended."""
        if not self._failure.done():
            self._failure.set_exception(error)
            self._failure.exception()  # Retrieved: asyncio would log it where nobody waits.

    # Called by the transport.

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        self._parser.feed(data)
        if not self._has_rest:
            self._go_on()

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end."""
        self.fail(NoConnection("Redis has closed the connection."))

    def _go_on(self) -> None:
        # Hot path: every batch of another node passes here.
        if self._has_rest:
            self._has_rest = False
            self._transport.resume_reading()
        try:
            for _ in range(ANSWERS_A_TURN):
                answer = self._parser.gets()
                if answer is NOTHING or self._failure.done():
                    return
                if isinstance(answer, RedisError):
                    self.fail(answer)
                    return
                self._take(answer)
        except Exception as error:  # noqa: BLE001  # raised by `ends`
            self.fail(error)
            return
        self._has_rest = True
        self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._go_on)


NOTHING: Any = object()


@asynccontextmanager
async def wire(url: str, take: Callable[[Answer], None]) -> AsyncIterator[RedisWire]:
    """A connection of one's own, which is closed at the end. Raises one of Failures."""
    async with connection(url) as line:
        yield RedisWire(line, take)


def packed(command: str, arguments: Sequence[str | bytes]) -> bytes:
    """A command as Redis reads it (RESP, arrays of bulk strings)."""
    parts = [each.encode() if isinstance(each, str) else each for each in (command, *arguments)]
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(p), p) for p in parts])
