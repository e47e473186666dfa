"""Accepts events: counts them in memory at once; `writer.py` writes them within a second.

A SIGKILL loses the events of at most the last second, although they were acknowledged.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from app.analytics.active_visitors import ActiveVisitors, milliseconds
from app.analytics.known_sessions import KnownSessions
from app.analytics.models import Accepted, Event, Naming, accepted, visitor_of
from app.analytics.tally import Tally
from app.errors import TooLarge, Unavailable
from app.ids import new_id
from app.times import Clock

RETRY_AFTER_S = 1
PATIENCE_S = 3.0
MAX_CALL_BYTES = 65_536
# One event may be as large as a request, so the buffer is bounded in bytes too.
MOST_BYTES = 16 * 1024 * 1024


class Noted(NamedTuple):
    """An event of Parley itself; `is_visit` says whether the user was there."""

    event_type: str
    user_id: str
    is_visit: bool


def too_large() -> TooLarge:
    """The error for a call with more bytes of events than one may have, on any transport."""
    return TooLarge(f"A call takes at most {MAX_CALL_BYTES:,} bytes of events. Send fewer at once.")


class Intake:
    """Gathers events in one tally at a time. `accepted` are called with the accepted events."""

    def __init__(self, active: ActiveVisitors, capacity: int, clock: Clock) -> None:
        self._active = active
        self._capacity = capacity
        self._clock = clock
        self._sessions = KnownSessions()
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

    @property
    def has_counts(self) -> bool:
        """Whether events or errors were counted since the last `swap`, not only durations."""
        return bool(self._wide or self._tally.minutes)

    async def room(self, count: int) -> None:
        """Wait until `count` more events can be written within a second at the present speed.

        Raises Unavailable after PATIENCE_S, such as while the database is away.
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
        """Count all of `events`, or none, and return their number.

        `place` formats an index as the field's path in the request, `size_bytes` is the length of
        the request, `naming` says whether its names may become counts of their own.
        Raises Invalid naming the field, Unavailable while too many events wait to be written.
        """
        now = self._clock()
        # One id per call plus a number: making an id costs as much as all the rest.
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
        is_visit: bool = True,
    ) -> None:
        """Count an event of Parley itself; while the buffer is full, count it as dropped.

        `is_visit` says whether the user was there, and counts as a visitor.
        """
        if self.is_closed or self.waiting >= self._capacity:
            self.dropped += 1
            return
        now = self._clock()
        event = Event(event_type=event_type, session_id=session_id, properties=dict(properties))
        taken = accepted([event], user_id, now, new_id(), "")
        self._accept(taken if is_visit else [replace(each, visitor=None) for each in taken], now)

    def note_all(self, noted: Sequence[Noted]) -> None:
        """Count events of Parley itself that happened together, as `note` does each."""
        if self.is_closed or self.waiting + len(noted) > self._capacity:
            self.dropped += len(noted)
            return
        now, call = self._clock(), new_id()
        taken = [
            Accepted(
                f"{call}{n:04x}",
                each.event_type,
                each.user_id,
                None,
                visitor_of(each.user_id, None) if each.is_visit else None,
                {},
                now,
                now,
            )
            for n, each in enumerate(noted)
        ]
        self._accept(taken, now)

    def timed(self, series: str, ms: float) -> None:
        """Add a duration, in milliseconds, to `series`."""
        self._tally.took(series, self._minute(), ms)

    def failed(self, code: str) -> None:
        """Count an error that a client got."""
        self._tally.failed(code, self._minute())

    def gauge(self, series: str, read: Callable[[], int]) -> None:
        """Call `read` with every flush, and store what it returns as `series`."""
        self._gauges[series] = read

    def gauges(self) -> dict[str, int]:
        """The present values of the gauges, without those at zero."""
        return {series: value for series, read in self._gauges.items() if (value := read())}

    def swap(self) -> list[Tally]:
        """The tallies since the last call, to be written; counting goes on in a new one."""
        taken = [*self._wide, self._tally]
        self._wide, self._tally = [], Tally()
        return taken

    def written(self, tally: Tally, at_once: int) -> None:
        """Note that a tally from `swap` is written, and how many events can be written in time."""
        self.waiting -= len(tally.raw)
        self._waiting_bytes -= tally.size_bytes
        self._bound = min(self._capacity, at_once)
        self._moved.set()

    def _accept(self, taken: Sequence[Accepted], now: datetime) -> None:
        # Hot path: events of Parley itself have no session.
        events = [e if e.session_id is None else self._sessions.attributed(e) for e in taken]
        self.waiting += len(events)
        for event in events:
            self._tally.add(event)
            if self._tally.is_wide:
                self._wide.append(self._tally)
                self._tally = Tally()
        now_ms = milliseconds(now)
        self._active.arrived({e.visitor for e in events}, now_ms)
        if signed_in := [e.session_id for e in events if e.is_first_signed_in]:
            self._active.signed_in({visitor_of(None, each) for each in signed_in}, now_ms)
        for observer in self.accepted:
            observer(events)

    def _minute(self) -> int:
        return int(self._clock().timestamp()) // 60


def _full() -> Unavailable:
    return Unavailable(
        "Too many events wait to be written; please send them again.", retry_after=RETRY_AFTER_S
    )
