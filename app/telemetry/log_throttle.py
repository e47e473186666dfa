"""Drops log lines about refusals that repeat, so that an attacker can't fill the disk.

The first lines of a kind are written; the others of a minute are counted and summed up in one line.
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
# Beyond KINDS_AT_MOST addresses are counted together.
OTHERS = "others"

Kind = tuple[str, str, str]
Line = MutableMapping[str, Any]


class LogThrottle:
    """A structlog processor. A line with `address` and `error` is about a refusal; lines of the
    same network, event and error are of one kind.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = 0.0
        self._seen: Counter[Kind] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, _: Any, __: str, line: Line) -> Line:
        address, error = line.get("address"), line.get("error")
        if isinstance(address, str) and isinstance(error, str):
            self._drop_repeated((site_of(address), str(line.get("event")), error))
        return line

    def _drop_repeated(self, kind: Kind) -> None:
        if self._clock() >= self._ends:
            self.sum_up()
        if kind not in self._seen and len(self._seen) >= KINDS_AT_MOST:
            kind = (OTHERS, *kind[1:])
        self._seen[kind] += 1
        if self._seen[kind] > LINES_EACH:
            raise structlog.DropEvent

    def sum_up(self) -> None:
        """Log how many lines of each kind were dropped, and begin a new minute."""
        seen, self._seen = self._seen, Counter()
        self._ends = self._clock() + WINDOW_S
        security = structlog.get_logger("security")
        for (site, event, error), times in seen.items():
            if times > LINES_EACH:
                # `reason` in place of `error`, so that this line is not counted itself.
                again = {"line": event, "reason": error, "times": times - LINES_EACH}
                security.warning("refused_again", address=site, **again)
        self._schedule()

    def _schedule(self) -> None:
        """Sum up at the end of the minute, also when no further line comes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # A command line program, which sums up at its exit.
        self._timer = loop.call_later(WINDOW_S, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._seen:
            self.sum_up()
