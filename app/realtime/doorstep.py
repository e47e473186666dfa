"""Cuts off who connects and never finishes a request: aiohttp would wait for them for ever."""

import asyncio
from time import monotonic

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from app.realtime.refused import note_slow

WITHIN_S = 20.0
LOOKS_EVERY_S = 2.0


class Doorstep:
    """Looks at all connections of `server` now and then: a timer each would cost every one."""

    def __init__(self, server: web.Server) -> None:
        self._server = server
        self._since: dict[RequestHandler, float] = {}

    async def watch(self) -> None:
        """For ever."""
        while True:
            self.look(monotonic())
            await asyncio.sleep(LOOKS_EVERY_S)

    def look(self, now: float) -> None:
        """End those that have stood here for too long."""
        since = {
            connection: self._since.get(connection, now)
            for connection in self._server.connections
            if not has_asked(connection)
        }
        for connection, began in list(since.items()):
            if now - began >= WITHIN_S and connection.transport is not None:
                peer = connection.peername
                note_slow(str(peer[0]) if isinstance(peer, tuple) else "", "connection")
                connection.transport.abort()
                del since[connection]
        self._since = since


def has_asked(connection: RequestHandler) -> bool:
    """Whether a first request arrived, with all its headers."""
    # aiohttp counts them, but shows it to nobody.
    return bool(connection._request_count)  # noqa: SLF001
