"""Shows admins the figures as they change: at most one frame a second, the same for all."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from msgspec import to_builtins
from msgspec.structs import replace

from app.accounts.models import User
from app.analytics.requests import Metrics
from app.errors import ParleyError
from app.realtime.connections import Connection
from app.realtime.server_event import Event
from app.storage.errors import DatabaseError

EVERY_S = 1.0

log = structlog.get_logger("analytics")

Measure = Callable[[], Awaitable[Metrics]]
WhoIs = Callable[[str], Awaitable[User]]


class LiveFigures:
    """The connections that look on. `who_is` returns a user; their role can end meanwhile."""

    def __init__(self, measure: Measure, who_is: WhoIs, every_s: float = EVERY_S) -> None:
        self._measure = measure
        self._who_is = who_is
        self._every_s = every_s
        self._lookers: dict[Connection, None] = {}
        self._is_wanted = asyncio.Event()
        self._said: Metrics | None = None

    async def begin(self, connection: Connection) -> None:
        """Show this connection the present figures, then their changes."""
        self._lookers[connection] = None
        self._is_wanted.set()
        event = event_of(await self._measure())
        await self._dismiss()
        # The connection, or its user's role, may have ended meanwhile.
        if connection in self._lookers:
            connection.send(event)

    def end(self, connection: Connection) -> None:
        """Show this connection nothing more."""
        self._lookers.pop(connection, None)
        if not self._lookers:
            self._is_wanted.clear()

    async def run(self) -> None:
        """Show changes once a second, for ever; costs nothing while nobody looks on."""
        while True:
            await self._is_wanted.wait()
            try:
                await self._tell()
            except (DatabaseError, ParleyError) as error:
                log.warning("figures wait", reason=type(error).__name__)
            await asyncio.sleep(self._every_s)

    async def _tell(self) -> None:
        metrics = await self._measure()
        if self._said is not None and is_same(metrics, self._said):
            return
        self._said = metrics
        event = event_of(metrics)
        # Checked last, right before sending: measuring takes a while.
        await self._dismiss()
        for connection in list(self._lookers):
            connection.send(event)

    async def _dismiss(self) -> None:
        """End the connections of users who are no longer admins."""
        for connection in list(self._lookers):
            if not (await self._who_is(connection.user_id)).is_admin:
                self.end(connection)


def event_of(metrics: Metrics) -> Event:
    """The event `metrics`; it is encoded once for all connections."""
    return Event("metrics", to_builtins(metrics))


def is_same(one: Metrics, other: Metrics) -> bool:
    """Whether two metrics differ in nothing but their time."""
    return replace(one, timestamp=other.timestamp) == other
