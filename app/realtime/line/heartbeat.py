"""When to ask a client whether it is still there, and when to give it up.

One timer for each line, set to the moment itself: intervals may be well below a second.
"""

import asyncio
import math
from typing import Protocol

from app.loop_pacing import Pace

BEATS_A_TURN = 100


class Peer(Protocol):
    """The one that is asked."""

    def ping(self) -> None: ...

    def give_up(self) -> None: ...


class Heartbeat:
    """Pings `peer` every `interval_s`, and gives it up `timeout_s` after it was heard last. It
    asks again only when it has heard something; a peer that never answers has no timeout (inf).

    `pace` spreads the beats of a crowd, which are due together, over many turns of the loop.
    """

    __slots__ = ("_asked_at", "_heard_at", "_interval_s", "_pace", "_peer", "_timeout_s", "_timer")

    def __init__(self, peer: Peer, interval_s: float, timeout_s: float, pace: Pace) -> None:
        self._peer = peer
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._pace = pace
        self._heard_at = self._asked_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_over(self) -> bool:
        """Whether the peer was silent for too long, also where the timer has not run yet."""
        return asyncio.get_running_loop().time() >= self._heard_at + self._timeout_s

    def begin(self) -> None:
        """Count from now on."""
        self._heard_at = self._asked_at = asyncio.get_running_loop().time()
        self._set_timer()

    def heard(self) -> None:
        """The peer has sent something."""
        was_asked = self._is_asked
        self._heard_at = asyncio.get_running_loop().time()
        if was_asked and self._timer is not None:
            self._timer.cancel()
            self._set_timer()

    def answered(self) -> None:
        """The peer has sent what answers a ping; where none was open it proves nothing."""
        if self._is_asked:
            self.heard()

    def stop(self) -> None:
        """Ask no more."""
        self._heard_at = math.inf
        if self._timer is not None:
            self._timer.cancel()

    @property
    def _is_asked(self) -> bool:
        return self._asked_at > self._heard_at and self._timeout_s < math.inf

    def _set_timer(self) -> None:
        due = self._heard_at + self._timeout_s
        if not self._is_asked:
            due = min(due, self._asked_at + self._interval_s)
        self._timer = asyncio.get_running_loop().call_at(due, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._heard_at + self._timeout_s:
            self._pace.run(self._peer.give_up)
            return
        if not self._is_asked and now >= self._asked_at + self._interval_s:
            self._asked_at = now
            self._pace.run(self._peer.ping)
        self._set_timer()
