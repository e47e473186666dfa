"""Connections to Redis or Valkey, and what goes over them."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.bus.bus import Hint
from app.bus.pulse import BEAT

ANSWERS_WITHIN_S = 1.0
BEAT_MARK = f" {BEAT} ".encode()

Failures = (RedisError, OSError, TimeoutError)
"""The errors that are raised where Redis is away, slow, or refuses."""


def client(url: str) -> Redis:
    """A client for single commands. It answers or raises within a second, and tries only once."""
    return Redis.from_url(
        url,
        socket_timeout=ANSWERS_WITHIN_S,
        socket_connect_timeout=ANSWERS_WITHIN_S,
        retry=once(),
        protocol=2,
    )


def unopened(url: str) -> AbstractConnection:
    """A connection of one's own. Reading from it waits for ever."""
    # Any: the library has no types for making a connection.
    pool: Any = ConnectionPool.from_url(
        url,
        # The library's default would end a listener that has nothing to hear for five seconds.
        socket_timeout=None,
        socket_connect_timeout=ANSWERS_WITHIN_S,
        # The library would connect again in silence, and nobody would know what was missed.
        retry=once(),
        protocol=2,
    )
    made: AbstractConnection = pool.make_connection()
    return made


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[AbstractConnection]:
    """An open connection of one's own, which is closed at the end. Raises one of Failures."""
    line: Any = unopened(url)
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await line.connect()
        yield line
    finally:
        await line.disconnect(nowait=True)


def once() -> Retry:
    """The library's word for not trying again."""
    return Retry(NoBackoff(), 0)


def site_on_redis(secret: str) -> str:
    """The name of a site on a Redis that several share; nodes of one site have one secret."""
    return hmac.new(secret.encode(), b"parley bus", hashlib.sha256).hexdigest()[:16]


class Channels:
    """The channels of one site: their names and the form of what is published on them.

    A message is the sender's id, the kind and the JSON, with a space between them, so that a node
    knows its own messages without decoding them.
    """

    def __init__(self, site: str) -> None:
        self._prefix = f"parley:{site}:"

    def of(self, topic: str) -> str:
        """The channel of `topic`."""
        return self._prefix + topic

    def topic(self, channel: bytes) -> str:
        """The topic of a channel."""
        return channel.decode()[len(self._prefix) :]

    def message(self, hint: Hint) -> bytes:
        """The bytes that are published for `hint`."""
        return b"%b %b %b" % (hint.sender.encode(), hint.kind.encode(), hint.data)

    def hint(self, channel: bytes, message: bytes, but_of: bytes) -> Hint | None:
        """The hint of a message; None for one that the node `but_of` sent itself, and for one of
        another form: it is of another version, or of a stranger."""
        if message.startswith(but_of) and BEAT_MARK not in message[:40]:
            return None
        try:
            sender, kind, data = message.split(b" ", 2)
            return Hint(self.topic(channel), kind.decode(), data, sender.decode())
        except ValueError:
            return None
