"""The figures as they change: one frame a second for all admins who are looking, or none."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from msgspec import to_builtins
from msgspec.structs import replace

from app.accounts.models import User
from app.analytics.requests import Metrics
from app.errors import ParleyError
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.storage.errors import DatabaseError

EVERY_S = 1.0

log = structlog.get_logger("analytics")

Measure = Callable[[], Awaitable[Metrics]]
WhoIs = Callable[[str], Awaitable[User]]


class LiveFigures:
    """Who is looking. `who_is` tells whether they are admins: that can end while they look."""

    def __init__(self, measure: Measure, who_is: WhoIs, every_s: float = EVERY_S) -> None:
        self._measure = measure
        self._who_is = who_is
        self._every_s = every_s
        self._lookers: dict[Connection, None] = {}
        self._is_wanted = asyncio.Event()
        self._said: Metrics | None = None

    async def begin(self, connection: Connection) -> None:
        """Tell this one the present figures, then what changes."""
        self._lookers[connection] = None
        self._is_wanted.set()
        event = event_of(await self._measure())
        await self._dismiss()
        # It may have left meanwhile, or its person's role.
        if connection in self._lookers:
            connection.send(event)

    def end(self, connection: Connection) -> None:
        """Nothing more for this one."""
        self._lookers.pop(connection, None)
        if not self._lookers:
            self._is_wanted.clear()

    async def run(self) -> None:
        """For ever; costs nothing while nobody looks."""
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
        # The last before sending: measuring takes a while.
        await self._dismiss()
        for connection in list(self._lookers):
            connection.send(event)

    async def _dismiss(self) -> None:
        """Let those go who are no admins any more."""
        for connection in list(self._lookers):
            if not (await self._who_is(connection.user_id)).is_admin:
                self.end(connection)


def event_of(metrics: Metrics) -> Event:
    """The frame, which is encoded once however many get it."""
    return Event("metrics", to_builtins(metrics))


def is_same(one: Metrics, other: Metrics) -> bool:
    """Whether nothing but the time differs."""
    return replace(one, timestamp=other.timestamp) == other
