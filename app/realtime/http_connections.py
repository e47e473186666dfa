"""Bounds what open HTTP connections take: those on which nothing happens are ended in time, and the
longest idle ones make room when there are too many.

`app/web/http_server.py` reads the activity of a connection from aiohttp's own state when it is
needed: recording it would slow every request.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

import msgspec
import structlog
from aiohttp import hdrs
from msgspec import Struct

from app.errors import Unavailable
from app.realtime.pool import FULL, RETRY_AFTER_S
from app.realtime.security_log import log_slow_handshake
from app.security.client_address import site_of
from app.security.headers import OUTSIDE_MIDDLEWARE
from app.web.http_server import Connection, Server

FIRST_REQUEST_WITHIN_S = 20.0
# A connection that is younger may be about to ask.
LOOKS_EVERY_S = 2.0
# Looking for idle ones takes as long as there are connections. Where so small a part of them was
# idle, the next look waits for a moment.
WORTH_LOOKING = 1 / 16
LOOKS_AGAIN_S = 0.1

security = structlog.get_logger("security")


class ConnectionLimits(Struct, frozen=True, kw_only=True):
    """`at_most` are open in all. One is ended `idle_s` after an answer, or when its client took
    nothing of it for `stalled_s`. `idle_per_address` (0: any number) stay open while idle."""

    at_most: int
    idle_per_address: int
    idle_s: float
    stalled_s: float


class HttpConnections:
    """All connections of `server`. `is_proxy` tells whether an address is a trusted proxy's, which
    keeps connections open for many people."""

    def __init__(
        self, server: Server, limits: ConnectionLimits, is_proxy: Callable[[str], bool]
    ) -> None:
        self._server = server
        self._limits = limits
        self._is_proxy = is_proxy
        self._open = 0
        self._ending: set[Connection] = set()
        self._stalled: dict[Connection, tuple[int, float]] = {}
        self._made_way = 0
        self._idle_longest: deque[tuple[Connection, float]] = deque()
        self._is_still = Connection.is_idle
        self._looks_again_at = 0.0

    def __len__(self) -> int:
        # aiohttp keeps a connection until its last handler has ended.
        return self._open - len(self._ending)

    def opened(self, connection: Connection) -> None:
        """Count a new connection; over the limit, close the longest idle ones, or this one."""
        self._open += 1
        if len(self) > self._limits.at_most and not self._make_room():
            self._ending.add(connection)
            self._made_way += 1
            turn_away(connection)

    def closed(self, connection: Connection) -> None:
        """A connection has ended, by the client or by the server."""
        self._open -= 1
        self._ending.discard(connection)

    async def watch(self) -> None:
        """Close idle connections, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self.look(loop.time())
            await asyncio.sleep(LOOKS_EVERY_S)

    def look(self, now: float) -> None:
        """End those on which nothing has happened for too long."""
        self._idle_longest.clear()
        idle = self._idle()
        self._end_slow([each for each in idle if not each.has_asked], now)
        self._end_old([each for each in idle if each.has_asked], now)
        left = [each for each in idle if each.is_idle()]
        self._end_surplus(e for e in left if now - e.idle_since() >= LOOKS_EVERY_S)
        self._end_stalled(now)
        if self._made_way:
            security.warning("connections_made_way", times=self._made_way)
            self._made_way = 0

    def _idle(self) -> list[Connection]:
        return [c for c in self._server.open_connections if c.is_idle()]

    def _end_slow(self, connections: Iterable[Connection], now: float) -> None:
        """Those that connected and never finished a request."""
        for connection in connections:
            if now - connection.idle_since() >= FIRST_REQUEST_WITHIN_S:
                log_slow_handshake(peer_of(connection), "connection")
                self._end(connection)

    def _end_old(self, connections: Iterable[Connection], now: float) -> None:
        for connection in connections:
            is_old = now - connection.idle_since() >= self._limits.idle_s
            if is_old and not self._is_proxy(peer_of(connection)):
                self._end(connection)

    def _end_surplus(self, connections: Iterable[Connection]) -> None:
        if self._limits.idle_per_address:
            for rank, connection in self._ranked(connections):
                if rank >= self._limits.idle_per_address:
                    self._end(connection)
                    self._made_way += 1

    def _end_stalled(self, now: float) -> None:
        """Those whose client takes nothing of its answer."""
        stalled = {}
        for connection in self._server.open_connections:
            if not connection.is_answering() or connection.transport is None:
                continue
            if size := connection.transport.get_write_buffer_size():
                before, began = self._stalled.get(connection, (0, now))
                stalled[connection] = (size, began if size == before else now)
        for connection, (_, began) in stalled.items():
            if now - began >= self._limits.stalled_s:
                log_slow_handshake(peer_of(connection), "answer")
                self._end(connection)
        self._stalled = stalled

    def _make_room(self) -> bool:
        """End one that is idle, else one whose body is still on its way; whether there was any."""
        if self._end_idle_longest():
            return True
        now = asyncio.get_running_loop().time()
        if now < self._looks_again_at:
            return False
        found = self._idle()
        is_rare = len(found) < WORTH_LOOKING * len(self)
        self._looks_again_at = now + LOOKS_AGAIN_S if is_rare else now
        self._is_still = Connection.is_idle if found else Connection.is_sending
        ranked = sorted(self._ranked(found or self._sending()), key=lambda each: -each[0])
        # The other half may not be the right ones any more when it is their turn.
        for _, connection in ranked[: len(ranked) // 2 + 1]:
            self._idle_longest.append((connection, connection.idle_since()))
        return self._end_idle_longest()

    def _end_idle_longest(self) -> bool:
        while self._idle_longest:
            connection, idle_since = self._idle_longest.popleft()
            if self._is_still(connection) and connection.idle_since() == idle_since:
                self._end(connection)
                self._made_way += 1
                return True
        return False

    def _sending(self) -> list[Connection]:
        return [c for c in self._server.open_connections if c.is_sending()]

    def _ranked(self, connections: Iterable[Connection]) -> list[tuple[int, Connection]]:
        """Each with how many of its network have been idle for less long; of a proxy 0."""
        networks = defaultdict(list)
        for connection in connections:
            networks[site_of(peer_of(connection))].append(connection)
        ranked: list[tuple[int, Connection]] = []
        for site, found in networks.items():
            is_proxy = self._is_proxy(site)
            found.sort(key=Connection.idle_since, reverse=True)
            ranked += [(0 if is_proxy else n, each) for n, each in enumerate(found)]
        return ranked

    def _end(self, connection: Connection) -> None:
        self._ending.add(connection)
        if connection.transport is not None:
            connection.transport.abort()


def peer_of(connection: Connection) -> str:
    """The address at the other end."""
    peer = connection.peername
    return str(peer[0]) if isinstance(peer, tuple) else ""


def turn_away(connection: Connection) -> None:
    """Answer a connection that was just accepted that the server is full, and end it."""
    if connection.transport is not None:
        connection.transport.write(NO_ROOM)
    connection.force_close()


def _no_room() -> bytes:
    error = Unavailable(FULL, retry_after=RETRY_AFTER_S)
    body = msgspec.json.encode({"error": error.as_error()})
    headers = {
        **OUTSIDE_MIDDLEWARE,
        hdrs.CONTENT_TYPE: "application/json; charset=utf-8",
        hdrs.CONTENT_LENGTH: str(len(body)),
        hdrs.RETRY_AFTER: str(round(RETRY_AFTER_S)),
        hdrs.CONNECTION: "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return b"HTTP/1.1 503 Service Unavailable\r\n%b\r\n%b" % (lines.encode(), body)


NO_ROOM = _no_room()
