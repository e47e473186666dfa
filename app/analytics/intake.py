"""Where events are accepted: into memory, counted at once, written within a second.

The one place where what was acknowledged may be lost: at most the last second, at SIGKILL.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.analytics.active_visitors import ActiveVisitors, milliseconds
from app.analytics.models import Accepted, Event, Naming, accepted
from app.analytics.tally import Tally
from app.errors import Unavailable
from app.ids import new_id

RETRY_AFTER_S = 1
PATIENCE_S = 3.0
# One event may be as large as a call: few of them must not take all memory either.
MOST_BYTES = 16 * 1024 * 1024


class Intake:
    """One tally at a time. `accepted` are told of what was taken, in their order."""

    def __init__(
        self, active: ActiveVisitors, capacity: int, clock: Callable[[], datetime]
    ) -> None:
        self._active = active
        self._capacity = capacity
        self._clock = clock
        self._tally = Tally()
        self._wide: list[Tally] = []
        self._gauges: dict[str, Callable[[], int]] = {}
        self.accepted: list[Callable[[Sequence[Accepted]], None]] = []
        self._bound = capacity
        self._moved = asyncio.Event()
        self._waiting_bytes = 0
        self.waiting = 0
        self.dropped = 0
        self.is_closed = False

    @property
    def is_empty(self) -> bool:
        return not self._tally and not self._wide

    async def room(self, count: int) -> None:
        """Wait until `count` more can be on disk within a second, as fast as writing goes now.

        Raises Unavailable where that takes too long, as while the database is away.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.waiting and self.waiting + count > self._bound:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise _full() from None

    def take(
        self,
        events: Sequence[Event],
        user_id: str | None,
        place: str = "[{}].",
        size_bytes: int = 0,
        naming: Naming = "vouched",
    ) -> int:
        """Count all of `events` and return how many they are, or none of them.

        `place` is where in the request the one of an index stands, `size_bytes` how long that was,
        `naming` whether the names in it may become counts of their own.
        Raises Invalid naming the field, Unavailable while too many wait to be written.
        """
        now = self._clock()
        # One id for the call, numbered: making one costs as much as all the rest.
        taken = accepted(events, user_id, now, new_id(), place, naming)
        if self.is_closed:
            raise Unavailable("The server is stopping; please send it again.", retry_after=5)
        if self.waiting + len(events) > self._capacity or self._waiting_bytes > MOST_BYTES:
            raise _full()
        self._waiting_bytes += size_bytes
        self._tally.size_bytes += size_bytes
        self._accept(taken, now)
        return len(taken)

    def note(
        self,
        event_type: str,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        properties: Mapping[str, Any] = {},
    ) -> None:
        """Count something that happened here. What the buffer can't hold is dropped and counted."""
        if self.is_closed or self.waiting >= self._capacity:
            self.dropped += 1
            return
        now = self._clock()
        event = Event(event_type=event_type, session_id=session_id, properties=dict(properties))
        self._accept(accepted([event], user_id, now, new_id(), ""), now)

    def timed(self, series: str, ms: float) -> None:
        """Measure how long something took here."""
        self._tally.took(series, self._minute(), ms)

    def failed(self, code: str) -> None:
        """Count an error that somebody was told of."""
        self._tally.failed(code, self._minute())

    def gauge(self, series: str, read: Callable[[], int]) -> None:
        """Keep reading this figure, once with every flush."""
        self._gauges[series] = read

    def gauges(self) -> dict[str, int]:
        """What the gauges show now, without those at zero."""
        return {series: value for series, read in self._gauges.items() if (value := read())}

    def swap(self) -> list[Tally]:
        """What came in since the last time, to be written; from here on a new tally counts."""
        taken = [*self._wide, self._tally]
        self._wide, self._tally = [], Tally()
        return taken

    def written(self, tally: Tally, at_once: int) -> None:
        """One that `swap` gave is on disk; about `at_once` events can be in the time there is."""
        self.waiting -= len(tally.raw)
        self._waiting_bytes -= tally.size_bytes
        self._bound = min(self._capacity, at_once)
        self._moved.set()

    def _accept(self, events: Sequence[Accepted], now: datetime) -> None:
        self.waiting += len(events)
        for event in events:
            self._tally.add(event)
            if self._tally.is_wide:
                self._wide.append(self._tally)
                self._tally = Tally()
        self._active.arrived({e.visitor for e in events}, milliseconds(now))
        for observer in self.accepted:
            observer(events)

    def _minute(self) -> int:
        return int(self._clock().timestamp()) // 60


def _full() -> Unavailable:
    return Unavailable(
        "Too many events wait to be written; please send them again.", retry_after=RETRY_AFTER_S
    )
