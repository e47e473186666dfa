"""Closes each connection at the moment at which the token or session that proved it ends."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from app.accounts.models import Caller
from app.loop_pacing import Pace
from app.times import now

# Ends further away than this have no timer yet: most connections are gone before. The sweep comes
# by more often.
AHEAD = timedelta(seconds=180)
CLOSED_A_TURN = 20


class Expiring(Protocol):
    """A connection, as it is needed here."""

    caller: Caller
    is_ending: bool

    def close(self) -> None: ...


class Expiry:
    """One timer for each connection whose proof ends soon."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._timers: dict[Expiring, asyncio.TimerHandle] = {}
        # One token can have let thousands in.
        self._closing = Pace(at_once=CLOSED_A_TURN)

    def __len__(self) -> int:
        return len(self._timers)

    def watch(self, connection: Expiring) -> None:
        """Close `connection` in time, or at once; harmless where it is watched already."""
        ends = connection.caller.ends
        if ends is None or connection in self._timers:
            return
        left = ends - self._clock()
        if left <= AHEAD:
            loop = asyncio.get_running_loop()
            delay = max(0.0, left.total_seconds())
            self._timers[connection] = loop.call_later(delay, self._end, connection)

    def forget(self, connection: Expiring) -> None:
        """It has left."""
        if timer := self._timers.pop(connection, None):
            timer.cancel()

    def _end(self, connection: Expiring) -> None:
        del self._timers[connection]
        if connection.caller.has_ended(self._clock()):
            connection.is_ending = True
            self._closing.run(connection.close)
        else:
            self.watch(connection)  # The clock was set back meanwhile.
