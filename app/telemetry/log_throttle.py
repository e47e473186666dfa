"""Keeps the log readable, and the disk free, while somebody is refused again and again.

The first lines of a kind are written; the rest of a minute is counted, and told in one line.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

from app.security.client_address import site_of

LINES_EACH = 10
KINDS_AT_MOST = 5_000
WINDOW_S = 60.0
# What can't be told apart any more because too many are refused at once.
OTHERS = "others"

Kind = tuple[str, str, str]
Line = MutableMapping[str, Any]


class LogThrottle:
    """A structlog processor. A line is of a refusal where it has an `address` and an `error`; those
    of one network, one event and one error are of a kind.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = 0.0
        self._seen: Counter[Kind] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, _: Any, __: str, line: Line) -> Line:
        address, error = line.get("address"), line.get("error")
        if isinstance(address, str) and isinstance(error, str):
            self._must_be_rare((site_of(address), str(line.get("event")), error))
        return line

    def _must_be_rare(self, kind: Kind) -> None:
        if self._clock() >= self._ends:
            self.sum_up()
        if kind not in self._seen and len(self._seen) >= KINDS_AT_MOST:
            kind = (OTHERS, *kind[1:])
        self._seen[kind] += 1
        if self._seen[kind] > LINES_EACH:
            raise structlog.DropEvent

    def sum_up(self) -> None:
        """Tell what was not written, and begin anew."""
        seen, self._seen = self._seen, Counter()
        self._ends = self._clock() + WINDOW_S
        security = structlog.get_logger("security")
        for (site, event, error), times in seen.items():
            if times > LINES_EACH:
                # Without `error`: this line is none of those that are counted.
                again = {"line": event, "reason": error, "times": times - LINES_EACH}
                security.warning("refused_again", address=site, **again)
        self._wake_up_at_its_end()

    def _wake_up_at_its_end(self) -> None:
        """Have the sum told although nobody is refused any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # A command, which is over soon.
        self._timer = loop.call_later(WINDOW_S, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._seen:
            self.sum_up()
