"""When to ask a peer whether it is still there, and when to give it up.

One timer a connection, set to the moment itself: intervals may be well below a second.
"""

import asyncio
import math
from collections.abc import Callable


class Heartbeat:
    """Calls `ask` `interval_s` after the last answer, and `give_up` `timeout_s` after asking."""

    __slots__ = (
        "_ask",
        "_deadline",
        "_give_up",
        "_interval_s",
        "_is_asked",
        "_timeout_s",
        "_timer",
    )

    def __init__(
        self,
        interval_s: float,
        timeout_s: float,
        ask: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._ask = ask
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None
        self._is_asked = False
        self._deadline = math.inf

    @property
    def is_over(self) -> bool:
        """Whether the peer was silent for too long, also where the timer has not run yet."""
        return asyncio.get_running_loop().time() >= self._deadline

    def begin(self) -> None:
        """Count from now on."""
        loop = asyncio.get_running_loop()
        asks_at = loop.time() + self._interval_s
        self._is_asked = False
        self._deadline = asks_at + self._timeout_s
        self._timer = loop.call_at(asks_at, self._ask_now)

    def _ask_now(self) -> None:
        self._is_asked = True
        self._timer = asyncio.get_running_loop().call_at(self._deadline, self._give_up)
        self._ask()

    def answered(self) -> None:
        """The peer is there; what it says without being asked proves nothing."""
        if self._is_asked:
            self.stop()
            self.begin()

    def stop(self) -> None:
        """Ask no more."""
        self._is_asked = False
        self._deadline = math.inf
        if self._timer is not None:
            self._timer.cancel()
