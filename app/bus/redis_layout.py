"""Where channels live: on one Redis, or each on its shard of a cluster.

On a cluster, `SPUBLISH` stays within the shard, where `PUBLISH` would go to all its servers:
https://redis.io/docs/latest/develop/interact/pubsub/#sharded-pubsub.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio.connection import AbstractConnection
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from app.bus.redis_connection import ANSWERS_WITHIN_S, connection


class Layout:
    """The servers of a Redis by their URL, and which of them has a channel."""

    def __init__(self, urls: Sequence[str], slots: Sequence[int] | None = None) -> None:
        self.urls = urls
        self._slots = slots

    @property
    def is_cluster(self) -> bool:
        """Whether channels are sharded."""
        return self._slots is not None

    def server_of(self, channel: str) -> int:
        """The place in `urls` of the server that has `channel`."""
        return 0 if self._slots is None else self._slots[key_slot(channel.encode())]


async def layout(url: str) -> Layout:
    """Ask the server at `url`. Raises what a connection raises."""
    async with connection(url) as line, asyncio.timeout(ANSWERS_WITHIN_S):
        if b"cluster_enabled:1" not in await _ask(line, "INFO", "cluster"):
            return Layout([url])
        return clustered(url, await _ask(line, "CLUSTER", "SLOTS"))


async def _ask(line: AbstractConnection, *command: str) -> Any:
    await line.send_packed_command(line.pack_command(*command), check_health=False)
    return await line.read_response()


def clustered(url: str, ranges: Sequence[Any]) -> Layout:
    """The layout by the answer to `CLUSTER SLOTS`. Raises RedisError where a slot has no server."""
    urls: dict[str, int] = {}
    slots = [-1] * REDIS_CLUSTER_HASH_SLOTS
    for first, last, (host, port, *_), *_ in ranges:
        of_server = _at(url, bytes(host or b"").decode(), int(port))
        place = urls.setdefault(of_server, len(urls))
        slots[first : last + 1] = [place] * (last + 1 - first)
    if -1 in slots:
        raise RedisError("The cluster has slots without a server.")
    return Layout(list(urls), slots)


def _at(url: str, host: str, port: int) -> str:
    """`url` with another host and port; an empty host is the one that was asked."""
    parts = urlsplit(url)
    host = host or parts.hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    login, at, _ = parts.netloc.rpartition("@")
    netloc = f"{login}{at}{shown}:{port}"
    return urlunsplit((parts.scheme, netloc, "", parts.query, parts.fragment))
